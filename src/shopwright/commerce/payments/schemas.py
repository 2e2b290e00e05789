from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shopwright.commerce.payments.models import Payment, Refund, RefundState, State
from shopwright.kit.money import Money
from shopwright.kit.wire import In, Out

ProviderName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,39}$(?!\n)", examples=["development"])]
Token = Annotated[str, Meta(min_length=1, max_length=200, pattern="^[A-Za-z0-9_-]+$(?!\n)", examples=["tok_success"])]
Reason = Annotated[str, Meta(min_length=1, max_length=500, examples=["Arrived broken."])]


class Pay(In):
    """`token` stands for the buyer's means of payment; the provider's own page or library made it. Never a card number.

    With `capture` false the money is only reserved, until staff capture it.
    """

    provider: ProviderName
    token: Token
    capture: bool = True


class PaymentOut(Out):
    """`needs_action`: send the shopper to `action_url`. `pending`: the provider has not answered yet; ask again."""

    id: UUID
    order_id: UUID
    provider: str
    state: State
    amount: Money
    captured: Money
    refunded: Money
    decline_code: str | None
    action_url: str | None
    asked_at: datetime

    @classmethod
    def of(cls, payment: Payment) -> "PaymentOut":
        return cls(
            id=payment.id, order_id=payment.order_id, provider=payment.provider, state=State(payment.state),
            amount=payment.money, captured=Money(payment.captured_amount, payment.currency),
            refunded=Money(payment.refunded_amount, payment.currency), decline_code=payment.decline_code,
            action_url=payment.action_url, asked_at=payment.asked_at,
        )  # fmt: skip


class PaymentList(Out):
    items: list[PaymentOut]


class RefundPayment(In):
    """Without an `amount` all that is left is refunded."""

    reason: Reason
    amount: Annotated[int, Meta(ge=1, le=2**53 - 1, examples=[500], description="whole minor units")] | None = None


class RefundOut(Out):
    id: UUID
    payment_id: UUID
    state: RefundState
    amount: Money
    reason: str

    @classmethod
    def of(cls, refund: Refund, currency: str) -> "RefundOut":
        return cls(
            id=refund.id, payment_id=refund.payment_id, state=RefundState(refund.state),
            amount=Money(refund.amount, currency), reason=refund.reason,
        )  # fmt: skip


class Received(Out):
    received: bool
