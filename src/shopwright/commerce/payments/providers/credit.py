"""Gift cards and store credit as a payment provider. Its ledger is our own, so it opens the transactions that others
have at the far end of the network; all else is as with them: asked twice, it moves money once.

What is reserved is taken at once, since nobody else could spend it meanwhile: there is nothing to capture or to void.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.credit import queries, service
from shopwright.commerce.credit.models import Reason
from shopwright.commerce.payments.errors import WebhookNotAuthentic
from shopwright.commerce.payments.models import Payment
from shopwright.commerce.payments.provider import (
    Charge,
    Handle,
    MethodOutcome,
    Movement,
    MovementKind,
    NoAnswer,
    Notification,
    Outcome,
    RefundOutcome,
    RefundResult,
    Refused,
    Result,
    SavedMethod,
)
from shopwright.kit.db import session
from shopwright.kit.errors import Busy, Problem, Unavailable
from shopwright.kit.money import Money
from shopwright.kit.transaction import atomically, steadily

T = TypeVar("T")
CANNOT_BE_SAVED = "credit_is_not_saved"


class Credit:
    def authorize(self, charge: Charge) -> Outcome:
        """`charge.token` is the id of a gift card or of store credit, never a code."""
        account_id = UUID(charge.token)

        def spend() -> Outcome:
            service.spend(account_id, charge.reference, charge.amount, order_id=_order_of(charge.reference))
            return _outcome(charge.reference, charge.amount, charge.token)

        with _answering():
            return atomically(spend)

    def capture(self, operation_id: UUID, payment: Handle, amount: Money, *, is_final: bool) -> Outcome:
        return self._look_up(payment.reference, payment.amount, payment.provider_ref)

    def void(self, operation_id: UUID, payment: Handle) -> Outcome:
        return self._look_up(payment.reference, payment.amount, payment.provider_ref)

    def refund(self, refund_id: UUID, payment: Handle, amount: Money) -> RefundOutcome:
        account_id = UUID(payment.provider_ref)

        def give_back() -> None:
            order_id = _order_of(payment.reference)
            service.give_back(account_id, payment.reference, refund_id, amount.amount, order_id=order_id)

        with _answering():
            atomically(give_back)
        return RefundOutcome(result=RefundResult.DONE, amount=amount, provider_ref=str(refund_id), refund_id=refund_id)

    def look_up(self, charge: Charge, provider_ref: str) -> Outcome:
        return self._look_up(charge.reference, charge.amount, provider_ref or charge.token)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """There are none, so none is authentic."""
        raise WebhookNotAuthentic()

    def save_method(self, reference: UUID, customer_id: UUID, customer_ref: str | None, token: str) -> MethodOutcome:
        """Store credit is the customer's anyhow, and a gift card is its bearer's."""
        raise Refused(CANNOT_BE_SAVED)

    def look_up_method(self, provider_ref: str) -> MethodOutcome:
        raise Refused(CANNOT_BE_SAVED)

    def forget_method(self, method: SavedMethod) -> None:
        raise Refused(CANNOT_BE_SAVED)

    def movements(self, since: datetime, until: datetime) -> list[Movement]:
        def read() -> list[Movement]:
            return [
                Movement(
                    id=str(moved.id), amount=Money(abs(moved.amount), currency), at=moved.at,
                    kind=MovementKind.CAPTURE if moved.reason == Reason.SPENT else MovementKind.REFUND,
                    payment_ref=str(moved.account_id), payment_id=moved.payment_id,
                    subject_ref=str(moved.cause_id), refund_id=moved.cause_id if moved.reason == Reason.RETURNED else None,
                )
                for moved, currency in session.execute(queries.paid_between(since, until))
            ]  # fmt: skip

        return _read(read)

    def _look_up(self, payment_id: UUID, amount: Money, account_ref: str) -> Outcome:
        return _read(lambda: _outcome(payment_id, amount, account_ref))


def _outcome(payment_id: UUID, amount: Money, account_ref: str) -> Outcome:
    paid = queries.paid_by(payment_id)
    result = Result.CAPTURED if paid.spent else Result.UNKNOWN
    return Outcome(
        result=result, amount=amount, authorized=paid.spent, captured=paid.spent, refunded=paid.returned,
        provider_ref=account_ref,
    )  # fmt: skip


def _order_of(payment_id: UUID) -> UUID:
    return session.scalars(select(Payment.order_id).where(Payment.id == payment_id)).one()


def _read(work: Callable[[], T]) -> T:
    with _answering():
        return steadily(work)


@contextmanager
def _answering() -> Iterator[None]:
    """Refusals of the room `credit` as those of a provider; when the database is the one that refuses, nothing is known."""
    try:
        yield
    except (Busy, Unavailable) as fault:
        raise NoAnswer(type(fault).__name__) from fault
    except Problem as refusal:
        raise Refused(refusal.code()) from refusal
