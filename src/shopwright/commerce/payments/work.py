"""Asking providers, between transactions: routes and the completer go through here, so a repeat does the same."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, text, update

from shopwright.commerce.payments import refunds, registry, service, settling, straight
from shopwright.commerce.payments.errors import ProviderRefused, ProviderUnavailable
from shopwright.commerce.payments.models import Operation, Payment, State, Step, StepState
from shopwright.commerce.payments.provider import (
    Charge,
    KeyReused,
    NoAnswer,
    Outcome,
    Provider,
    RefundOutcome,
    Refused,
    Result,
)
from shopwright.commerce.payments.registry import CREDIT, provider
from shopwright.kit import clock
from shopwright.kit.breaker import Breaker
from shopwright.kit.bulkhead import Bulkhead
from shopwright.kit.db import session
from shopwright.kit.logging import get
from shopwright.kit.money import Money
from shopwright.kit.transaction import atomically, reading, transaction
from shopwright.settings import current

T = TypeVar("T")

ROUND_SECONDS = 10.0
THREADS_FOR_OTHERS = 2
LONGEST_PAUSE = timedelta(hours=1)

log = get("payments")
_breakers: dict[str, Breaker] = {}
_bulkheads: dict[str, Bulkhead] = {}


@contextmanager
def reaching(name: str) -> Iterator[None]:
    """Around what somebody who waits has begun and asked of a provider.

    Raises `UnknownProvider`, and `ProviderUnavailable` when it has not answered lately, or so many wait for it that
    no thread would be left for anything else.
    """
    provider(name)
    if name == CREDIT:
        # It waits for a row of our own database, never for a network.
        yield
        return
    with _bulkhead(name).entered() as is_within:
        # Asked last: an open breaker lets one through, who must then ask.
        if not is_within or not _breaker(name).allows():
            raise ProviderUnavailable()
        yield


def charge(payment: Payment, asked: Charge) -> Payment:
    """Ask for the money, and settle the answer. Without one the payment stays pending, for the completer."""
    is_step_unknown = payment.state == State.NEEDS_ACTION and not (payment.action_url or payment.client_secret)
    if payment.state != State.PENDING and not is_step_unknown:
        return payment
    try:
        outcome = ask(payment.provider, lambda it: it.authorize(asked))
    except NoAnswer as fault:
        log.warning("provider did not answer", payment_id=str(payment.id), reason=fault.reason)
        with reading():
            # A webhook may have told it meanwhile.
            return session.get_one(Payment, payment.id, populate_existing=True)
    except Refused as fault:
        outcome = _declined(payment, fault)
    return atomically(lambda: straight.settle(payment.id, outcome) or settling.settle(payment.id, outcome))


def _declined(payment: Payment, fault: Refused) -> Outcome:
    return Outcome(result=Result.DECLINED, amount=payment.money, decline_code=fault.code[:100])


def perform(operation_id: UUID) -> Operation:
    """Ask the provider for what was written down, and settle its answer; without one the completer asks again.

    Raises `ProviderRefused` when it said no for good; that is written down first.
    """
    with reading():
        operation, payment = _operation(operation_id)
    if operation.state == StepState.FAILED:
        raise ProviderRefused(reason=operation.failure_code)
    if operation.state == StepState.DONE:
        return operation
    try:
        _ask_and_settle(operation, payment)
    except NoAnswer as fault:
        log.warning("provider did not answer", operation_id=str(operation_id), reason=fault.reason)
    except Refused as fault:
        code = fault.code
        atomically(lambda: settling.refuse(operation_id, code))
        if operation.kind != Step.REFUND:
            # It may have been let go of at the provider, and no webhook told us.
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
    except (KeyReused, Refused):
        # It is there, and knows what it says.
        breaker.succeeded()
        raise
    except NoAnswer:
        breaker.failed()
        raise
    breaker.succeeded()
    return answer


def _breaker(name: str) -> Breaker:
    return _breakers.setdefault(name, Breaker())


def _bulkhead(name: str) -> Bulkhead:
    return _bulkheads.setdefault(name, Bulkhead(most=max(1, current().web_threads - THREADS_FOR_OTHERS)))


def complete() -> int:
    """Bring to one right end whatever was left in between; answers how many were looked at.

    A round ends after `ROUND_SECONDS`, so that a provider that is slow or away never keeps the worker from the rest.
    """
    end, looked_at = time.monotonic() + ROUND_SECONDS, 0
    for name in registry.names():
        while time.monotonic() < end and _breaker(name).allows():
            with transaction():
                payment_id, operation_id = _claim_payment(name), _claim_operation(name)
            if payment_id is operation_id is None:
                break
            if payment_id is not None:
                looked_at += 1
                with _alone(payment_id):
                    _find_out(payment_id)
            if operation_id is not None:
                looked_at += 1
                with _alone(operation_id):
                    perform(operation_id)
    return looked_at


def _claim_payment(name: str) -> UUID | None:
    is_open = Payment.state.in_((State.PENDING, State.NEEDS_ACTION))
    return _claim(Payment, is_open & (Payment.provider == name))


def _claim_operation(name: str) -> UUID | None:
    is_theirs = exists().where(Payment.id == Operation.payment_id, Payment.provider == name)
    return _claim(Operation, (Operation.state == StepState.PENDING) & is_theirs)


def _claim(model: type[Payment] | type[Operation], is_open: ColumnElement[bool]) -> UUID | None:
    """One whose time has come, put off so that no other completer asks meanwhile, longer every time."""
    now = clock.now()
    due = (
        select(model.id).where(is_open, model.try_again_at <= now).order_by(model.try_again_at).limit(1)
        .with_for_update(skip_locked=True, of=model).scalar_subquery()
    )  # fmt: skip
    doubled = func.power(2, func.least(model.tries, 10))
    pause = func.least(doubled * 30, LONGEST_PAUSE.total_seconds()) * text("interval '1 second'")
    claimed = update(model).where(model.id == due).values(tries=model.tries + 1, try_again_at=now + pause)
    return session.scalar(claimed.returning(model.id).execution_options(synchronize_session=False))


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
