"""What happens to an order. Whoever changes one locks its row first, and only then its stock."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select

from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.orders import close, queries
from shopwright.commerce.orders.errors import NothingToShip, OrderNotCancelable, OrderNotFound
from shopwright.commerce.orders.events import (
    OrderCanceled,
    OrderCompleted,
    OrderExpired,
    OrderShipped,
)
from shopwright.commerce.orders.models import FulfillmentStatus, Order, OrderEvent, PaymentStatus, State
from shopwright.commerce.promotions import redeeming
from shopwright.kit import clock, conditional, ids, principal
from shopwright.kit.db import session
from shopwright.kit.events import emit


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


def cancel_own(order_id: UUID) -> Order:
    """The buyer changes their mind, while nothing is paid. Asked again, it stays canceled.

    Raises `OrderNotFound`, `OrderNotCancelable`, `OrderClosed`.
    """
    order = lock(order_id, queries.mine())
    conditional.check(order.version)
    if order.paid_amount or order.paid_at is not None:
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
    # Stock before limits, as placing an order locks them.
    inventory.release(order.id)
    redeeming.give_back(order.id, was_paid=order.paid_at is not None)
    note(order, "canceled", reason=reason)
    session.flush()
    close.book_closing(order)
    emit(OrderCanceled(order_id=order.id))
    return order


def expire_due(limit: int = 100) -> int:
    """Close the orders whose payment did not come in time, and free their stock; answers how many."""
    due = session.scalars(
        select(Order)
        .where(Order.state == State.OPEN, Order.expires_at <= clock.now())
        .order_by(Order.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    # In one call, which locks all their stock in one order; and before limits, as placing an order locks them.
    inventory.release(*(order.id for order in due))
    redeeming.give_back(*(order.id for order in due), was_paid=False)
    for order in due:
        order.move_to(State.EXPIRED)
        order.expires_at = None
        note(order, "expired")
        session.flush()
        close.book_closing(order)
        emit(OrderExpired(order_id=order.id))
    return len(due)


def mark_shipped(order: Order, quantities: Mapping[UUID, int], reference: str) -> None:
    """These pieces of a locked order's lines have left; the stock goes with them. Raises `NothingToShip`."""
    if order.state != State.OPEN or not order.is_paid:
        raise NothingToShip("Only a paid, open order is shipped.", state=str(order.state))
    if order.payment_status is PaymentStatus.REFUNDED:
        raise NothingToShip("All that was paid for this order has gone back.")
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
