"""F1, F2, the parts about credit: who spends a gift card, or makes those that were bought, is killed."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from tests.commerce.credit.cards import account, make_card, moved
from tests.faults.guest import Guest
from tests.faults.http import Answer, Cut, insisting, until
from tests.faults.paying import PayingShop
from tests.faults.test_killed_while_paying import stopped_in_its_commit

TOTAL = 1900 + 490
WORTH = 5000
CARD_ROW = "SELECT FROM credit_accounts WHERE id = %s FOR UPDATE"
ORDER_ROW = "SELECT FROM orders WHERE id = %s FOR UPDATE"
ISSUED = ("issued", WORTH)
SPENT = ("spent", -TOTAL)
#: Brings a payment that was asked for to a point, and there kills the web worker that is at work on it.
Point = Callable[[PayingShop, Guest, UUID, Callable[[], Future[Answer]]], None]


def before_the_card_is_taken_off(shop: PayingShop, buyer: Guest, card: UUID, ask: Callable[[], Future[Answer]]) -> None:
    with shop.standing_in_the_way(CARD_ROW, card):
        ask()
        shop.waits_for_a_lock("FROM credit_accounts")
        shop.kill_children("web")
    assert moved(card) == [ISSUED]


def in_the_commit_that_takes_it_off(
    shop: PayingShop, buyer: Guest, card: UUID, ask: Callable[[], Future[Answer]]
) -> None:
    with shop.standing_in_the_way(CARD_ROW, card) as lock:
        ask()
        with shop.goes_on_to_its_commit("FROM credit_accounts", lock):
            shop.kill_children("web")
    until(lambda: moved(card) == [ISSUED, SPENT], 10, "the commit is there")
    assert shop.payments(buyer) == [("pending", 0, 0)]


def before_the_order_hears_of_it(shop: PayingShop, buyer: Guest, card: UUID, ask: Callable[[], Future[Answer]]) -> None:
    with shop.standing_in_the_way(CARD_ROW, card) as lock:
        ask()
        shop.waits_for_a_lock("FROM credit_accounts")
        with shop.standing_in_the_way(ORDER_ROW, buyer.order["id"]):
            lock.rollback()
            shop.waits_for_a_lock("FROM orders")
            shop.kill_children("web")
    assert moved(card) == [ISSUED, SPENT]
    assert shop.payments(buyer) == [("pending", 0, 0)]


def in_the_commit_of_the_order(shop: PayingShop, buyer: Guest, card: UUID, ask: Callable[[], Future[Answer]]) -> None:
    with shop.standing_in_the_way(CARD_ROW, card) as lock:
        ask()
        shop.waits_for_a_lock("FROM credit_accounts")
        with stopped_in_its_commit(shop, buyer, lock.rollback):
            shop.kill_children("web")
    until(lambda: shop.payments(buyer) == [("captured", TOTAL, 0)], 10, "the commit is there")


POINTS = (
    before_the_card_is_taken_off, in_the_commit_that_takes_it_off, before_the_order_hears_of_it,
    in_the_commit_of_the_order,
)  # fmt: skip


def pays(buyer: Guest, code: str, key: str) -> Answer:
    return buyer.asks_to_pay(code, key=key, provider="credit")  # type: ignore[return-value]  # over HTTP


def with_a_card(shop: PayingShop) -> tuple[Guest, UUID, str]:
    buyer = shop.buyer_with_an_order()
    card, code = make_card(WORTH)
    shop.secrets |= {code, code.replace("-", "")}
    return buyer, card, code


def dies_at(shop: PayingShop, point: Point, buyer: Guest, card: UUID, code: str, key: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked: list[Future[Answer]] = []

        def ask() -> Future[Answer]:
            asked.append(pool.submit(pays, buyer, code, key))
            return asked[0]

        point(shop, buyer, card, ask)
        assert isinstance(asked[0].exception(timeout=10), Cut)
    shop.comes_back_within(30)


def is_paid_once(shop: PayingShop, buyer: Guest, card: UUID) -> None:
    assert shop.payments(buyer) == [("captured", TOTAL, 0)]
    assert shop.order(buyer) == ("open", TOTAL, 0)
    assert shop.timeline(buyer).count("paid") == 1
    assert (account(card).balance_amount, moved(card)) == (WORTH - TOTAL, [ISSUED, SPENT])


@pytest.mark.parametrize("point", POINTS)
def test_f1_a_web_worker_killed_while_a_gift_card_pays_and_a_client_that_asks_again(
    shop: PayingShop, point: Point
) -> None:
    buyer, card, code = with_a_card(shop)
    key = str(uuid4())
    dies_at(shop, point, buyer, card, code, key)
    shop.a_minute_passes_for_keys()
    again = insisting(lambda: pays(buyer, code, key))
    assert (again.end, again.get_json()["state"]) == ("201", "captured")
    assert pays(buyer, code, key).data == again.data
    is_paid_once(shop, buyer, card)


def test_f1_a_web_worker_killed_while_a_gift_card_pays_and_a_client_that_never_comes_back(shop: PayingShop) -> None:
    buyers = {point: with_a_card(shop) for point in POINTS}
    for point, (buyer, card, code) in buyers.items():
        dies_at(shop, point, buyer, card, code, str(uuid4()))
    unasked, untouched, code = buyers.pop(before_the_card_is_taken_off)
    for buyer, card, _ in buyers.values():
        shop.settles(buyer, ("captured", TOTAL, 0), seconds=60)
        is_paid_once(shop, buyer, card)
    # Nothing was taken off, and the buyer can pay anew.
    shop.settles(unasked, ("declined", 0, 0), seconds=60)
    assert moved(untouched) == [ISSUED]
    assert pays(unasked, code, str(uuid4())).get_json()["state"] == "captured"
    assert (account(untouched).balance_amount, moved(untouched)) == (WORTH - TOTAL, [ISSUED, SPENT])


@pytest.mark.parametrize("all_of_it", [False, True], ids=["one-process", "the-whole-worker"])
@pytest.mark.parametrize("is_committed", [False, True], ids=["before-the-commit", "after-the-commit"])
def test_f2_a_worker_killed_while_it_makes_the_gift_cards_that_were_bought(
    shop: PayingShop, is_committed: bool, all_of_it: bool
) -> None:
    cards = "SELECT balance_amount, place FROM credit_accounts WHERE order_id = %s ORDER BY place"
    kill = shop.kill if all_of_it else shop.kill_children
    buyer = shop.buyer_with_an_order(mug=shop.market.product(price=WORTH, is_gift_card=True), quantity=2)
    shop.is_quiet_within(60)
    with shop.standing_in_the_way("LOCK TABLE credit_accounts IN EXCLUSIVE MODE") as lock:
        buyer.pays("tok_success")
        if is_committed:
            with shop.goes_on_to_its_commit("INTO credit_accounts", lock):
                kill("worker")
        else:
            shop.waits_for_a_lock("INTO credit_accounts")
            kill("worker")
    made = [(WORTH, 1), (WORTH, 2)]
    if is_committed:
        until(lambda: shop.sql(cards, buyer.order["id"]) == made, 10, "the commit is there")
    if all_of_it:
        shop.start("worker")
    shop.is_quiet_within(60)
    assert shop.sql(cards, buyer.order["id"]) == made
    movements = "credit_movements JOIN credit_accounts a ON a.id = account_id WHERE a.order_id = %s"
    assert shop.count(movements, buyer.order["id"]) == 2
    shown = buyer.said(buyer.send("POST", f"/v1/orders/{buyer.order['id']}/gift-cards/1/reveal"), 200)
    shop.secrets.add(shown["code"])
    assert shown["balance"] == {"amount": WORTH, "currency": "EUR"}
