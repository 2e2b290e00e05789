"""What payments do to an order: it waits for them a little longer, counts on what is reserved, takes what comes in."""

from datetime import datetime, timedelta
from uuid import UUID

from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.inventory.errors import OutOfStock, ReservationExpired
from shopwright.commerce.orders.errors import OrderNotPayable
from shopwright.commerce.orders.events import GiftCardsPaid, OrderPaid, OrderRefunded
from shopwright.commerce.orders.models import Order, State
from shopwright.commerce.orders.service import mark_shipped, note
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.events import emit
from shopwright.kit.money import Money
from shopwright.settings import current


def expect_payment(order: Order, grace: timedelta) -> datetime | None:
    """A payment is under way: until when its stock must be held that much longer, once. Raises `OrderNotPayable`."""
    is_late = order.expires_at is not None and order.expires_at <= clock.now()
    if not order.takes_payments or order.is_paid or not order.uncovered_amount or is_late:
        raise OrderNotPayable(state=str(order.state))
    if order.expires_at is None:
        # Its stock is its own already: something was captured, and the rest of what had covered it let go of.
        return None
    latest = order.placed_at + timedelta(minutes=current().order_ttl_minutes) + grace
    return latest if order.expires_at < latest else None


def count_on(order: Order, amount: int) -> bool:
    """So much more is reserved for a locked order at a provider; answers whether the order needs it and can be kept.

    Once all of the total is reserved or paid, the order no longer expires and its stock is its own.
    """
    if not order.takes_payments or amount > order.uncovered_amount:
        return False
    order.authorized_amount += amount
    if not _keep_if_covered(order):
        order.authorized_amount -= amount
        session.flush()
        return False
    note(order, "authorized", amount=amount, currency=order.currency)
    session.flush()
    return True


def count_on_no_more(order: Order, amount: int) -> None:
    """So much is no longer reserved for a locked order. One that nobody has paid for is awaited anew."""
    order.authorized_amount -= amount
    if order.state == State.OPEN and not order.paid_amount and order.uncovered_amount and order.expires_at is None:
        order.expires_at = clock.now() + timedelta(minutes=current().order_ttl_minutes)
    session.flush()


def take(order: Order, amount: int, *, of_reserved: int = 0) -> int:
    """Money has come in for a locked order, `of_reserved` of it from what the order counted on.

    Answers how much of it the order takes: less when it is closed, paid otherwise, or its stock has gone to others.
    The caller gives the rest back.
    """
    order.authorized_amount -= of_reserved
    taken = min(amount, order.uncovered_amount) if order.takes_payments else 0
    if taken:
        order.paid_amount += taken
        if not _keep_if_covered(order):
            order.paid_amount -= taken
            taken = 0
    session.flush()
    if taken:
        note(order, "paid", amount=taken, currency=order.currency)
        _finish_if_paid(order)
    return taken


def accept_free(order: Order) -> None:
    """No provider takes a payment of nothing, so an order that costs nothing is paid when it is placed."""
    assert order.total_amount == 0
    if not _keep_if_covered(order):
        raise OrderNotPayable("The stock of this order has been sold meanwhile.")
    note(order, "paid", amount=0, currency=order.currency)
    _finish_if_paid(order)


def _keep_if_covered(order: Order) -> bool:
    """Whether the order can go on: its stock is claimed as soon as its total is covered."""
    if order.uncovered_amount or order.expires_at is None:
        return True
    if not _claim_stock(order):
        return False
    order.expires_at = None
    return True


def _claim_stock(order: Order) -> bool:
    try:
        inventory.claim(order.id)
    except ReservationExpired:
        # The hold has run out, but nobody may have taken the pieces yet.
        wanted: dict[UUID, int] = {}
        for line in order.lines:
            wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
        try:
            inventory.reserve(order.id, order.channel_id, wanted, clock.now() + timedelta(minutes=1))
        except OutOfStock:
            return False
        inventory.claim(order.id)
    return True


def _finish_if_paid(order: Order) -> None:
    if order.paid_amount < order.total_amount:
        return
    order.paid_at = clock.now()
    session.flush()
    cards = [GiftCardsPaid(order_id=order.id)] if order.gift_card_amount else []
    emit(OrderPaid(order_id=order.id), *cards)
    at_once = {line.id: line.quantity for line in order.lines if not line.requires_shipping}
    if at_once:
        # Nothing will be sent that staff could tell us of.
        mark_shipped(order, at_once, reference=str(order.id))


def mark_refunded(order: Order, amount: Money) -> None:
    """Money that a locked order had taken has gone back to the buyer."""
    order.refunded_amount += amount.amount
    note(order, "refunded", amount=amount.amount, currency=amount.currency)
    session.flush()
    emit(OrderRefunded(order_id=order.id, amount=amount.amount))
