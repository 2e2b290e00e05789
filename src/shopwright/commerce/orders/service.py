"""What happens to an order. Whoever changes one locks its row first, and only then its stock."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, insert, select

from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.inventory.errors import OutOfStock, ReservationExpired
from shopwright.commerce.orders import queries
from shopwright.commerce.orders.errors import NothingToShip, OrderNotCancelable, OrderNotFound, OrderNotPayable
from shopwright.commerce.orders.events import (
    OrderCanceled,
    OrderCompleted,
    OrderExpired,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
)
from shopwright.commerce.orders.models import FulfillmentStatus, Order, OrderEvent, OrderLine, State
from shopwright.commerce.pricing.quotes import Quote, QuoteLine
from shopwright.kit import clock, conditional, ids, principal
from shopwright.kit.db import session
from shopwright.kit.events import emit
from shopwright.kit.money import Money
from shopwright.settings import current


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """Who orders, and where it goes. A guest holds the order by a token, kept hashed."""

    channel_id: UUID
    customer_id: UUID | None
    token_hash: bytes | None
    locale: str
    email: str
    shipping_address: Address | None
    billing_address: Address | None


def create(order_id: UUID, cart_id: UUID, buyer: Buyer, quote: Quote, expires_at: datetime) -> Order:
    """Write the order down as it was quoted; payment is awaited until `expires_at`."""
    order = Order(
        id=order_id, cart_id=cart_id, channel_id=buyer.channel_id, customer_id=buyer.customer_id,
        token_hash=buyer.token_hash, locale=buyer.locale, email=buyer.email,
        shipping_address=msgspec.to_builtins(buyer.shipping_address),
        billing_address=msgspec.to_builtins(buyer.billing_address),
        currency=quote.currency, subtotal_amount=quote.subtotal.amount, discount_amount=quote.discount.amount,
        shipping_amount=quote.shipping_total.amount, tax_amount=quote.tax.amount, total_amount=quote.total.amount,
        quote=msgspec.to_builtins(quote), expires_at=expires_at, lines=[],
    )  # fmt: skip
    session.add(order)
    session.flush()
    order.lines.extend(_line(order_id, position, line) for position, line in enumerate(quote.lines, start=1))
    note(order, "placed")
    session.flush()
    emit(OrderPlaced(order_id=order.id))
    if order.total_amount == 0:
        # No provider takes a payment of nothing, so there is none to wait for.
        mark_paid(order, order.total)
    return order


def _line(order_id: UUID, position: int, line: QuoteLine) -> OrderLine:
    return OrderLine(
        id=ids.new(), order_id=order_id, position=position, variant_id=line.variant_id, product_id=line.product_id,
        sku=line.sku, title=line.title, variant_title=line.variant_title, options=line.options,
        image_url=line.image_url, quantity=line.quantity, unit_amount=line.unit_price.amount,
        net_amount=line.net.amount, tax_amount=line.tax.amount, gross_amount=line.gross.amount,
        tax_rate_ppm=line.tax_rate_ppm, tax_name=line.tax_name, requires_shipping=line.requires_shipping,
        shipped_quantity=0,
    )  # fmt: skip


def note(order: Order, kind: str, **facts: Any) -> None:
    """A line in the order's timeline."""
    who = principal.current()
    session.execute(
        insert(OrderEvent).values(
            id=ids.new(), order_id=order.id, at=clock.now(), kind=kind, actor_kind=str(who.kind), facts=facts
        )
    )


def lock(order_id: UUID, among: Select[Order] | None = None) -> Order:
    """The order, locked. Raises `OrderNotFound` when it is not `among` those that the caller may touch."""
    found = (among if among is not None else queries.everyones()).where(Order.id == order_id)
    order = session.scalar(found.with_for_update(of=Order).execution_options(populate_existing=True))
    if order is None:
        raise OrderNotFound()
    return order


def expect_payment(order: Order, grace: timedelta) -> None:
    """A payment is under way: hold the stock that much longer, once. Raises `OrderNotPayable`."""
    if order.state != State.OPEN or order.is_paid or order.expires_at is None or order.expires_at <= clock.now():
        raise OrderNotPayable(state=str(order.state))
    latest = order.placed_at + timedelta(minutes=current().order_ttl_minutes) + grace
    if order.expires_at < latest:
        order.expires_at = latest
        inventory.extend(order.id, latest)
        session.flush()


def mark_paid(order: Order, amount: Money) -> None:
    """Money has come in for a locked order; once all of it has, its stock is claimed.

    Raises `OrderNotPayable` when the order is closed, or its stock has gone to others: the caller gives the money back.
    """
    if order.state != State.OPEN or amount.currency != order.currency or amount.amount > order.due.amount:
        raise OrderNotPayable(state=str(order.state))
    if amount == order.due:
        _claim_stock(order)
        order.paid_at = clock.now()
        order.expires_at = None
    order.paid_amount += amount.amount
    note(order, "paid", amount=amount.amount, currency=amount.currency)
    session.flush()
    if order.is_paid:
        emit(OrderPaid(order_id=order.id))


def _claim_stock(order: Order) -> None:
    try:
        inventory.claim(order.id)
    except ReservationExpired:
        # The hold has run out, but nobody may have taken the pieces yet.
        wanted: dict[UUID, int] = {}
        for line in order.lines:
            wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
        try:
            inventory.reserve(order.id, order.channel_id, wanted, clock.now() + timedelta(minutes=1))
        except OutOfStock as gone:
            raise OrderNotPayable("The stock of this order has been sold meanwhile.") from gone
        inventory.claim(order.id)


def mark_refunded(order: Order, amount: Money) -> None:
    """Money has gone back to the buyer of a locked order."""
    order.refunded_amount += amount.amount
    note(order, "refunded", amount=amount.amount, currency=amount.currency)
    session.flush()
    emit(OrderRefunded(order_id=order.id, amount=amount.amount))


def cancel_own(order_id: UUID) -> Order:
    """The buyer changes their mind, while nothing is paid. Asked again, it stays canceled.

    Raises `OrderNotFound`, `OrderNotCancelable`, `OrderClosed`.
    """
    order = lock(order_id, queries.mine())
    conditional.check(order.version)
    if order.paid_amount:
        raise OrderNotCancelable()
    return _cancel(order, reason="by the buyer")


def cancel(order_id: UUID, reason: str) -> Order:
    """Staff cancel, unless something was shipped; what was paid is given back by `payments`, who hears of it.

    Raises `OrderNotFound`, `OrderNotCancelable`, `OrderClosed`.
    """
    order = lock(order_id)
    conditional.check(order.version)
    if order.fulfillment_status != FulfillmentStatus.UNFULFILLED:
        raise OrderNotCancelable("Something of this order was shipped. Take it back instead.")
    return _cancel(order, reason)


def _cancel(order: Order, reason: str) -> Order:
    if order.state == State.CANCELED:
        return order
    order.move_to(State.CANCELED)
    order.expires_at = None
    inventory.release(order.id)
    note(order, "canceled", reason=reason)
    session.flush()
    emit(OrderCanceled(order_id=order.id))
    return order


def expire_due(limit: int = 100) -> int:
    """Close the orders whose payment did not come in time, and free their stock; answers how many."""
    due = session.scalars(
        select(Order)
        .where(Order.state == State.OPEN, Order.expires_at <= clock.now(), Order.paid_amount == 0)
        .order_by(Order.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    # In one call, which locks all their stock in one order.
    inventory.release(*(order.id for order in due))
    for order in due:
        order.move_to(State.EXPIRED)
        order.expires_at = None
        note(order, "expired")
        session.flush()
        emit(OrderExpired(order_id=order.id))
    return len(due)


def mark_shipped(order: Order, quantities: Mapping[UUID, int], reference: str) -> None:
    """These pieces of a locked order's lines have left; the stock goes with them. Raises `NothingToShip`."""
    if order.state != State.OPEN or not order.is_paid:
        raise NothingToShip("Only a paid, open order is shipped.", state=str(order.state))
    lines = {line.id: line for line in order.lines}
    shipped: dict[UUID, int] = {}
    for line_id, quantity in quantities.items():
        line = lines.get(line_id)
        if line is None or line.shipped_quantity + quantity > line.quantity:
            raise NothingToShip(line_id=str(line_id))
        line.shipped_quantity += quantity
        shipped[line.variant_id] = shipped.get(line.variant_id, 0) + quantity
    inventory.ship(order.id, shipped, reference)
    note(order, "shipped", pieces=sum(shipped.values()))
    session.flush()
    emit(OrderShipped(order_id=order.id))
    if order.fulfillment_status == FulfillmentStatus.FULFILLED:
        order.move_to(State.COMPLETED)
        note(order, "completed")
        session.flush()
        emit(OrderCompleted(order_id=order.id))
