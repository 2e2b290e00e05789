from datetime import timedelta

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.payments import work
from shopwright.kit import clock, outbox
from tests.make import staff_headers
from tests.shopping import Buyer, Shop


def staff(buyer: Buyer, *permissions: Permission) -> Buyer:
    return Buyer(buyer.client, buyer.shop, signed_in={"Authorization": staff_headers(*permissions)["Authorization"]})


def paid_order(buyer: Buyer, shop: Shop, quantity: int = 2, **pay: object) -> dict[str, object]:
    buyer.fills_a_cart(shop.product(), quantity)
    buyer.orders()
    return buyer.pays(**pay)


def test_an_order_is_shipped_in_parts_and_then_complete(buyer: Buyer, shop: Shop) -> None:
    paid_order(buyer, shop)
    packer = staff(buyer, Permission.ORDERS_FULFILL)
    path = f"/v1/admin/orders/{buyer.order['id']}/shipments"
    line = {"order_line_id": buyer.order["lines"][0]["id"], "quantity": 1}
    first = packer.said(packer.send("POST", path, {"lines": [line], "carrier": "DHL", "tracking_number": "1Z"}), 201)
    assert first["lines"] == [line]
    assert buyer.looks_at_the_order()["fulfillment_status"] == "partly_fulfilled"
    refused = packer.send("POST", path, {"lines": [line | {"quantity": 2}]})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "nothing-to-ship")
    packer.said(packer.send("POST", path, {}), 201)
    done = buyer.looks_at_the_order()
    assert (done["fulfillment_status"], done["state"]) == ("fulfilled", "completed")
    shipped = buyer.said(buyer.send("GET", f"/v1/orders/{buyer.order['id']}/shipments"), 200)["items"]
    assert [shipment["tracking_number"] for shipment in shipped] == ["1Z", None]


def test_an_unpaid_order_is_not_shipped(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    packer = staff(buyer, Permission.ORDERS_FULFILL)
    refused = packer.send("POST", f"/v1/admin/orders/{buyer.order['id']}/shipments", {})
    assert refused.get_json()["code"] == "nothing-to-ship"


def test_money_is_reserved_first_and_captured_later(buyer: Buyer, shop: Shop) -> None:
    payment = paid_order(buyer, shop, capture=False)
    assert payment["state"] == "authorized"
    assert buyer.looks_at_the_order()["payment_status"] == "authorized"
    cashier = staff(buyer, Permission.ORDERS_CAPTURE)
    path = f"/v1/admin/payments/{payment['id']}/capture"
    assert cashier.said(cashier.send("POST", path, {}), 200)["state"] == "captured"
    assert cashier.said(cashier.send("POST", path, {}), 200)["state"] == "captured"
    assert buyer.looks_at_the_order()["payment_status"] == "paid"


def test_refunds_never_exceed_what_was_captured(buyer: Buyer, shop: Shop) -> None:
    payment = paid_order(buyer, shop)
    cashier = staff(buyer, Permission.ORDERS_REFUND)
    path = f"/v1/admin/payments/{payment['id']}/refunds"
    part = cashier.said(cashier.send("POST", path, {"reason": "Broken.", "amount": 1000}), 201)
    assert (part["state"], part["amount"]["amount"]) == ("done", 1000)
    assert buyer.looks_at_the_order()["payment_status"] == "partly_refunded"
    too_much = cashier.send("POST", path, {"reason": "Broken.", "amount": payment["amount"]["amount"]})
    assert (too_much.status_code, too_much.get_json()["code"]) == (409, "too-much")
    assert buyer.looks_at_the_order()["refunded"]["amount"] == 1000
    cashier.said(cashier.send("POST", path, {"reason": "All of it."}), 201)
    assert buyer.looks_at_the_order()["payment_status"] == "refunded"


def test_a_paid_order_that_staff_cancel_is_refunded_and_its_stock_is_free(buyer: Buyer, shop: Shop) -> None:
    paid_order(buyer, shop)
    clerk = staff(buyer, Permission.ORDERS_CANCEL)
    path = f"/v1/admin/orders/{buyer.order['id']}/cancel"
    assert clerk.said(clerk.send("POST", path, {"reason": "Fraud."}), 200)["state"] == "canceled"
    outbox.drain()
    with clock.held_at(clock.now() + timedelta(minutes=1)):
        work.complete()
    assert buyer.looks_at_the_order()["payment_status"] == "refunded"


def test_orders_are_found_by_number_and_email(buyer: Buyer, shop: Shop) -> None:
    paid_order(buyer, shop)
    clerk = staff(buyer, Permission.ORDERS_READ)
    for query in (f"number={buyer.order['number']}", "email=ada@example.com", "state=open"):
        (found,) = clerk.said(clerk.send("GET", f"/v1/admin/orders?{query}"), 200)["items"]
        assert found["id"] == buyer.order["id"]
    assert clerk.said(clerk.send("GET", "/v1/admin/orders?email=nobody@example.com"), 200)["items"] == []
