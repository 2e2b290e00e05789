"""Payments: an intent is written first, then the provider is asked, then its answer is settled; each step may repeat.

Whoever settles locks the order and then the payment, so a webhook, the answer itself and the completer agree.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.orders import pay as order_payment
from shopwright.commerce.orders import queries as order_queries
from shopwright.commerce.orders import service as orders
from shopwright.commerce.orders.errors import OrderNotPayable
from shopwright.commerce.orders.models import Order
from shopwright.commerce.payments.errors import PaymentNotFound, PaymentUnderWay, ProviderDisagrees
from shopwright.commerce.payments.events import PaymentSettled
from shopwright.commerce.payments.models import LIVE, Payment, State, Webhook
from shopwright.commerce.payments.provider import Notification, Outcome, Result
from shopwright.commerce.payments.refunds import refund_all
from shopwright.kit import clock, idempotency, ids
from shopwright.kit.db import session
from shopwright.kit.events import emit
from shopwright.kit.logging import get
from shopwright.settings import current

STATE_OF = {
    Result.AUTHORIZED: State.AUTHORIZED,
    Result.CAPTURED: State.CAPTURED,
    Result.NEEDS_ACTION: State.NEEDS_ACTION,
    Result.DECLINED: State.DECLINED,
    Result.VOIDED: State.VOIDED,
    Result.UNKNOWN: State.DECLINED,
}

log = get("payments")


def begin(order_id: UUID, provider: str, token: str, *, capture: bool) -> Payment:
    """Write down that the buyer means to pay what is due, before anybody is asked for money.

    The repeat of a request goes on with the payment it began. Raises `OrderNotFound`, `OrderNotPayable`, and
    `PaymentUnderWay` when another one is.
    """
    order = orders.lock(order_id, order_queries.mine())
    scope = idempotency.current_scope(order_id)
    if scope and (begun := session.scalar(select(Payment).where(Payment.request_scope == scope))):
        return begun
    if session.scalar(select(Payment.id).where(Payment.order_id == order_id, Payment.state.in_(LIVE))):
        raise PaymentUnderWay()
    order_payment.expect_payment(order, timedelta(minutes=current().payment_grace_minutes))
    payment = Payment(
        id=ids.new(), order_id=order_id, provider=provider, request_scope=scope, method_token=token,
        captures_at_once=capture, state=State.PENDING, currency=order.currency, amount=order.due.amount,
        captured_amount=0, refunded_amount=0, provider_ref="",
    )  # fmt: skip
    session.add(payment)
    session.flush()
    orders.note(order, "payment_begun", payment_id=str(payment.id), amount=payment.amount)
    return payment


def settle(payment_id: UUID, outcome: Outcome) -> Payment:
    """Take the provider's answer, from wherever it comes and however often.

    Raises `ProviderDisagrees` when amount or currency are not what was asked; nothing is booked then.
    """
    order, payment = lock(payment_id)
    if outcome.amount != payment.money:
        log.error("provider disagrees", payment_id=str(payment_id), asked=payment.amount, told=outcome.amount.amount)
        raise ProviderDisagrees()
    state = STATE_OF[outcome.result]
    if not payment.may_move_to(state):
        return payment
    payment.move_to(state)
    payment.provider_ref = outcome.provider_ref or payment.provider_ref
    payment.decline_code = outcome.decline_code
    payment.action_url = outcome.action_url
    if state is State.CAPTURED:
        book_capture(order, payment)
    else:
        orders.note(order, f"payment_{state}", payment_id=str(payment.id))
    session.flush()
    emit(PaymentSettled(payment_id=payment.id, order_id=order.id, state=str(state)))
    return payment


def book_capture(order: Order, payment: Payment) -> None:
    """The money is ours: the order is paid, or, if it can no longer be, the money goes back."""
    payment.captured_amount = payment.amount
    session.flush()
    try:
        order_payment.mark_paid(order, payment.money)
    except OrderNotPayable as refusal:
        log.warning("paid too late", payment_id=str(payment.id), order_id=str(order.id))
        orders.note(order, "paid_too_late", payment_id=str(payment.id), reason=refusal.text)
        refund_all(payment, reason="The order could not be kept until the payment came.")


def lock(payment_id: UUID) -> tuple[Order, Payment]:
    """The payment with its order, locked in the one order that all use. Raises `PaymentNotFound`."""
    order_id = session.scalar(select(Payment.order_id).where(Payment.id == payment_id))
    if order_id is None:
        raise PaymentNotFound()
    order = orders.lock(order_id)
    payment = session.scalars(
        select(Payment).where(Payment.id == payment_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    return order, payment


def receive(provider: str, told: Notification) -> None:
    """A verified webhook: settled once, a second telling changes nothing. Raises what `settle` raises."""
    first = session.execute(
        insert(Webhook)
        .values(provider=provider, event_id=told.event_id, payment_id=told.payment_id, received_at=clock.now())
        .on_conflict_do_nothing()
        .returning(Webhook.event_id)
    ).one_or_none()
    if first is not None:
        settle(told.payment_id, told.outcome)


def unanswered(older_than: timedelta, limit: int) -> list[Payment]:
    """Payments whose provider never answered, for the completer."""
    waiting = select(Payment).where(Payment.state == State.PENDING, Payment.asked_at <= clock.now() - older_than)
    return list(session.scalars(waiting.order_by(Payment.asked_at).limit(limit)))


def to_be_voided(order_id: UUID) -> list[Payment]:
    """The payments of a canceled or expired order that still reserve the buyer's money."""
    return list(session.scalars(of_order(order_id).where(Payment.state.in_((State.AUTHORIZED, State.NEEDS_ACTION)))))


def of_order(order_id: UUID) -> Select[Payment]:
    return select(Payment).where(Payment.order_id == order_id).order_by(Payment.id)
