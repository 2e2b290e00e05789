"""Giving money back: the intent takes its share of the payment at once, so no two refunds can give the same money."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from shopwright.commerce.orders import pay as order_payment
from shopwright.commerce.orders import service as orders
from shopwright.commerce.payments.errors import PaymentClosed, PaymentNotFound, TooMuch
from shopwright.commerce.payments.models import Payment, Refund, RefundState, State
from shopwright.kit import clock, idempotency, ids
from shopwright.kit.db import session
from shopwright.kit.money import Money


def begin(payment_id: UUID, amount: int | None, reason: str) -> Refund:
    """Write down a refund of this much, or of all that is left, before the provider is asked.

    The repeat of a request goes on with the refund it began. Raises `PaymentNotFound`, `PaymentClosed`, `TooMuch`.
    """
    order_id = session.scalar(select(Payment.order_id).where(Payment.id == payment_id))
    if order_id is None:
        raise PaymentNotFound()
    # The order first, as everybody who settles does: two who lock in opposite orders would deadlock.
    orders.lock(order_id)
    payment = session.scalars(select(Payment).where(Payment.id == payment_id).with_for_update()).one()
    scope = idempotency.current_scope(payment_id)
    if scope and (begun := session.scalar(select(Refund).where(Refund.request_scope == scope))):
        return begun
    if payment.state != State.CAPTURED:
        raise PaymentClosed(state=str(payment.state))
    wanted = payment.captured_amount - payment.refunded_amount if amount is None else amount
    return _take(payment, wanted, reason, scope)


def refund_all(payment: Payment, reason: str) -> Refund | None:
    """Write down that all that is left of a locked payment goes back; the completer asks the provider."""
    left = payment.captured_amount - payment.refunded_amount
    return _take(payment, left, reason, None) if left else None


def _take(payment: Payment, amount: int, reason: str, scope: bytes | None) -> Refund:
    taken = session.execute(
        update(Payment)
        .where(Payment.id == payment.id, Payment.refunded_amount + amount <= Payment.captured_amount)
        .values(refunded_amount=Payment.refunded_amount + amount)
        .returning(Payment.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None or amount <= 0:
        raise TooMuch(left=payment.captured_amount - payment.refunded_amount)
    session.refresh(payment)
    refund = Refund(
        id=ids.new(),
        payment_id=payment.id,
        request_scope=scope,
        state=RefundState.PENDING,
        amount=amount,
        reason=reason,
    )
    session.add(refund)
    session.flush()
    return refund


def finish(refund_id: UUID) -> Refund:
    """The provider has given the money back: note it on the order, once."""
    payment_id, order_id = session.execute(
        select(Refund.payment_id, Payment.order_id).join(Payment).where(Refund.id == refund_id)
    ).one()
    order = orders.lock(order_id)
    refund = session.scalars(
        select(Refund).where(Refund.id == refund_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if refund.state == RefundState.DONE:
        return refund
    refund.state = RefundState.DONE
    refund.done_at = clock.now()
    if order.paid_amount - order.refunded_amount >= refund.amount:
        order_payment.mark_refunded(order, Money(refund.amount, order.currency))
    else:
        # A payment that came too late never paid the order, so its way back is only noted.
        orders.note(order, "late_payment_returned", payment_id=str(payment_id), amount=refund.amount)
    session.flush()
    return refund


def unfinished(older_than: timedelta, limit: int) -> list[tuple[Refund, Payment]]:
    """Refunds that the provider has not confirmed, for the completer."""
    rows = session.execute(
        select(Refund, Payment)
        .join(Payment)
        .where(Refund.state == RefundState.PENDING, Refund.asked_at <= clock.now() - older_than)
        .order_by(Refund.asked_at)
        .limit(limit)
    )
    return [(refund, payment) for refund, payment in rows]
