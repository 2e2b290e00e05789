"""The straight way of a payment leaves everything as the long one does, or leaves it alone."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from shopwright.commerce.books.models import Posting
from shopwright.commerce.inventory.models import Reservation, StockLevel
from shopwright.commerce.orders import service as orders
from shopwright.commerce.orders.models import Order, OrderEvent
from shopwright.commerce.payments import inbox, settling, statements, straight
from shopwright.commerce.payments.models import Payment, Webhook
from shopwright.commerce.payments.provider import Notification, Outcome, Result, SavedMethod
from shopwright.kit import clock, outbox
from shopwright.kit.db import Base, session, table_of
from shopwright.kit.events import OutboxEntry
from shopwright.kit.transaction import reading, transaction
from tests.commerce.payments import believing as it
from tests.shopping import SHIPPING_PRICE, Buyer, Shop, development

PIECES, PRICE = 2, 1900
TOTAL = PIECES * PRICE + SHIPPING_PRICE
#: What differs by nature: names and tokens, and how often a row was written.
BY_NATURE = {
    "id", "entry_id", "cause_id", "cart_id", "number", "version", "token_hash", "email", "quote", "basis", "position",
    "sequence", "request_scope", "shipping_address", "billing_address",
}  # fmt: skip
Settle = Callable[[UUID, Outcome], object]


def placed(buyer: Buyer, shop: Shop, goods: Sequence[UUID]) -> Buyer:
    other = Buyer(buyer.client, shop)
    other.opens_a_cart()
    for variant in goods:
        other.takes(variant)
    other.says_who_and_where()
    other.orders()
    return other


def taken(amount: int, **more: Any) -> Outcome:
    return msgspec.structs.replace(it.told(amount, Result.CAPTURED, captured=amount), **more)


def pays(buyer: Buyer, amounts: Sequence[int], settle: Settle) -> dict[str, Any]:
    """Everything that is written of the order, once so much was taken of it in turn."""
    names = {buyer.order["id"]: "order"}
    for amount in amounts:
        payment_id = it.begin(buyer, amount)
        names[str(payment_id)] = f"payment {len(names)}"
        with transaction():
            assert settle(payment_id, taken(amount)) is not None
    return written(buyer, names)


def written(buyer: Buyer, names: dict[str, str]) -> dict[str, Any]:
    order_id = UUID(buyer.order["id"])
    variants = select(Reservation.variant_id).where(Reservation.order_id == order_id)
    payments = [UUID(name) for name in names]
    with reading():
        return {
            "order": rows(Order, Order.id == order_id, names),
            "payments": rows(Payment, Payment.order_id == order_id, names),
            "timeline": rows(OrderEvent, OrderEvent.order_id == order_id, names),
            "held": rows(Reservation, Reservation.order_id == order_id, names),
            "levels": rows(StockLevel, StockLevel.variant_id.in_(variants), names),
            "books": rows(Posting, Posting.order_id == order_id, names),
            "outbox": rows(OutboxEntry, OutboxEntry.aggregate_id.in_(payments), names),
        }


def rows(model: type[Base], which: Any, names: dict[str, str]) -> list[str]:
    table = table_of(model)
    shown = [column for column in table.c if column.name not in BY_NATURE]
    found = session.execute(select(*shown).where(which)).all()
    texts = [
        msgspec.json.encode(dict(zip([column.name for column in shown], row, strict=True))).decode() for row in found
    ]
    for name, known_as in names.items():
        texts = [text.replace(name, known_as) for text in texts]
    return sorted(texts)


@pytest.mark.parametrize(
    "amounts",
    [(TOTAL,), (1000, TOTAL - 1000), (1000, 1000, TOTAL - 2000), (1000,)],
    ids=["whole", "two", "three", "part"],
)
def test_both_ways_write_the_same(buyer: Buyer, shop: Shop, amounts: Sequence[int]) -> None:
    with clock.held_at(clock.now()):
        straightly, the_long_way = (placed(buyer, shop, [shop.product(), shop.product()]) for _ in range(2))
        first = pays(straightly, amounts, straight.settle)
        second = pays(the_long_way, amounts, settling.settle)
    variants = [sorted(line["variant_id"] for line in each.order["lines"]) for each in (straightly, the_long_way)]
    for name, other in zip(*variants, strict=True):
        second = msgspec.json.decode(msgspec.json.encode(second).decode().replace(other, name))
    assert {name: sorted(texts) for name, texts in first.items()} == {
        name: sorted(texts) for name, texts in second.items()
    }
    assert len(first["payments"]) == len(amounts)


@pytest.mark.parametrize(
    "outcome",
    [
        it.told(TOTAL, Result.DECLINED),
        it.told(TOTAL, Result.PENDING),
        it.told(TOTAL, Result.AUTHORIZED, authorized=TOTAL),
        it.told(TOTAL, Result.CAPTURED, authorized=TOTAL, captured=TOTAL - 1),
        it.told(TOTAL - 1, Result.CAPTURED, captured=TOTAL - 1),
        it.told(TOTAL, Result.CAPTURED, captured=TOTAL, currency="USD"),
        taken(TOTAL, refunded=1),
        taken(TOTAL, method=SavedMethod(provider_ref="pm", customer_ref="cus", kind="card")),
    ],
    ids=["declined", "pending", "reserved", "in part", "less", "other currency", "refunded", "saved"],
)  # fmt: skip
def test_what_says_anything_else_is_left_alone(buyer: Buyer, shop: Shop, outcome: Outcome) -> None:
    one = placed(buyer, shop, [shop.product()] * PIECES)
    left_alone(one, it.begin(one), outcome)


def test_goods_that_are_delivered_at_once_are_left_alone(buyer: Buyer, shop: Shop) -> None:
    one = placed(buyer, shop, [shop.product(is_gift_card=True), shop.product()])
    left_alone(one, it.begin(one), taken(TOTAL))


def test_an_order_that_was_canceled_meanwhile_is_left_alone(buyer: Buyer, shop: Shop) -> None:
    one = placed(buyer, shop, [shop.product()] * PIECES)
    payment_id = it.begin(one)
    one.said(one.send("POST", f"/v1/orders/{one.order['id']}/cancel"), 200)
    left_alone(one, payment_id, taken(TOTAL))


def test_stock_that_is_held_no_longer_is_left_alone(buyer: Buyer, shop: Shop) -> None:
    one = placed(buyer, shop, [shop.product()] * PIECES)
    payment_id = it.begin(one)
    with clock.held_at(clock.now() + timedelta(days=1)):
        with transaction():
            assert straight.settle(payment_id, taken(TOTAL)) is None
        with transaction():
            settling.settle(payment_id, taken(TOTAL))
    assert one.looks_at_the_order()["payment_status"] == "paid"


def test_a_payment_that_was_told_before_is_left_alone(buyer: Buyer, shop: Shop) -> None:
    one = placed(buyer, shop, [shop.product()] * PIECES)
    payment_id = it.begin(one)
    it.tell(payment_id, taken(TOTAL))
    left_alone(one, payment_id, taken(TOTAL))


def test_what_a_gone_order_had_is_taken_the_long_way(buyer: Buyer, shop: Shop) -> None:
    one = placed(buyer, shop, [shop.product()] * PIECES)
    payment_id = it.begin(one)
    with clock.held_at(clock.now() + timedelta(days=1)):
        with transaction():
            assert orders.expire_due() == 1
        left_alone(one, payment_id, taken(TOTAL))


def left_alone(buyer: Buyer, payment_id: UUID, outcome: Outcome) -> None:
    names = {buyer.order["id"]: "order", str(payment_id): "payment"}
    before = written(buyer, names)
    with transaction():
        assert straight.settle(payment_id, outcome) is None
    assert written(buyer, names) == before


def test_a_webhook_that_tells_what_was_answered_is_kept_and_worked_off_at_once(buyer: Buyer, shop: Shop) -> None:
    one = placed(buyer, shop, [shop.product()] * PIECES)
    payment = one.pays()
    provider = development()
    assert set(provider.delivers(one.client, payment["id"])) == {200}
    with reading():
        kept = session.scalars(select(Webhook).where(Webhook.payment_id == UUID(payment["id"]))).all()
        facts = select(OutboxEntry.id).where(OutboxEntry.aggregate_id.in_([webhook.id for webhook in kept]))
        assert session.scalars(facts).all() == []
    assert [(webhook.told, webhook.processed_at is None) for webhook in kept] == [({}, False)] * len(kept) != []


@pytest.mark.parametrize(
    "outcome",
    [
        taken(TOTAL, authorized=TOTAL + 1),
        it.told(TOTAL - 1, Result.CAPTURED, captured=TOTAL - 1),
        it.told(TOTAL, Result.CAPTURED, captured=TOTAL, currency="USD"),
        taken(TOTAL, refunded=TOTAL + 1),
        taken(TOTAL, provider_ref="another"),
        taken(TOTAL, method=SavedMethod(provider_ref="pm", customer_ref="cus", kind="card")),
    ],
    ids=["more", "less", "other currency", "refunded", "other name", "saved"],
)  # fmt: skip
def test_a_webhook_that_tells_anything_else_is_worked_off_later(buyer: Buyer, shop: Shop, outcome: Outcome) -> None:
    one = placed(buyer, shop, [shop.product()] * PIECES)
    payment_id = it.begin(one)
    it.tell(payment_id, taken(TOTAL))
    with transaction():
        booked = statements.booked(payment_id, "told")
        assert booked is not None
        assert not booked.says_all_of(outcome)
        assert booked.says_all_of(taken(TOTAL))
        assert statements.booked(payment_id, "another provider") is None


def test_what_a_pending_payment_is_told_is_worked_off_later(buyer: Buyer, shop: Shop) -> None:
    payment_id = it.begin(placed(buyer, shop, [shop.product()] * PIECES))
    with transaction():
        booked = statements.booked(payment_id, "told")
        assert booked is not None
        assert not booked.says_all_of(it.told(TOTAL, Result.PENDING))


def test_a_webhook_that_overtook_the_answer_is_done_with_once_that_has_told_the_same(buyer: Buyer, shop: Shop) -> None:
    payment_id = it.begin(placed(buyer, shop, [shop.product()] * PIECES))
    captured = Notification(event_id="1", kind="payment.captured", payment_id=payment_id, outcome=taken(TOTAL))
    with transaction():
        assert inbox.receive("told", captured)
    it.tell(payment_id, taken(TOTAL))
    outbox.drain()
    with transaction():
        (kept,) = session.scalars(select(Webhook).where(Webhook.payment_id == payment_id)).all()
        assert (kept.told, kept.processed_at is None) == ({}, False)
        assert session.get_one(Payment, payment_id).captured_amount == TOTAL
