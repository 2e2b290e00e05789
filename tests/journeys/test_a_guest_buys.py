from datetime import timedelta

import pytest

from shopwright.commerce.inventory import queries as inventory
from shopwright.commerce.orders import service as orders
from shopwright.commerce.payments import work
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.shipping import service as shipping
from shopwright.kit import clock, outbox
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests.make import make_price_list
from tests.paying import WEBHOOKS
from tests.shopping import SHIPPING_PRICE, Buyer, Shop, development


def free(shop: Shop, variant_id: object) -> int:
    with reading():
        return inventory.available(shop.channel.id, [variant_id])[variant_id]


def test_a_guest_buys_from_cart_to_paid_order(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(price=1900, stock_of=10)
    buyer.opens_a_cart()
    buyer.takes(mug, 2)
    assert buyer.cart["subtotal"] == {"amount": 3800, "currency": "EUR"}
    buyer.says_who_and_where()
    assert buyer.cart["total"]["amount"] == 3800 + SHIPPING_PRICE
    placed = buyer.orders()
    assert (placed["state"], placed["payment_status"]) == ("open", "awaited")
    assert free(shop, mug) == 8
    payment = buyer.pays()
    assert (payment["state"], payment["amount"]) == ("captured", placed["total"])
    paid = buyer.looks_at_the_order()
    assert (paid["payment_status"], paid["paid"], paid["expires_at"]) == ("paid", placed["total"], None)
    assert [entry["kind"] for entry in paid["timeline"]] == ["placed", "payment_begun", "paid"]
    assert free(shop, mug) == 8


def test_asked_again_with_another_key_it_is_the_same_order(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    first, again = buyer.asks_to_order().get_json(), buyer.asks_to_order().get_json()
    assert (first["id"], first["token"]) == (again["id"], again["token"])


def test_s2_without_the_token_neither_cart_nor_order_is_there(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    placed = buyer.orders()
    stranger = Buyer(buyer.client, shop)
    stranger.cart, stranger.order = {"id": buyer.cart["id"], "total": buyer.cart["total"]}, {"id": placed["id"]}
    for answer in (
        stranger.send("GET", f"/v1/carts/{buyer.cart['id']}"),
        stranger.send("GET", f"/v1/orders/{placed['id']}"),
        stranger.send("POST", f"/v1/orders/{placed['id']}/cancel"),
        stranger.asks_to_pay(),
        stranger.asks_to_order(),
    ):
        assert answer.status_code == 404
    assert buyer.looks_at_the_order()["payment_status"] == "awaited"


def test_s16_a_step_of_the_checkout_cannot_be_skipped(buyer: Buyer, shop: Shop) -> None:
    buyer.opens_a_cart()
    assert buyer.asks_to_order().get_json()["code"] == "cart-empty"
    buyer.takes(shop.product())
    refused = buyer.asks_to_order().get_json()
    assert refused["code"] == "checkout-incomplete"
    assert set(refused["missing"]) == {"email", "shipping_address", "shipping_method_id", "billing_address"}


def test_a_total_that_has_changed_is_not_ordered(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product()
    buyer.fills_a_cart(mug)
    buyer.cart["total"]["amount"] -= 1
    refused = buyer.asks_to_order()
    assert (refused.status_code, refused.get_json()["code"]) == (409, "price-changed")
    assert refused.get_json()["total"]["amount"] == buyer.cart["total"]["amount"] + 1
    assert free(shop, mug) == 10


def test_s17_what_is_sold_out_is_refused_and_nothing_changes(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(stock_of=1)
    buyer.fills_a_cart(mug, 2)
    assert [notice["code"] for notice in buyer.cart["notices"]] == ["insufficient-stock"]
    refused = buyer.asks_to_order()
    assert (refused.status_code, refused.get_json()["code"]) == (409, "out-of-stock")
    assert free(shop, mug) == 1
    assert buyer.send("GET", f"/v1/carts/{buyer.cart['id']}").get_json()["state"] == "open"


def test_a_declined_payment_leaves_the_order_to_be_paid(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    declined = buyer.pays("tok_decline")
    assert (declined["state"], declined["decline_code"]) == ("declined", "card_declined")
    assert buyer.pays()["state"] == "captured"


def test_a_second_step_is_taken_and_settles_the_payment(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    waiting = buyer.pays("tok_3ds")
    assert waiting["state"] == "needs_action"
    assert buyer.looks_at_the_order()["payment_status"] == "awaited"
    buyer.takes_the_second_step(waiting)
    (done,) = buyer.looks_at_the_payments()
    assert (done["state"], done["action_url"]) == ("captured", None)
    assert buyer.looks_at_the_order()["payment_status"] == "paid"


def test_a_second_step_that_fails_leaves_the_order_to_be_paid(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    buyer.takes_the_second_step(buyer.pays("tok_3ds"), "fail")
    assert [payment["state"] for payment in buyer.looks_at_the_payments()] == ["declined"]
    assert buyer.pays()["state"] == "captured"


def test_who_does_not_take_the_second_step_may_pay_otherwise(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    buyer.pays("tok_3ds")
    assert buyer.pays()["state"] == "captured"
    work.complete()
    assert [payment["state"] for payment in buyer.looks_at_the_payments()] == ["voided", "captured"]


def test_f12_an_answer_that_was_lost_is_found_out_later(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    assert buyer.pays("tok_success~error500-after")["state"] == "pending"
    assert buyer.asks_to_pay().get_json()["code"] == "payment-under-way"
    with clock.held_at(clock.now() + timedelta(seconds=30)):
        assert work.complete() == 1
    assert buyer.looks_at_the_order()["payment_status"] == "paid"


def test_what_was_never_asked_is_not_charged(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    assert buyer.pays("tok_success~error500-before")["state"] == "pending"
    with clock.held_at(clock.now() + timedelta(seconds=30)):
        assert work.complete() == 1
    (payment,) = buyer.looks_at_the_payments()
    assert (payment["state"], payment["decline_code"]) == ("declined", "not_asked")
    assert buyer.pays()["state"] == "captured"


def test_the_repeat_of_a_payment_is_the_same_payment(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    first, again = (buyer.asks_to_pay(key="the-same-key-for-both-of-them") for _ in range(2))
    assert first.data == again.data
    assert again.headers["Idempotent-Replayed"] == "true"


def test_an_order_that_is_not_paid_in_time_gives_its_stock_back(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(stock_of=1)
    buyer.fills_a_cart(mug)
    buyer.orders()
    assert free(shop, mug) == 0
    with clock.held_at(clock.now() + timedelta(minutes=31)):
        # Its own time voids the reservation, before any task has swept.
        assert free(shop, mug) == 1
        with transaction():
            assert orders.expire_due() == 1
        assert buyer.asks_to_pay().get_json()["code"] == "order-not-payable"
    assert buyer.looks_at_the_order()["state"] == "expired"


def test_f27_a_payment_that_comes_too_late_is_given_back(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(stock_of=1)
    buyer.fills_a_cart(mug)
    buyer.orders()
    waiting = buyer.pays("tok_3ds")
    with clock.held_at(clock.now() + timedelta(minutes=60)):
        with transaction():
            assert orders.expire_due() == 1
        buyer.takes_the_second_step(waiting)
        (late,) = buyer.looks_at_the_payments()
        assert (late["state"], late["refund_asked"]) == ("captured", late["amount"])
        work.complete()
    (late,) = buyer.looks_at_the_payments()
    assert late["refunded"] == late["amount"]
    assert buyer.looks_at_the_order()["state"] == "expired"
    assert free(shop, mug) == 1


def test_f27_a_payment_that_comes_after_the_hold_takes_what_is_still_there(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(stock_of=1)
    buyer.fills_a_cart(mug)
    buyer.orders()
    waiting = buyer.pays("tok_3ds")
    with clock.held_at(clock.now() + timedelta(minutes=60)):
        assert free(shop, mug) == 1
        buyer.takes_the_second_step(waiting)
    assert buyer.looks_at_the_order()["payment_status"] == "paid"
    assert free(shop, mug) == 0


def test_a_payment_under_way_holds_the_order_a_little_longer(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    waiting = buyer.pays("tok_3ds")
    with clock.held_at(clock.now() + timedelta(minutes=40)):
        with transaction():
            assert orders.expire_due() == 0
        buyer.takes_the_second_step(waiting)
    assert buyer.looks_at_the_order()["payment_status"] == "paid"


def test_a_buyer_cancels_while_nothing_is_paid(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product()
    buyer.fills_a_cart(mug)
    buyer.orders()
    waiting = buyer.pays("tok_3ds")
    canceled = buyer.said(buyer.send("POST", f"/v1/orders/{buyer.order['id']}/cancel"), 200)
    assert canceled["state"] == "canceled"
    assert free(shop, mug) == 10
    outbox.drain()
    assert work.complete() == 1
    left = buyer.looks_at_the_payments()
    assert [(payment["id"], payment["state"]) for payment in left] == [(waiting["id"], "voided")]


def test_a_paid_order_is_not_canceled_by_its_buyer(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    buyer.pays()
    refused = buyer.send("POST", f"/v1/orders/{buyer.order['id']}/cancel")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "order-not-cancelable")


def test_a_price_that_changed_is_said_and_can_be_accepted(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(price=1900)
    buyer.fills_a_cart(mug)
    with transaction():
        pricing.set_price(mug, shop.channel.id, Money(2100, "EUR"))
    path = f"/v1/carts/{buyer.cart['id']}"
    (notice,) = buyer.send("GET", path).get_json()["notices"]
    assert (notice["code"], notice["previous"]["amount"], notice["current"]["amount"]) == ("price-changed", 1900, 2100)
    accepted = buyer.said(buyer.send("PATCH", path, {"accept_prices": True}), 200)
    assert (accepted["notices"], accepted["subtotal"]["amount"]) == ([], 2100)
    assert buyer.said(buyer.send("GET", path), 200) == accepted


def test_a_price_by_the_piece_is_what_was_seen(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(price=1900)
    make_price_list(shop.channel, (mug, 1, 1800), (mug, 5, 1500))
    buyer.opens_a_cart()
    for quantity, price in ((1, 1800), (4, 1500)):
        buyer.takes(mug, quantity)
        shown = buyer.said(buyer.send("GET", f"/v1/carts/{buyer.cart['id']}"), 200)
        assert ([item["unit_price"]["amount"] for item in shown["items"]], shown["notices"]) == ([price], [])
        assert shown == {**buyer.cart, "token": None}


@pytest.mark.parametrize("body", [{"price": 1}, {"total": {"amount": 1, "currency": "EUR"}}, {"customer_id": "x"}])
def test_s5_nothing_can_be_assigned_by_surprise(buyer: Buyer, shop: Shop, body: dict[str, object]) -> None:
    buyer.fills_a_cart(shop.product())
    before = buyer.send("GET", f"/v1/carts/{buyer.cart['id']}").get_json()
    assert buyer.send("PATCH", f"/v1/carts/{buyer.cart['id']}", body).status_code == 422
    assert buyer.send("GET", f"/v1/carts/{buyer.cart['id']}").get_json() == before


@pytest.mark.parametrize("change", ["late", "forged", "none"])
def test_s12_a_webhook_counts_once_and_only_if_it_is_authentic(buyer: Buyer, shop: Shop, change: str) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    waiting = buyer.pays("tok_3ds")
    provider = development()
    provider.takes_the_second_step(waiting["action_url"])
    with clock.held_at(clock.now() - timedelta(minutes=10 if change == "late" else 0)):
        told = provider.webhooks(waiting["id"])
    answers = set()
    for webhook in told * 3:
        body = webhook["body"].replace(str(waiting["amount"]["amount"]), "1") if change == "forged" else webhook["body"]
        answers.add(buyer.client.post(WEBHOOKS, data=body, headers=webhook["headers"]).status_code)
    outbox.drain()
    assert answers == ({200} if change == "none" else {401})
    assert buyer.looks_at_the_order()["payment_status"] == ("paid" if change == "none" else "awaited")


@pytest.mark.parametrize("lie", ["wrong-amount", "wrong-currency"])
def test_s12_another_amount_than_was_asked_is_not_booked(buyer: Buyer, shop: Shop, lie: str) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    refused = buyer.asks_to_pay(f"tok_success~{lie}")
    assert (refused.status_code, refused.get_json()["code"]) == (502, "provider-disagrees")
    assert buyer.looks_at_the_order()["payment_status"] == "awaited"
    assert [(payment["state"], payment["captured"]["amount"]) for payment in buyer.looks_at_the_payments()] == [
        ("declined", 0)
    ]


def test_a_key_that_paid_one_order_does_not_answer_for_another(buyer: Buyer, shop: Shop) -> None:
    mug, key = shop.product(), "a-key-that-is-used-for-two-orders"
    buyer.fills_a_cart(mug)
    buyer.orders()
    buyer.said(buyer.asks_to_pay(key=key), 201)
    token = buyer.cart["token"]
    other = Buyer(buyer.client, shop)
    other.fills_a_cart(mug)
    other.orders()
    with clock.held_at(clock.now() + timedelta(hours=25)):
        # The order has expired by then; what matters is that the first one's payment is not its answer.
        other.cart["token"] = token
        assert other.asks_to_pay(key=key).get_json()["code"] == "order-not-payable"


def test_what_costs_nothing_is_paid_when_it_is_ordered(buyer: Buyer, shop: Shop) -> None:
    sample = shop.product(price=0)
    with transaction():
        shipping.change_method(shop.method_id, free_from=Money(0, "EUR"))
    buyer.fills_a_cart(sample)
    placed = buyer.orders()
    assert (placed["total"]["amount"], placed["payment_status"], placed["expires_at"]) == (0, "paid", None)


def test_a_webhook_with_a_strange_signature_is_refused(buyer: Buyer) -> None:
    headers = {"Webhook-Signature": "\xe9", "Webhook-Timestamp": "1"}
    assert buyer.client.post(WEBHOOKS, data=b"{}", headers=headers).status_code == 401


def test_one_payment_that_cannot_be_completed_does_not_hold_up_the_others(buyer: Buyer, shop: Shop) -> None:
    mug = shop.product()
    other = Buyer(buyer.client, shop)
    buyer.fills_a_cart(mug)
    other.fills_a_cart(mug)
    buyer.orders()
    other.orders()
    assert buyer.pays("tok_success~error500-after~lookup-wrong-amount")["state"] == "pending"
    assert other.pays("tok_success~error500-after")["state"] == "pending"
    with clock.held_at(clock.now() + timedelta(seconds=30)):
        assert work.complete() == 2
    assert buyer.looks_at_the_order()["payment_status"] == "awaited"
    assert other.looks_at_the_order()["payment_status"] == "paid"
