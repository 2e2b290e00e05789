"""F22, F26, F27, F28: what is paid, canceled, refunded, captured and shipped at the same moment, or too late."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from tests.faults.guest import Guest
from tests.faults.http import Answer, until
from tests.faults.load import copies, outcomes
from tests.faults.paying import EXPIRE, PayingShop
from tests.faults.running import tell_the_worker
from tests.races.parallel import together
from tests.shopping import Buyer

TOTAL = 1900 + 490
PAID, RETURNED = ("captured", TOTAL, 0), ("captured", TOTAL, TOTAL)
ROUNDS = 12
SWEEP = "shopwright.commerce.inventory.tasks.sweep_expired_reservations"


def orders(shop: PayingShop, number: int) -> list[Guest]:
    """So many buyers with an order each, of the same product."""
    first = shop.buyer()
    first.fills_a_cart(shop.market.product(stock_of=number + 1))
    buyers = [Guest(buyer.client, buyer.shop, cart=buyer.cart, secrets=shop.secrets)
              for buyer in copies(shop, first, number)]  # fmt: skip
    together([buyer.orders for buyer in buyers], threads=4)
    return buyers


def cancels(shop: PayingShop, buyer: Buyer) -> Callable[[], Answer]:
    """The buyer does."""
    return lambda: buyer.send("POST", f"/v1/orders/{buyer.order['id']}/cancel")  # type: ignore[return-value]  # over HTTP


def staff_cancels(shop: PayingShop, buyer: Buyer) -> Callable[[], Answer]:
    path = f"/v1/admin/orders/{buyer.order['id']}/cancel"
    return lambda: shop.staff("POST", path, {"reason": "Out of stock."}, "orders:cancel")


def ships(shop: PayingShop, buyer: Buyer) -> Callable[[], Answer]:
    return lambda: shop.staff("POST", f"/v1/admin/orders/{buyer.order['id']}/shipments", {}, "orders:fulfill")


def captures(shop: PayingShop, payment_id: str) -> Callable[[], Answer]:
    return lambda: shop.staff("POST", f"/v1/admin/payments/{payment_id}/capture", {}, "orders:capture")


def refunds(shop: PayingShop, payment_id: str, amount: int | None = None) -> Callable[[], Answer]:
    body = {"reason": "Broken.", "amount": amount}
    return lambda: shop.staff("POST", f"/v1/admin/payments/{payment_id}/refunds", body, "orders:refund")


def comes_to_its_end(shop: PayingShop, buyer: Guest, ends: dict[str, tuple[str, int, int]]) -> None:
    """By the state of its order, its only payment is so, at the provider too, once all is done."""

    shop.settles(buyer, ends[shop.order(buyer)[0]], seconds=60)
    _, captured, refunded = shop.payments(buyer)[0]
    wanted = [("capture", captured)] * bool(captured) + [("refund", refunded)] * bool(refunded)
    assert shop.moved(buyer) == wanted


@contextmanager
def no_clock(shop: PayingShop) -> Iterator[None]:
    """Nothing is done but what the test asks for."""
    shop.stop("beat")
    try:
        yield
    finally:
        shop.start("beat")


def expires(shop: PayingShop, buyer: Guest) -> None:
    shop.sql("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = %s", buyer.order["id"])

    def has_expired() -> bool:
        # Again, since one that is just being worked on is passed over.
        tell_the_worker(EXPIRE, queue="default")
        return shop.order(buyer)[0] == "expired"

    until(has_expired, 30, "the order has expired")


def hold_ends(shop: PayingShop, buyer: Guest) -> None:
    sql = "UPDATE reservations SET expires_at = now() - interval '1 second' WHERE order_id = %s"
    shop.sql(sql, buyer.order["id"])
    tell_the_worker(SWEEP, queue="default")
    gone = "reservations WHERE order_id = %s AND state = 'expired'"
    until(lambda: shop.count(gone, buyer.order["id"]), 30, "the stock is not held any more")


def test_f26_two_tabs_pay_and_the_second_step_of_the_first_is_taken_after_all(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    with no_clock(shop):
        abandoned = buyer.pays("tok_3ds")
        assert buyer.pays()["state"] == "captured"
        # Before the first is let go of, its second step succeeds.
        shop.provider.takes_the_second_step(abandoned["action_url"])
        until(lambda: shop.payments(buyer) == [PAID, PAID], 30, "the shop hears of it")
    shop.settles(buyer, RETURNED, PAID)
    assert shop.order(buyer) == ("open", TOTAL, 0)
    assert shop.timeline(buyer).count("paid") == 1
    assert shop.timeline(buyer).count("paid_too_late") == 1
    assert shop.moved(buyer) == [("capture", TOTAL), ("capture", TOTAL), ("refund", TOTAL)]


def test_f26_two_tabs_pay_and_the_first_is_let_go_of(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    abandoned = buyer.pays("tok_3ds")
    assert buyer.pays()["state"] == "captured"
    shop.settles(buyer, ("voided", 0, 0), PAID)
    # Its page is still there, and does nothing any more.
    shop.provider.takes_the_second_step(abandoned["action_url"])
    assert shop.moved(buyer) == [("capture", TOTAL)]


def test_f26_many_tabs_pay_at_the_same_moment(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    answers = together([lambda: buyer.asks_to_pay("tok_success~slow")] * 12, threads=12)
    ends = outcomes(answers)  # type: ignore[arg-type]  # over HTTP
    assert ends.pop("201") == 1
    assert set(ends) <= {"409 payment-under-way", "409 order-not-payable", "503 provider-unavailable"}
    assert (shop.payments(buyer), shop.moved(buyer)) == ([PAID], [("capture", TOTAL)])


@pytest.mark.parametrize("is_swept", [True, False])
def test_f27_the_hold_ends_during_the_second_step_and_the_stock_is_still_there(
    shop: PayingShop, is_swept: bool
) -> None:
    mug = shop.market.product(stock_of=1)
    buyer = shop.buyer_with_an_order(mug=mug)
    payment = buyer.pays("tok_3ds")
    if is_swept:
        hold_ends(shop, buyer)
    else:
        sql = "UPDATE reservations SET expires_at = now() - interval '1 second' WHERE order_id = %s"
        shop.sql(sql, buyer.order["id"])
    shop.provider.takes_the_second_step(payment["action_url"])
    shop.settles(buyer, PAID)
    assert shop.order(buyer) == ("open", TOTAL, 0)
    assert shop.sql("SELECT on_hand, reserved, claimed FROM stock_levels WHERE variant_id = %s", mug) == [(1, 0, 1)]


def test_f27_the_hold_ends_during_the_second_step_and_the_stock_is_sold(shop: PayingShop) -> None:
    mug = shop.market.product(stock_of=1)
    buyer = shop.buyer_with_an_order(mug=mug)
    payment = buyer.pays("tok_3ds")
    hold_ends(shop, buyer)
    faster = shop.buyer_with_an_order(mug=mug)
    assert faster.pays()["state"] == "captured"
    shop.provider.takes_the_second_step(payment["action_url"])
    shop.settles(buyer, RETURNED)
    assert shop.order(buyer) == ("open", 0, 0)
    kinds = shop.timeline(buyer)
    assert (kinds.count("paid"), kinds.count("paid_too_late"), kinds.count("late_payment_returned")) == (0, 1, 1)
    told = "outbox WHERE name = 'payments.PaymentReturned' AND payload->>'payment_id' = %s"
    assert shop.count(told, payment["id"]) == 1
    assert shop.sql("SELECT on_hand, reserved, claimed FROM stock_levels WHERE variant_id = %s", mug) == [(1, 0, 1)]


@pytest.mark.parametrize("token", ["tok_3ds", "tok_pending~webhook-late"])
def test_f27_the_order_expires_and_the_money_comes_all_the_same(shop: PayingShop, token: str) -> None:
    buyer = shop.buyer_with_an_order()
    with no_clock(shop):
        payment = buyer.pays(token)
        expires(shop, buyer)
        if payment.get("action_url"):
            shop.provider.takes_the_second_step(payment["action_url"])
        until(lambda: shop.payments(buyer) == [PAID], 30, "the shop hears of it")
    shop.settles(buyer, RETURNED)
    assert shop.order(buyer) == ("expired", 0, 0)
    assert shop.timeline(buyer).count("late_payment_returned") == 1


def test_f28_the_buyer_cancels_and_pays(shop: PayingShop) -> None:
    for buyer in orders(shop, ROUNDS):
        pay, cancel = together([lambda buyer=buyer: buyer.asks_to_pay(), cancels(shop, buyer)])
        assert outcomes([pay]).keys() <= {"201": 1, "409 order-not-payable": 1}.keys()  # type: ignore[arg-type]
        assert outcomes([cancel]).keys() <= {"200", "409 order-not-cancelable"}  # type: ignore[arg-type]
        if getattr(pay, "status_code", 0) == 409:
            assert (shop.order(buyer), shop.payments(buyer), shop.moved(buyer)) == (("canceled", 0, 0), [], [])
            continue
        comes_to_its_end(shop, buyer, {"open": PAID, "canceled": RETURNED})


def test_f28_the_buyer_cancels_and_staff_capture(shop: PayingShop) -> None:
    for buyer in orders(shop, ROUNDS):
        payment = buyer.pays(capture=False)
        capture, cancel = together([captures(shop, payment["id"]), cancels(shop, buyer)])
        assert outcomes([cancel]).keys() <= {"200", "409 order-not-cancelable"}  # type: ignore[arg-type]
        assert outcomes([capture]).keys() <= {"200", "409 operation-under-way", "409 payment-closed"}  # type: ignore[arg-type]
        closed = RETURNED if getattr(capture, "status_code", 0) == 200 else ("voided", 0, 0)
        comes_to_its_end(shop, buyer, {"open": PAID, "canceled": closed})


def test_f28_staff_ship_and_cancel(shop: PayingShop) -> None:
    for buyer in orders(shop, ROUNDS):
        buyer.pays()
        ends = together([ships(shop, buyer), staff_cancels(shop, buyer)])
        shipped, canceled = (outcomes([end]).popitem()[0] for end in ends)  # type: ignore[arg-type]
        assert (shipped, canceled) in [
            ("201", "409 order-not-cancelable"), ("201", "409 order-closed"), ("409 nothing-to-ship", "200"),
        ]  # fmt: skip
        comes_to_its_end(shop, buyer, {"completed": PAID, "canceled": RETURNED})


def test_f28_refunds_of_the_same_money(shop: PayingShop) -> None:
    for buyer in orders(shop, 4):
        payment_id = buyer.pays()["id"]
        ends = together([refunds(shop, payment_id)] * 4 + [refunds(shop, payment_id, 1000)] * 4, threads=8)
        assert set(outcomes(ends)) <= {"201", "409 too-much"}  # type: ignore[arg-type]
        given = [end.get_json()["amount"]["amount"] for end in ends if getattr(end, "status_code", 0) == 201]
        # All of it at once; or in parts of which a whole one takes the rest.
        assert sum(given) in (TOTAL, 2000)
        assert shop.payments(buyer) == [("captured", TOTAL, sum(given))]
        assert sorted(shop.moved(buyer)) == sorted([("capture", TOTAL), *(("refund", amount) for amount in given)])


def test_f22_one_key_fifty_times_at_once_is_one_charge(shop: PayingShop) -> None:
    buyer, key = shop.buyer_with_an_order(), str(uuid4())
    answers = together([lambda: buyer.asks_to_pay(key=key)] * 50, threads=50)
    assert set(outcomes(answers)) <= {"201", "409 request-in-progress"}  # type: ignore[arg-type]
    again = [buyer.asks_to_pay(key=key) for _ in range(3)]
    bodies = {answer.data for answer in [*answers, *again] if getattr(answer, "status_code", 0) == 201}  # type: ignore[union-attr]
    assert len(bodies) == 1
    assert (shop.payments(buyer), shop.moved(buyer)) == ([PAID], [("capture", TOTAL)])


def test_f22_a_key_belongs_to_one_body_one_buyer_and_one_route(shop: PayingShop) -> None:
    (buyer, other), key = orders(shop, 2), str(uuid4())
    asks = [lambda amount=1 + number: buyer.asks_to_pay(key=key, amount=amount) for number in range(50)]
    answers = together(asks, threads=50)
    assert outcomes(answers) == {"201": 1, "422 idempotency-key-reused": 49}  # type: ignore[arg-type]
    [(state, captured, _)] = shop.payments(buyer)
    assert (state, shop.moved(buyer)) == ("captured", [("capture", captured)])
    theirs = other.send(
        "POST", f"/v1/orders/{buyer.order['id']}/payments", {"provider": "development", "token": "tok_success"}, key=key
    )
    assert theirs.get_json()["code"] == "order-not-found"
    assert other.pays(key=key)["amount"]["amount"] == TOTAL
    assert cancels(shop, other)().end == "409 order-not-cancelable"
    assert UUID(buyer.order["id"]) != UUID(other.order["id"])
    assert len(shop.payments(buyer)) == len(shop.payments(other)) == 1
