"""What payments do to an order: it waits for them a little longer, is paid by them, and given back."""

from datetime import timedelta
from uuid import UUID

from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.inventory.errors import OutOfStock, ReservationExpired
from shopwright.commerce.orders.errors import OrderNotPayable
from shopwright.commerce.orders.events import OrderPaid, OrderRefunded
from shopwright.commerce.orders.models import Order, State
from shopwright.commerce.orders.service import note
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.events import emit
from shopwright.kit.money import Money
from shopwright.settings import current


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
