"""Payments of orders, what is asked of them afterwards, and what providers tell. The limits (refunded ≤ captured ≤
authorized ≤ asked, and what is under way counted in) stand in the database."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from shopwright.commerce.payments.provider import DisputeState, Handle
from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.money import Money
from shopwright.kit.privacy import business, personal, secret


class State(StrEnum):
    PENDING = "pending"
    NEEDS_ACTION = "needs_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"


#: What may follow. An answer that comes late finds no move and changes no state; that money was taken or reserved is
#: believed even after a decline, since it is the provider who holds it.
NEXT = {
    State.PENDING: {State.NEEDS_ACTION, State.AUTHORIZED, State.CAPTURED, State.DECLINED, State.VOIDED},
    State.NEEDS_ACTION: {State.AUTHORIZED, State.CAPTURED, State.DECLINED, State.VOIDED},
    State.AUTHORIZED: {State.CAPTURED, State.VOIDED},
    State.CAPTURED: set(),
    State.DECLINED: {State.AUTHORIZED, State.CAPTURED},
    State.VOIDED: {State.CAPTURED},
}


class Payment(Base):
    """`amount` is what was asked for; the other amounts are running totals, as providers tell them.

    `capture_asked_amount` and `refund_asked_amount` are those with what is under way, so that two who ask at once
    cannot take the same money. `secured_amount` is how much of it the order counts on as reserved.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("authorized_amount BETWEEN 0 AND amount", name="authorized"),
        CheckConstraint("captured_amount BETWEEN 0 AND capture_asked_amount", name="captured"),
        CheckConstraint("capture_asked_amount <= authorized_amount", name="capture_asked"),
        CheckConstraint("refunded_amount BETWEEN 0 AND refund_asked_amount", name="refunded"),
        CheckConstraint("refund_asked_amount <= captured_amount", name="refund_asked"),
        CheckConstraint("secured_amount BETWEEN 0 AND authorized_amount - captured_amount", name="secured"),
        Index("ix_payments_provider_ref", "provider", "provider_ref"),
        # Read by the completer.
        Index(
            "ix_payments_open", "try_again_at", postgresql_where=text("state IN ('pending', 'needs_action')")
        ),
    )  # fmt: skip

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    order_id: Mapped[UUID] = business(ForeignKey("orders.id"), index=True)
    provider: Mapped[str] = business(String(40))
    # The request that began it: its repeat goes on with this payment instead of beginning another.
    request_scope: Mapped[bytes | None] = secret(LargeBinary, unique=True)
    method_token: Mapped[str] = secret(String(200))
    method_id: Mapped[UUID | None] = business(ForeignKey("payment_methods.id"))
    saves_method: Mapped[bool] = business(default=False)
    return_url: Mapped[str] = business(String(2000), default="")
    captures_at_once: Mapped[bool] = business()
    state: Mapped[State] = business(String(20), default=State.PENDING)
    currency: Mapped[str] = business(String(3))
    amount: Mapped[int] = business()
    authorized_amount: Mapped[int] = business(default=0)
    secured_amount: Mapped[int] = business(default=0)
    capture_asked_amount: Mapped[int] = business(default=0)
    captured_amount: Mapped[int] = business(default=0)
    refund_asked_amount: Mapped[int] = business(default=0)
    refunded_amount: Mapped[int] = business(default=0)
    provider_ref: Mapped[str] = business(String(200), default="")
    decline_code: Mapped[str | None] = business(String(100))
    action_url: Mapped[str | None] = secret(String(2000))
    client_secret: Mapped[str | None] = secret(String(500))
    asked_at: Mapped[datetime] = business(default=clock.now)
    settled_at: Mapped[datetime | None] = business()
    tries: Mapped[int] = business(default=0)
    try_again_at: Mapped[datetime] = business()

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def handle(self) -> Handle:
        return Handle(reference=self.id, provider_ref=self.provider_ref, amount=self.money)

    @property
    def left_to_refund(self) -> int:
        return self.captured_amount - self.refund_asked_amount

    def may_move_to(self, state: State) -> bool:
        return state in NEXT[State(self.state)]

    def move_to(self, state: State) -> None:
        assert self.may_move_to(state), f"{self.state} -> {state}"
        self.state = state
        self.settled_at = clock.now()


class Step(StrEnum):
    """What can be asked of a payment after it was made."""

    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class StepState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class Operation(Base):
    """Something that is asked of a payment: written before the provider is asked, its id is the provider's key.

    `is_excess` marks the way back of money that no order could take.
    """

    __tablename__ = "payment_operations"
    __table_args__ = (
        CheckConstraint("amount > 0 OR kind = 'void'", name="amount"),
        Index("ix_payment_operations_pending", "try_again_at", postgresql_where=text("state = 'pending'")),
        # A payment is let go of once; who asks again goes on with that.
        Index(
            "uq_payment_operations_void", "payment_id", unique=True,
            postgresql_where=text("kind = 'void' AND state <> 'failed'"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    payment_id: Mapped[UUID] = business(ForeignKey("payments.id"), index=True)
    kind: Mapped[Step] = business(String(10))
    request_scope: Mapped[bytes | None] = secret(LargeBinary, unique=True)
    state: Mapped[StepState] = business(String(10), default=StepState.PENDING)
    amount: Mapped[int] = business(default=0)
    is_final: Mapped[bool] = business(default=False)
    is_excess: Mapped[bool] = business(default=False)
    reason: Mapped[str] = business(String(500), default="")
    provider_ref: Mapped[str] = business(String(200), default="", index=True)
    failure_code: Mapped[str | None] = business(String(100))
    asked_at: Mapped[datetime] = business(default=clock.now)
    done_at: Mapped[datetime | None] = business()
    tries: Mapped[int] = business(default=0)
    try_again_at: Mapped[datetime] = business()


class Dispute(Base):
    """A buyer's bank took money back; `won` when it had to give it back again."""

    __tablename__ = "payment_disputes"
    __table_args__ = (UniqueConstraint("provider", "provider_ref"), CheckConstraint("amount > 0", name="amount"))

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    payment_id: Mapped[UUID] = business(ForeignKey("payments.id"), index=True)
    provider: Mapped[str] = business(String(40))
    provider_ref: Mapped[str] = business(String(200))
    state: Mapped[DisputeState] = business(String(10))
    amount: Mapped[int] = business()
    reason: Mapped[str] = business(String(200))
    opened_at: Mapped[datetime] = business(default=clock.now)
    decided_at: Mapped[datetime | None] = business()


class PaymentMethod(Base):
    """A means of payment that a provider keeps for a customer. What is here shows it, and cannot charge it alone."""

    __tablename__ = "payment_methods"

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    customer_id: Mapped[UUID] = personal(ForeignKey("customers.id"), index=True)
    provider: Mapped[str] = business(String(40))
    request_scope: Mapped[bytes | None] = secret(LargeBinary, unique=True)
    setup_ref: Mapped[str] = secret(String(200), default="")
    provider_ref: Mapped[str] = secret(String(200), default="")
    customer_ref: Mapped[str] = secret(String(200), default="")
    kind: Mapped[str] = personal(String(40), default="")
    brand: Mapped[str | None] = personal(String(40))
    last4: Mapped[str | None] = personal(String(4))
    expires_month: Mapped[int | None] = personal()
    expires_year: Mapped[int | None] = personal()
    created_at: Mapped[datetime] = business(default=clock.now)
    saved_at: Mapped[datetime | None] = business()
    removed_at: Mapped[datetime | None] = business()


class Webhook(Base):
    """What a provider told us, once: a second telling runs into the key. Worked off after it was answered."""

    __tablename__ = "payment_webhooks"
    __table_args__ = (UniqueConstraint("provider", "event_id"),)

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    provider: Mapped[str] = business(String(40))
    event_id: Mapped[str] = business(String(200))
    kind: Mapped[str] = business(String(100))
    payment_id: Mapped[UUID | None] = business(index=True)
    # As it was read; it may hold the secret of a second step.
    told: Mapped[dict[str, Any]] = secret(JSONB)
    received_at: Mapped[datetime] = business(default=clock.now)
    processed_at: Mapped[datetime | None] = business()


class Issue(Base):
    """Something about money that only people can decide, with the facts to decide it by."""

    __tablename__ = "payment_issues"
    __table_args__ = (
        # The same trouble that is seen again is the same item, until somebody has resolved it.
        Index("uq_payment_issues_open", "kind", "subject", unique=True, postgresql_where=text("resolved_at IS NULL")),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    kind: Mapped[str] = business(String(40))
    subject: Mapped[str] = business(String(200))
    payment_id: Mapped[UUID | None] = business(index=True)
    order_id: Mapped[UUID | None] = business(index=True)
    facts: Mapped[dict[str, Any]] = business()
    opened_at: Mapped[datetime] = business(default=clock.now)
    resolved_at: Mapped[datetime | None] = business()
    resolution: Mapped[str] = business(String(500), default="")
    version: Mapped[int] = business()

    __mapper_args__ = {"version_id_col": version}
