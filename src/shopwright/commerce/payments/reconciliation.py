"""Comparing our ledger with the provider's own list of what moved. What can be healed safely is healed by the same
functions that webhooks go through; the rest becomes an issue with all facts attached."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import func, or_, select

from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind
from shopwright.commerce.payments import issues, refunds, service, settling, work
from shopwright.commerce.payments.errors import ProviderDisagrees
from shopwright.commerce.payments.models import Dispute, Issue, Operation, Payment, Step, StepState
from shopwright.commerce.payments.provider import (
    Charge,
    DisputeOutcome,
    DisputeState,
    Movement,
    MovementKind,
    NoAnswer,
    Outcome,
    RefundOutcome,
    RefundResult,
    Refused,
)
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.logging import get
from shopwright.kit.transaction import reading, transaction

log = get("payments")


class Report(Struct):
    """What a reconciliation saw, what it put right, and what it could not."""

    provider: str
    since: datetime
    until: datetime
    movements: int = 0
    healed: list[str] = msgspec.field(default_factory=list)
    open_issues: int = 0
    unanswered: int = 0


def reconcile(provider: str, since: datetime, until: datetime, movements: Iterable[Movement] | None = None) -> Report:
    """Compare all that moved in that time, by the provider's list or by the `movements` of a settlement file.
    Done again it changes nothing.

    To be called outside any transaction. Raises `UnknownProvider` and `NoAnswer` when there is no list to be had.
    """
    report = Report(provider, since, until)
    if movements is None:
        movements = work.ask(provider, lambda it: list(it.movements(since, until)))
    told: dict[UUID, list[Movement]] = {}
    for movement in movements:
        report.movements += 1
        payment_id = _payment_of(provider, movement)
        if payment_id is not None:
            told.setdefault(payment_id, []).append(movement)
        elif movement.kind is MovementKind.FEE:
            _book_fee(report, movement, None)
        else:
            _note_stranger(provider, movement)
    for payment_id in dict.fromkeys([*told, *_captured_by_us(provider, since, until)]):
        _compare(report, payment_id, told.get(payment_id, []))
    with reading():
        report.open_issues = session.scalar(select(func.count()).where(Issue.resolved_at.is_(None))) or 0
    log.info(
        "reconciled", provider=provider, movements=report.movements, healed=len(report.healed),
        open_issues=report.open_issues, unanswered=report.unanswered,
    )  # fmt: skip
    return report


def _payment_of(provider: str, movement: Movement) -> UUID | None:
    of_provider = select(Payment.id).where(Payment.provider == provider)
    with reading():
        if movement.payment_id is not None:
            return session.scalar(of_provider.where(Payment.id == movement.payment_id))
        return session.scalar(of_provider.where(Payment.provider_ref == movement.payment_ref).limit(1))


def _note_stranger(provider: str, movement: Movement) -> None:
    """Money moved at the provider for a payment that this shop never asked for."""
    with transaction():
        issues.open_issue(
            f"unknown-{movement.kind}", f"{provider}:{movement.id}", provider=provider,
            payment_ref=movement.payment_ref, amount=movement.amount.amount, currency=movement.amount.currency,
            at=movement.at.isoformat(),
        )  # fmt: skip


def _captured_by_us(provider: str, since: datetime, until: datetime) -> list[UUID]:
    with reading():
        return list(
            session.scalars(
                select(Payment.id)
                .where(Payment.provider == provider, Payment.captured_amount > 0)
                .where(Payment.settled_at >= since, Payment.settled_at < until)
                .order_by(Payment.id)
            )
        )


def _compare(report: Report, payment_id: UUID, moved: list[Movement]) -> None:
    # Captures first: of what was not captured for all we know, no refund and no dispute can be believed.
    comparisons: tuple[Callable[[], None], ...] = (
        lambda: _compare_captures(report, payment_id, [m for m in moved if m.kind is MovementKind.CAPTURE]),
        lambda: _compare_refunds(report, payment_id, [m for m in moved if m.kind is MovementKind.REFUND]),
        lambda: _book_the_rest(report, payment_id, moved),
    )
    for compare in comparisons:
        try:
            compare()
        except ProviderDisagrees:
            # The issue that it opened has all facts.
            continue
        except (NoAnswer, Refused) as fault:
            report.unanswered += 1
            log.warning("payment not reconciled", payment_id=str(payment_id), reason=str(fault))
            return
        except Exception as fault:
            # One payment that cannot be compared must not keep the others from it.
            report.unanswered += 1
            log.error("payment not reconciled", payment_id=str(payment_id), exc_info=fault)
            return


def _compare_captures(report: Report, payment_id: UUID, captures: list[Movement]) -> None:
    """The provider's running total is asked for anew, so that what moved before or after the window is counted."""
    with reading():
        payment = session.get_one(Payment, payment_id)
        # What is captured while the answer is on its way is not in it, and yet no drift.
        known, charge = payment.captured_amount, service.charge_of(payment)
    outcome = work.ask(payment.provider, lambda it: it.look_up(charge, payment.provider_ref))
    with transaction():
        before = service.lock(payment_id)[1].captured_amount
        payment = settling.settle(payment_id, outcome)
        if payment.captured_amount > before:
            report.healed.append(f"capture {payment_id}")
        _doubt_captures(payment, known, charge, outcome, captures)


def _doubt_captures(
    payment: Payment, known: int, charge: Charge, outcome: Outcome, captures: list[Movement]
) -> None:  # fmt: skip
    """`known` is what we had of it when the provider was asked."""
    listed = sum(movement.amount.amount for movement in captures)
    facts: dict[str, Any] = {
        "ours": known, "looked_up": outcome.captured, "listed": listed,
        "currency": payment.currency, "order_number": charge.order_number,
        "movements": [movement.id for movement in captures],
    }  # fmt: skip
    belongs: dict[str, Any] = {"payment_id": payment.id, "order_id": payment.order_id}
    if listed > outcome.captured:
        issues.open_issue("double-capture", str(payment.id), **belongs, **facts)
    if outcome.captured < known:
        issues.open_issue("order-without-capture", str(payment.id), **belongs, **facts)


def _compare_refunds(report: Report, payment_id: UUID, given: list[Movement]) -> None:
    for movement in given:
        with transaction():
            service.lock(payment_id)
            if _is_booked(payment_id, movement):
                continue
            refunds.settle(
                payment_id,
                RefundOutcome(
                    result=RefundResult.DONE, amount=movement.amount, refund_id=movement.refund_id,
                    provider_ref=movement.subject_ref or movement.id,
                ),
            )  # fmt: skip
        report.healed.append(f"refund {movement.id}")


def _is_booked(payment_id: UUID, movement: Movement) -> bool:
    done = select(Operation.id).where(
        Operation.payment_id == payment_id, Operation.kind == Step.REFUND, Operation.state == StepState.DONE
    )
    named = or_(Operation.id == movement.refund_id, Operation.provider_ref == (movement.subject_ref or movement.id))
    return session.scalar(done.where(named).limit(1)) is not None


def _book_the_rest(report: Report, payment_id: UUID, moved: list[Movement]) -> None:
    for movement in moved:
        if movement.kind is MovementKind.FEE:
            _book_fee(report, movement, payment_id)
        elif movement.kind in (MovementKind.DISPUTE, MovementKind.DISPUTE_WON):
            _dispute(report, payment_id, movement)


def _book_fee(report: Report, movement: Movement, payment_id: UUID | None) -> None:
    """Of one payment, or, without one, of the account as a whole."""
    amount, currency = movement.amount.amount, movement.amount.currency
    with transaction():
        order_id = session.scalar(select(Payment.order_id).where(Payment.id == payment_id)) if payment_id else None
        is_new = books.post(
            Kind.FEE, ids.derived("fee", report.provider, movement.id), currency,
            {Account.FEES: amount, Account.CAPTURED: -amount}, order_id=order_id, payment_id=payment_id,
        )  # fmt: skip
    if is_new:
        report.healed.append(f"fee {movement.id}")


def _dispute(report: Report, payment_id: UUID, movement: Movement) -> None:
    if not movement.subject_ref:
        _note_stranger(report.provider, movement)
        return
    state = DisputeState.WON if movement.kind is MovementKind.DISPUTE_WON else DisputeState.OPEN
    with transaction():
        of_it = select(Dispute.state).where(
            Dispute.payment_id == payment_id, Dispute.provider_ref == movement.subject_ref
        )
        before = session.scalar(of_it)
        row = refunds.dispute(
            payment_id, DisputeOutcome(provider_ref=movement.subject_ref, state=state, amount=movement.amount)
        )
        if row.state != before:
            report.healed.append(f"{movement.kind} {movement.id}")
