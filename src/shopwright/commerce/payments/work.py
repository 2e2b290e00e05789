"""Asking providers, between transactions: routes and the completer go through here, so a repeat does the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, update

from shopwright.commerce.payments import refunds, service, settling
from shopwright.commerce.payments.errors import ProviderRefused, ProviderUnavailable
from shopwright.commerce.payments.models import Operation, Payment, State, Step, StepState
from shopwright.commerce.payments.provider import Charge, NoAnswer, Outcome, Provider, RefundOutcome, Refused, Result
from shopwright.commerce.payments.registry import provider
from shopwright.kit import clock
from shopwright.kit.breaker import Breaker
from shopwright.kit.db import session
from shopwright.kit.logging import get
from shopwright.kit.money import Money
from shopwright.kit.transaction import atomically, reading, transaction

T = TypeVar("T")

BATCH = 50
LONGEST_PAUSE = timedelta(hours=1)

log = get("payments")
_breakers: dict[str, Breaker] = {}


def refuse_if_away(name: str) -> None:
    """Before anything is begun: raises `UnknownProvider`, and `ProviderUnavailable` when it has not answered lately."""
    provider(name)
    if not _breaker(name).allows():
        raise ProviderUnavailable()


def charge(payment: Payment, asked: Charge) -> Payment:
    """Ask for the money, and settle the answer. Without one the payment stays pending, for the completer."""
    if payment.state != State.PENDING:
        return payment
    try:
        outcome = ask(payment.provider, lambda it: it.authorize(asked))
    except NoAnswer as fault:
        log.warning("provider did not answer", payment_id=str(payment.id), reason=fault.reason)
        return payment
    except Refused as fault:
        outcome = _declined(payment, fault)
    return atomically(lambda: settling.settle(payment.id, outcome))


def _declined(payment: Payment, fault: Refused) -> Outcome:
    return Outcome(result=Result.DECLINED, amount=payment.money, decline_code=fault.code[:100])


def perform(operation_id: UUID) -> Operation:
    """Ask the provider for what was written down, and settle its answer; without one the completer asks again.

    Raises `ProviderRefused` when it said no for good; that is written down first.
    """
    with reading():
        operation, payment = _operation(operation_id)
    if operation.state != StepState.PENDING:
        return operation
    try:
        _ask_and_settle(operation, payment)
    except NoAnswer as fault:
        log.warning("provider did not answer", operation_id=str(operation_id), reason=fault.reason)
    except Refused as fault:
        code = fault.code
        atomically(lambda: settling.refuse(operation_id, code))
        if operation.kind != Step.REFUND:
            # It is not as we thought: a webhook that told so was lost.
            _find_out(payment.id)
        raise ProviderRefused(reason=fault.code) from fault
    with reading():
        return _operation(operation_id)[0]


def _ask_and_settle(operation: Operation, payment: Payment) -> None:
    name, handle = payment.provider, payment.handle
    if operation.kind == Step.REFUND:
        money = Money(operation.amount, payment.currency)
        refund: RefundOutcome = ask(name, lambda it: it.refund(operation.id, handle, money))
        atomically(lambda: refunds.settle(payment.id, refund))
        return
    if operation.kind == Step.CAPTURE:
        money = Money(operation.amount, payment.currency)
        outcome = ask(name, lambda it: it.capture(operation.id, handle, money, is_final=operation.is_final))
    else:
        outcome = ask(name, lambda it: it.void(operation.id, handle))
    atomically(lambda: settling.settle(payment.id, outcome, operation.id))


def _operation(operation_id: UUID) -> tuple[Operation, Payment]:
    found = session.execute(
        select(Operation, Payment)
        .join(Payment, Payment.id == Operation.payment_id)
        .where(Operation.id == operation_id)
        .execution_options(populate_existing=True)
    ).one()
    return found[0], found[1]


def ask(name: str, question: Callable[[Provider], T]) -> T:
    """One question to a provider, noted by its breaker. Raises `NoAnswer`, `Refused`, `UnknownProvider`."""
    breaker = _breaker(name)
    try:
        answer = question(provider(name))
    except NoAnswer:
        breaker.failed()
        raise
    except Refused:
        breaker.succeeded()
        raise
    breaker.succeeded()
    return answer


def _breaker(name: str) -> Breaker:
    return _breakers.setdefault(name, Breaker())


def complete() -> int:
    """Bring to one right end whatever was left in between; answers how many were looked at."""
    with transaction():
        payment_ids = _claim(Payment, Payment.state.in_((State.PENDING, State.NEEDS_ACTION)))
        operation_ids = _claim(Operation, Operation.state == StepState.PENDING)
    for payment_id in payment_ids:
        with _alone(payment_id):
            _find_out(payment_id)
    for operation_id in operation_ids:
        with _alone(operation_id):
            perform(operation_id)
    return len(payment_ids) + len(operation_ids)


def _claim(model: type[Payment] | type[Operation], is_open: ColumnElement[bool]) -> list[UUID]:
    """Those whose time has come, each put off so that no other completer asks meanwhile, longer every time."""
    now = clock.now()
    due = (
        select(model.id).where(is_open, model.try_again_at <= now).order_by(model.try_again_at).limit(BATCH)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    pause = func.least(func.power(2, model.tries) * 30, LONGEST_PAUSE.total_seconds()) * text("interval '1 second'")
    claimed = update(model).where(model.id.in_(due)).values(tries=model.tries + 1, try_again_at=now + pause)
    found = session.execute(claimed.returning(model.id).execution_options(synchronize_session=False))
    return [row.id for row in found]


@contextmanager
def _alone(subject: UUID) -> Iterator[None]:
    """One payment that cannot be brought to its end must not keep the others from theirs."""
    try:
        yield
    except Exception as fault:
        log.error("payment not completed", id=str(subject), exc_info=fault)


def _find_out(payment_id: UUID) -> None:
    with reading():
        payment = session.get_one(Payment, payment_id)
        asked = service.charge_of(payment)
    try:
        outcome = ask(payment.provider, lambda it: it.look_up(asked, payment.provider_ref))
    except NoAnswer as fault:
        log.warning("provider did not answer", payment_id=str(payment_id), reason=fault.reason)
        return
    atomically(lambda: settling.settle(payment_id, outcome))
