"""A gift card from its sale to its last cent."""

import runpy
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from flask.testing import FlaskClient
from sqlalchemy import text

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.credit import service as credit
from shopwright.commerce.orders import service as orders
from shopwright.commerce.payments import work
from shopwright.kit import clock, outbox, schema, verification
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests.commerce.credit.cards import booked, make_card
from tests.drifts import force
from tests.make import make_promotion, staff_headers
from tests.shopping import SHIPPING_PRICE, Buyer, Shop


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def giver(buyer: Buyer, shop: Shop) -> Buyer:
    """Somebody who has ordered two gift cards of 50.00 and not paid."""
    buyer.fills_a_cart(shop.product(price=5000, title="Gift card", is_gift_card=True), 2)
    buyer.orders()
    return buyer


def reveal(buyer: Buyer, number: int = 1, **more: Any) -> Any:
    return buyer.send("POST", f"/v1/orders/{buyer.order['id']}/gift-cards/{number}/reveal", **more)


def cards_of(buyer: Buyer) -> list[dict[str, Any]]:
    return list(buyer.said(buyer.send("GET", f"/v1/orders/{buyer.order['id']}/gift-cards"), 200)["items"])


def refunds(buyer: Buyer, payment: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/admin/payments/{payment['id']}/refunds"
    answer = buyer.client.post(path, json={"reason": "Wished."}, headers=staff_headers(Permission.ORDERS_REFUND))
    assert answer.status_code == 201, answer.text
    outbox.drain()
    return dict(answer.get_json())


def test_a_gift_card_is_sold_shown_spent_returned_and_expires(giver: Buyer, client: FlaskClient, shop: Shop) -> None:
    assert giver.order["total"] == euros(10_000)
    assert (giver.order["tax"], giver.order["shipping_total"]) == (euros(0), euros(0))
    assert booked() == {"receivable": 10_000, "unissued": -10_000}
    giver.pays()
    outbox.drain()
    assert giver.looks_at_the_order()["state"] == "completed"
    assert booked() == {"captured": 10_000, "liabilities": -10_000}
    code = giver.said(reveal(giver), 200)["code"]
    assert [card["is_revealed"] for card in cards_of(giver)] == [True, False]

    friend = Buyer(client, shop)
    friend.fills_a_cart(shop.product(price=6000))
    friend.orders()
    by_card = friend.pays(code, provider="credit")
    by_money = friend.pays()
    assert (by_card["captured"], by_money["captured"]) == (euros(5000), euros(1000 + SHIPPING_PRICE))
    assert friend.looks_at_the_order()["payment_status"] == "paid"
    assert friend.looks_at_the_order()["discount"] == euros(0)

    assert refunds(friend, by_card)["state"] == "done"
    balance = client.post("/v1/gift-cards/balance", json={"code": code}).get_json()
    assert (balance["state"], balance["balance"]) == ("active", euros(5000))
    with clock.held_at(clock.now() + timedelta(days=5 * 365)):
        with transaction():
            assert credit.expire_due() == 2
        assert client.post("/v1/gift-cards/balance", json={"code": code}).get_json()["state"] == "expired"
    assert booked()["lapsed"] == -10_000
    assert "liabilities" not in booked()


def test_a_code_is_shown_once_and_to_its_buyer_alone(giver: Buyer, client: FlaskClient, shop: Shop) -> None:
    assert giver.said(reveal(giver), 409)["code"] == "gift-card-not-paid"
    giver.pays()
    key = str(uuid4())

    first = giver.said(reveal(giver, key=key), 200)
    repeated = giver.said(reveal(giver, key=key), 200)
    stranger = Buyer(client, shop, order={"id": giver.order["id"]})

    assert first == repeated
    assert giver.said(reveal(giver), 409)["code"] == "gift-card-shown"
    assert giver.said(reveal(giver, 3), 404)["code"] == "unknown-gift-card"
    assert giver.said(reveal(giver, 2, key="too short"), 400)["code"] == "idempotency-key-too-weak"
    assert reveal(stranger, 2).status_code == 404
    outbox.drain()
    assert [card["balance"] for card in cards_of(giver)] == [euros(5000), euros(5000)]


def test_no_row_and_no_log_has_the_code_that_was_shown(giver: Buyer, capsys: pytest.CaptureFixture[str]) -> None:
    giver.pays()
    code = giver.said(reveal(giver), 200)["code"]
    outbox.drain()

    logged = capsys.readouterr().out
    assert '"event":"request"' in logged
    assert code not in logged
    with reading():
        tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        for table in tables:
            rows = session.scalars(text(f'SELECT row_to_json(t)::text FROM "{table}" AS t')).all()
            assert not [row for row in rows if code in row or code.replace("-", "") in row], table


def test_a_lost_code_is_renewed_by_staff(giver: Buyer, client: FlaskClient) -> None:
    giver.pays()
    old = giver.said(reveal(giver), 200)["code"]
    headers = staff_headers(Permission.CREDIT_READ, Permission.CREDIT_WRITE)
    listed = client.get(f"/v1/admin/gift-cards?order_id={giver.order['id']}", headers=headers).get_json()["items"]
    (card,) = [each for each in listed if each["is_revealed"]]

    answer = client.post(f"/v1/admin/gift-cards/{card['id']}/renew", json={"reason": "Lost."}, headers=headers)

    assert (answer.status_code, answer.get_json()["is_revealed"]) == (200, False)
    assert giver.said(reveal(giver), 200)["code"] != old
    assert client.post("/v1/gift-cards/balance", json={"code": old}).status_code == 404
    outbox.drain()


def test_gift_cards_are_not_bought_with_gift_cards(buyer: Buyer, shop: Shop) -> None:
    _, code = make_card(20_000)
    buyer.fills_a_cart(shop.product(price=1900))
    buyer.takes(shop.product(price=5000, is_gift_card=True))
    buyer.orders()

    first = buyer.pays(code, provider="credit")
    refused = buyer.said(buyer.asks_to_pay(code, provider="credit"), 409)

    assert first["captured"] == euros(1900 + SHIPPING_PRICE)
    assert refused["code"] == "gift-cards-not-paid-by-credit"
    assert buyer.pays()["captured"] == euros(5000)
    assert buyer.looks_at_the_order()["payment_status"] == "paid"
    outbox.drain()


def test_promotions_leave_gift_cards_alone(buyer: Buyer, shop: Shop) -> None:
    from shopwright.commerce.promotions.rules import Percentage

    make_promotion(Percentage(ppm=500_000))
    buyer.fills_a_cart(shop.product(price=2000))
    buyer.takes(shop.product(price=5000, is_gift_card=True))

    assert buyer.cart["discount"] == euros(1000)
    assert buyer.cart["total"] == euros(1000 + 5000 + SHIPPING_PRICE)


def test_cards_of_an_order_that_was_refunded_whole_are_void(giver: Buyer) -> None:
    payment = giver.pays()
    giver.said(reveal(giver), 200)

    refunds(giver, payment)

    assert [(card["state"], card["balance"]) for card in cards_of(giver)] == [("used_up", euros(0))] * 2
    assert booked() == {"refunded": 10_000, "granted": -10_000}


def test_an_order_that_is_never_paid_has_no_cards(giver: Buyer) -> None:
    with clock.held_at(clock.now() + timedelta(hours=2)):
        with transaction():
            assert orders.expire_due() == 1
        outbox.drain()
        work.complete()

    assert cards_of(giver) == []
    assert booked() == {}


def test_cards_that_nobody_issued_are_found_and_issued(giver: Buyer) -> None:
    giver.pays()
    force("UPDATE outbox SET delivered_at = now()")

    report = verification.repair(verification.examine(["fulfillment: a paid order has its gift cards (I4)"]))

    assert [drift.mended for drift in report.drifts] == ["its gift cards were issued"]
    assert [card["balance"] for card in cards_of(giver)] == [euros(5000), euros(5000)]


def test_cards_paid_for_just_before_an_upgrade_are_issued_after_it(giver: Buyer) -> None:
    giver.pays()
    upgrade = runpy.run_path(str(schema.MIGRATIONS / "versions" / "0017_gift_cards_paid.py"))["upgrade"]
    with transaction():
        # As the version before it left things: the paid order alone is on its way.
        session.execute(text("DELETE FROM outbox WHERE name = 'orders.GiftCardsPaid'"))
        with Operations.context(MigrationContext.configure(session.connection())):
            upgrade()
            upgrade()
        assert session.scalar(text("SELECT count(*) FROM outbox WHERE name = 'orders.GiftCardsPaid'")) == 1
    outbox.drain()
    assert len(cards_of(giver)) == 2
