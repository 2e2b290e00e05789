from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from shopwright.commerce.payments.models import (
    Dispute,
    Issue,
    Operation,
    Payment,
    PaymentMethod,
    State,
    Step,
    StepState,
)
from shopwright.commerce.payments.provider import DisputeState
from shopwright.kit.money import Money
from shopwright.kit.paging import PageQuery
from shopwright.kit.wire import In, Out

ProviderName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,39}$(?!\n)", examples=["development"])]
Token = Annotated[str, Meta(min_length=1, max_length=150, pattern="^[A-Za-z0-9_~.-]+$(?!\n)", examples=["tok_success"])]
Url = Annotated[
    str, Meta(max_length=2000, pattern="^https?://[^\\s]+$(?!\n)", examples=["https://shop.example/checkout/done"])
]
Reason = Annotated[str, Meta(min_length=1, max_length=500, examples=["Arrived broken."])]
MinorUnits = Annotated[int, Meta(ge=1, le=2**53 - 1, examples=[500], description="whole minor units")]


class Pay(In):
    """`token` stands for the buyer's means of payment; the provider's own page or library made it. Never a card
    number. A customer may name a saved `payment_method_id` instead, or have the means saved with `save_method`.

    Without an `amount` all that is not covered yet is paid; several payments may share an order. With `capture` false
    the money is only reserved, until staff capture it. After a second step the buyer comes back to `return_url`.
    """

    provider: ProviderName
    token: Token | None = None
    payment_method_id: UUID | None = None
    save_method: bool = False
    amount: MinorUnits | None = None
    capture: bool = True
    return_url: Url | None = None


class PaymentOut(Out):
    """`needs_action`: send the shopper to `action_url`, or hand `client_secret` to the provider's library. `pending`:
    the provider has not answered yet; ask again. `refund_asked` is what goes back or has gone, `refunded` what has."""

    id: UUID
    order_id: UUID
    provider: str
    state: State
    amount: Money
    authorized: Money
    captured: Money
    refund_asked: Money
    refunded: Money
    decline_code: str | None
    action_url: str | None
    client_secret: str | None
    payment_method_id: UUID | None
    asked_at: datetime

    @classmethod
    def of(cls, payment: Payment, *, for_staff: bool = False) -> "PaymentOut":
        # The second step is the buyer's alone.
        waits = payment.state == State.NEEDS_ACTION and not for_staff
        return cls(
            id=payment.id, order_id=payment.order_id, provider=payment.provider, state=State(payment.state),
            amount=payment.money, authorized=Money(payment.authorized_amount, payment.currency),
            captured=Money(payment.captured_amount, payment.currency),
            refund_asked=Money(payment.refund_asked_amount, payment.currency),
            refunded=Money(payment.refunded_amount, payment.currency), decline_code=payment.decline_code,
            action_url=payment.action_url if waits else None, client_secret=payment.client_secret if waits else None,
            payment_method_id=payment.method_id, asked_at=payment.asked_at,
        )  # fmt: skip


class PaymentList(Out):
    items: list[PaymentOut]


class CapturePayment(In):
    """Without an `amount` all that is left is captured. `is_final` lets go of what is not."""

    amount: MinorUnits | None = None
    is_final: bool = False


class RefundPayment(In):
    """Without an `amount` all that is left is refunded."""

    reason: Reason
    amount: MinorUnits | None = None


class OperationOut(Out):
    """`pending`: the provider has not answered yet, and is asked again until it does."""

    id: UUID
    payment_id: UUID
    kind: Step
    state: StepState
    amount: Money
    reason: str
    failure_code: str | None
    asked_at: datetime
    done_at: datetime | None

    @classmethod
    def of(cls, operation: Operation, currency: str) -> "OperationOut":
        return cls(
            id=operation.id, payment_id=operation.payment_id, kind=Step(operation.kind),
            state=StepState(operation.state), amount=Money(operation.amount, currency), reason=operation.reason,
            failure_code=operation.failure_code, asked_at=operation.asked_at, done_at=operation.done_at,
        )  # fmt: skip


class DisputeOut(Out):
    id: UUID
    state: DisputeState
    amount: Money
    reason: str
    opened_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, dispute: Dispute, currency: str) -> "DisputeOut":
        return cls(
            id=dispute.id, state=DisputeState(dispute.state), amount=Money(dispute.amount, currency),
            reason=dispute.reason, opened_at=dispute.opened_at, decided_at=dispute.decided_at,
        )  # fmt: skip


class PaymentStory(Out):
    """A payment with all that was asked of it, and what buyers' banks took back."""

    payment: PaymentOut
    operations: list[OperationOut]
    disputes: list[DisputeOut]


class SaveMethod(In):
    """`token` stands for a means of payment that the provider's own page or library made. Never a card number."""

    provider: ProviderName
    token: Token


class MethodOut(Out):
    """A saved means of payment. Until `is_saved` a second step is to be taken: `action_url` or `client_secret`."""

    id: UUID
    provider: str
    is_saved: bool
    kind: str
    brand: str | None
    last4: str | None
    expires_month: int | None
    expires_year: int | None
    action_url: str | None = None
    client_secret: str | None = None

    @classmethod
    def of(cls, method: PaymentMethod, action_url: str | None = None, client_secret: str | None = None) -> "MethodOut":
        return cls(
            id=method.id, provider=method.provider, is_saved=method.saved_at is not None, kind=method.kind,
            brand=method.brand, last4=method.last4, expires_month=method.expires_month,
            expires_year=method.expires_year, action_url=action_url, client_secret=client_secret,
        )  # fmt: skip


class MethodList(Out):
    items: list[MethodOut]


class ListIssues(PageQuery):
    open: bool | None = None


class ResolveIssue(In):
    resolution: Annotated[str, Meta(min_length=1, max_length=500, examples=["Refunded by bank transfer."])]


class IssueOut(Out):
    """Something about money that only people can decide; `facts` are what is known of it."""

    id: UUID
    kind: str
    subject: str
    payment_id: UUID | None
    order_id: UUID | None
    facts: dict[str, Any]
    opened_at: datetime
    resolved_at: datetime | None
    resolution: str
    version: int

    @classmethod
    def of(cls, issue: Issue) -> "IssueOut":
        return cls(
            id=issue.id, kind=issue.kind, subject=issue.subject, payment_id=issue.payment_id, order_id=issue.order_id,
            facts=issue.facts, opened_at=issue.opened_at, resolved_at=issue.resolved_at, resolution=issue.resolution,
            version=issue.version,
        )  # fmt: skip


class Received(Out):
    received: bool
