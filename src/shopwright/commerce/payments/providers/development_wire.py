"""What the development provider's API and webhooks say, checked against these shapes before anybody believes it (S12)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from shopwright.commerce.payments.provider import (
    DisputeOutcome,
    DisputeState,
    MethodOutcome,
    Movement,
    MovementKind,
    Outcome,
    RefundOutcome,
    RefundResult,
    Result,
    SavedMethod,
)
from shopwright.kit.money import CurrencyCode, Money

Units = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Link = Annotated[str, Meta(pattern="^https?://", max_length=2000)]


class MethodDoc(Struct):
    id: str
    customer_ref: str
    kind: str
    brand: str | None = None
    last4: str | None = None
    expires_month: int | None = None
    expires_year: int | None = None

    def saved(self) -> SavedMethod:
        return SavedMethod(
            provider_ref=self.id, customer_ref=self.customer_ref, kind=self.kind, brand=self.brand, last4=self.last4,
            expires_month=self.expires_month, expires_year=self.expires_year,
        )  # fmt: skip


class PaymentDoc(Struct):
    id: str
    reference: UUID
    state: Result
    amount: Units
    currency: CurrencyCode
    authorized: Units
    captured: Units
    refunded: Units
    decline_code: str | None = None
    action_url: Link | None = None
    method: MethodDoc | None = None

    def __post_init__(self) -> None:
        if self.state is Result.UNKNOWN:
            raise ValueError("a payment that is told of is known")

    def outcome(self) -> Outcome:
        return Outcome(
            result=self.state, amount=Money(self.amount, self.currency), authorized=self.authorized,
            captured=self.captured, refunded=self.refunded, provider_ref=self.id, decline_code=self.decline_code,
            action_url=self.action_url, method=self.method.saved() if self.method else None,
        )  # fmt: skip


class RefundDoc(Struct):
    id: str
    payment_id: str
    payment_reference: UUID
    state: RefundResult
    amount: Units
    currency: CurrencyCode
    reference: UUID | None = None
    failure_code: str | None = None

    def outcome(self) -> RefundOutcome:
        return RefundOutcome(
            result=self.state, amount=Money(self.amount, self.currency), provider_ref=self.id,
            refund_id=self.reference, failure_code=self.failure_code,
        )  # fmt: skip


class DisputeDoc(Struct):
    id: str
    payment_id: str
    payment_reference: UUID
    state: DisputeState
    amount: Units
    currency: CurrencyCode
    reason: str = ""

    def outcome(self) -> DisputeOutcome:
        amount = Money(self.amount, self.currency)
        return DisputeOutcome(provider_ref=self.id, state=self.state, amount=amount, reason=self.reason)


class SavingDoc(Struct):
    id: str
    decline_code: str | None = None
    action_url: Link | None = None
    method: MethodDoc | None = None

    def outcome(self) -> MethodOutcome:
        return MethodOutcome(
            provider_ref=self.id, method=self.method.saved() if self.method else None, decline_code=self.decline_code,
            action_url=self.action_url,
        )  # fmt: skip


class MovementDoc(Struct):
    id: str
    kind: MovementKind
    amount: Units
    currency: CurrencyCode
    at: datetime
    payment_ref: str
    subject_ref: str = ""
    payment_id: UUID | None = None
    refund_id: UUID | None = None

    def movement(self) -> Movement:
        return Movement(
            id=self.id, kind=self.kind, amount=Money(self.amount, self.currency), at=self.at,
            payment_ref=self.payment_ref, subject_ref=self.subject_ref, payment_id=self.payment_id, refund_id=self.refund_id,
        )  # fmt: skip


class MovementsDoc(Struct):
    items: list[MovementDoc]


class ErrorDoc(Struct):
    code: Annotated[str, Meta(min_length=1, max_length=100)]


class FailureDoc(Struct):
    error: ErrorDoc


class EventData(Struct):
    payment: PaymentDoc | None = None
    refund: RefundDoc | None = None
    dispute: DisputeDoc | None = None


class Event(Struct):
    id: Annotated[str, Meta(min_length=1, max_length=200)]
    type: Annotated[str, Meta(max_length=100)]
    data: msgspec.Raw
