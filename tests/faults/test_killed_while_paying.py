"""F1, F2, the parts about money: who asks the provider is killed before, while and after it is asked."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import pytest

from tests.faults.guest import Guest
from tests.faults.http import Answer, Cut, insisting, until
from tests.faults.paying import PayingShop

TOTAL = 1900 + 490
QUIET = "tok_success~slow~webhook-lost"
#: Brings a payment that was asked for to a point, and there kills the web worker that is at work on it.
Point = Callable[[PayingShop, Guest, Callable[[], Future[Answer]]], None]


@contextmanager
def stopped_in_its_commit(shop: PayingShop, buyer: Guest, ask: Callable[[], object] = lambda: None) -> Iterator[None]:
    """What next waits for the order, or is asked for now, goes on as far as its commit, which hangs."""
    in_the_way = shop.standing_in_the_way("SELECT FROM orders WHERE id = %s FOR UPDATE", buyer.order["id"])
    with in_the_way as lock:
        ask()
        with shop.goes_on_to_its_commit("FROM orders", lock):
            yield


def _is_charged(shop: PayingShop, buyer: Guest) -> None:
    until(lambda: shop.moved(buyer) == [("capture", TOTAL)], 10, "the provider has charged")


def before_the_provider_is_asked(shop: PayingShop, buyer: Guest, ask: Callable[[], Future[Answer]]) -> None:
    with stopped_in_its_commit(shop, buyer, ask):
        shop.kill_children("web")
    until(lambda: shop.payments(buyer) == [("pending", 0, 0)], 10, "the commit is there")
    assert shop.moved(buyer) == []


def while_the_provider_is_asked(shop: PayingShop, buyer: Guest, ask: Callable[[], Future[Answer]]) -> None:
    ask()
    _is_charged(shop, buyer)
    shop.kill_children("web")
    assert shop.payments(buyer) == [("pending", 0, 0)]


def after_its_ok_before_our_commit(shop: PayingShop, buyer: Guest, ask: Callable[[], Future[Answer]]) -> None:
    ask()
    _is_charged(shop, buyer)
    with shop.standing_in_the_way("SELECT FROM orders WHERE id = %s FOR UPDATE", buyer.order["id"]):
        shop.waits_for_a_lock("FROM orders")
        shop.kill_children("web")
    assert shop.payments(buyer) == [("pending", 0, 0)]


def after_our_commit_before_the_answer(shop: PayingShop, buyer: Guest, ask: Callable[[], Future[Answer]]) -> None:
    ask()
    _is_charged(shop, buyer)
    with stopped_in_its_commit(shop, buyer):
        shop.kill_children("web")
    until(lambda: shop.payments(buyer) == [("captured", TOTAL, 0)], 10, "the commit is there")


POINTS = (
    before_the_provider_is_asked, while_the_provider_is_asked,
    after_its_ok_before_our_commit, after_our_commit_before_the_answer,
)  # fmt: skip


def dies_at(shop: PayingShop, point: Point, buyer: Guest, key: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked: list[Future[Answer]] = []

        def ask() -> Future[Answer]:
            asked.append(pool.submit(buyer.asks_to_pay, QUIET, key=key))  # type: ignore[arg-type]  # over HTTP
            return asked[0]

        point(shop, buyer, ask)
        assert isinstance(asked[0].exception(timeout=10), Cut)
    shop.comes_back_within(30)


def is_paid_once(shop: PayingShop, buyer: Guest) -> None:
    assert shop.payments(buyer) == [("captured", TOTAL, 0)]
    assert shop.moved(buyer) == [("capture", TOTAL)]
    assert shop.order(buyer) == ("open", TOTAL, 0)
    assert shop.timeline(buyer).count("paid") == 1


@pytest.mark.parametrize("point", POINTS)
def test_f1_a_web_worker_killed_while_paying_and_a_client_that_asks_again(shop: PayingShop, point: Point) -> None:
    buyer, key = shop.buyer_with_an_order(), str(uuid4())
    dies_at(shop, point, buyer, key)
    assert buyer.asks_to_pay(QUIET, key=key).get_json()["code"] == "request-in-progress"
    assert buyer.asks_to_pay(QUIET).get_json()["code"] in ("payment-under-way", "order-not-payable")
    shop.a_minute_passes_for_keys()
    again = insisting(lambda: buyer.asks_to_pay(QUIET, key=key))  # type: ignore[arg-type,return-value]  # over HTTP
    assert (again.end, again.get_json()["state"]) == ("201", "captured")
    replayed = buyer.asks_to_pay(QUIET, key=key)
    assert (replayed.data, replayed.headers["idempotent-replayed"]) == (again.data, "true")
    is_paid_once(shop, buyer)


def test_f1_a_web_worker_killed_while_paying_and_a_client_that_never_comes_back(shop: PayingShop) -> None:
    buyers = {point: shop.buyer_with_an_order() for point in POINTS}
    for point, buyer in buyers.items():
        dies_at(shop, point, buyer, str(uuid4()))
    unasked = buyers.pop(before_the_provider_is_asked)

    def is_finished() -> bool:
        return [shop.payments(buyer) for buyer in (unasked, *buyers.values())] == [
            [("declined", 0, 0)], *[[("captured", TOTAL, 0)]] * 3,
        ]  # fmt: skip

    until(is_finished, 60, "the completer has finished")
    for buyer in buyers.values():
        is_paid_once(shop, buyer)
    # It was never asked for, so nothing is charged, and the buyer can pay anew.
    assert shop.moved(unasked) == []
    assert unasked.looks_at_the_payments()[0]["decline_code"] == "not_asked"
    assert unasked.pays()["state"] == "captured"
    assert shop.moved(unasked) == [("capture", TOTAL)]


@pytest.mark.parametrize("all_of_it", [False, True], ids=["one-process", "the-whole-worker"])
def test_f2_a_worker_killed_while_it_works_off_a_webhook(shop: PayingShop, all_of_it: bool) -> None:
    buyer = shop.buyer_with_an_order()
    payment = buyer.pays("tok_3ds")
    with shop.standing_in_the_way("SELECT FROM orders WHERE id = %s FOR UPDATE", buyer.order["id"]):
        shop.provider.takes_the_second_step(payment["action_url"])
        shop.waits_for_a_lock("FROM orders")
        if all_of_it:
            shop.kill("worker")
        else:
            shop.kill_children("worker")
        assert shop.payments(buyer) == [("needs_action", 0, 0)]
    if all_of_it:
        shop.start("worker")
    shop.is_quiet_within(60)
    is_paid_once(shop, buyer)
    told = "payment_webhooks WHERE payment_id = %s AND kind = 'payment.captured' AND processed_at IS NOT NULL"
    assert shop.count(told, payment["id"]) == 1


def test_f2_a_worker_killed_in_the_midst_of_a_refund(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    # The provider gives the money back, and no answer comes to the one who asked.
    buyer.pays("tok_success~refund-timeout~webhook-lost")
    canceled = shop.staff(
        "POST", f"/v1/admin/orders/{buyer.order['id']}/cancel", {"reason": "Out of stock."}, "orders:cancel"
    )
    assert canceled.status_code == 200, canceled.text
    until(lambda: shop.is_asking(buyer), 30, "the refund is written down")
    shop.time_for_the_completer()
    until(lambda: ("refund", TOTAL) in shop.moved(buyer), 30, "the provider has given it back")
    shop.kill_children("worker")
    assert shop.payments(buyer) == [("captured", TOTAL, 0)]
    shop.settles(buyer, ("captured", TOTAL, TOTAL), seconds=60)
    assert shop.moved(buyer) == [("capture", TOTAL), ("refund", TOTAL)]
    assert shop.order(buyer) == ("canceled", TOTAL, TOTAL)


def test_f2_a_capture_whose_asker_is_killed_is_made_once(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    payment = buyer.pays("tok_success~capture-slow~webhook-lost", capture=False)
    path, body, key = f"/v1/admin/payments/{payment['id']}/capture", {"amount": 1000, "is_final": False}, str(uuid4())
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(shop.staff, "POST", path, body, "orders:capture", key=key)
        until(lambda: shop.moved(buyer) == [("capture", 1000)], 10, "the provider has captured")
        shop.kill_children("web")
        assert isinstance(asked.exception(timeout=10), Cut)
    shop.comes_back_within(30)
    shop.settles(buyer, ("authorized", 1000, 0))
    assert shop.moved(buyer) == [("capture", 1000)]
    rest = shop.staff("POST", path, {"is_final": True}, "orders:capture")
    assert (rest.status_code, rest.get_json()["state"]) == (200, "captured")
    assert shop.moved(buyer) == [("capture", 1000), ("capture", TOTAL - 1000)]
    assert shop.order(buyer) == ("open", TOTAL, 0)
