"""Asking providers, between transactions: routes and the completer go through here, so a repeat does the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from shopwright.commerce.payments import refunds, service
from shopwright.commerce.payments.errors import PaymentClosed
from shopwright.commerce.payments.models import Payment, Refund, State
from shopwright.commerce.payments.provider import Outcome, ProviderTimeout, Result
from shopwright.commerce.payments.registry import provider
from shopwright.kit.logging import get
from shopwright.kit.transaction import reading, transaction

BATCH = 50
GIVE_THE_ROUTE_TIME = timedelta(seconds=20)

log = get("payments")


def charge(payment: Payment) -> Payment:
    """Ask for the money, and settle the answer. Without one the payment stays pending, for the completer."""
    if payment.state != State.PENDING:
        return payment
    try:
        outcome = provider(payment.provider).authorize(
            payment.id, payment.money, payment.method_token, capture=payment.captures_at_once
        )
    except ProviderTimeout:
        log.warning("provider did not answer", payment_id=str(payment.id))
        return payment
    with transaction():
        return service.settle(payment.id, outcome)


def capture(payment: Payment) -> Payment:
    """Take what was authorized. Raises `PaymentClosed`."""
    if payment.state == State.CAPTURED:
        return payment
    if payment.state != State.AUTHORIZED:
        raise PaymentClosed(state=str(payment.state))
    return _ask_and_settle(payment, provider(payment.provider).capture(payment.id, payment.provider_ref, payment.money))


def void(payment: Payment) -> Payment:
    """Let go of what was authorized. Raises `PaymentClosed`."""
    if payment.state == State.VOIDED:
        return payment
    if payment.state not in (State.AUTHORIZED, State.NEEDS_ACTION):
        raise PaymentClosed(state=str(payment.state))
    return _ask_and_settle(payment, provider(payment.provider).void(payment.id, payment.provider_ref, payment.money))


def _ask_and_settle(payment: Payment, outcome: Outcome) -> Payment:
    with transaction():
        return service.settle(payment.id, outcome)


def give_back(refund: Refund, payment: Payment) -> Refund:
    """Ask the provider to give the money back; without an answer the completer asks again."""
    money = type(payment.money)(refund.amount, payment.currency)
    try:
        outcome = provider(payment.provider).refund(refund.id, payment.provider_ref, money)
    except ProviderTimeout:
        return refund
    if outcome.result is not Result.REFUNDED or outcome.amount != money:
        log.error("refund not confirmed", refund_id=str(refund.id))
        return refund
    with transaction():
        return refunds.finish(refund.id)


def complete(older_than: timedelta = GIVE_THE_ROUTE_TIME) -> int:
    """Bring to one right end whatever was left in between: payments without an answer, refunds not confirmed."""
    with reading():
        payments = service.unanswered(older_than, BATCH)
        owed = refunds.unfinished(older_than if older_than else timedelta(0), BATCH)
    for payment in payments:
        with _alone(payment):
            _find_out(payment)
    for refund, payment in owed:
        with _alone(payment):
            give_back(refund, payment)
    return len(payments) + len(owed)


@contextmanager
def _alone(payment: Payment) -> Iterator[None]:
    """One payment that cannot be brought to its end must not keep the others from theirs."""
    try:
        yield
    except Exception as fault:
        log.error("payment not completed", payment_id=str(payment.id), exc_info=fault)


def _find_out(payment: Payment) -> None:
    try:
        outcome = provider(payment.provider).look_up(
            payment.id, payment.method_token, payment.money, capture=payment.captures_at_once
        )
    except ProviderTimeout:
        return
    with transaction():
        service.settle(payment.id, outcome)


def undo(order_id: UUID) -> None:
    """The order was canceled or has expired: void what was reserved, and give back what was taken."""
    with reading():
        reserved = service.to_be_voided(order_id)
    for payment in reserved:
        with _alone(payment):
            void(payment)
