"""Payments and refunds of orders. The limits (captured ≤ authorized, refunded ≤ captured) stand in the database."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped

from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.money import Money
from shopwright.kit.privacy import business, secret


class State(StrEnum):
    PENDING = "pending"
    NEEDS_ACTION = "needs_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"


#: What may follow. An answer that comes late or twice finds no move and changes nothing.
NEXT = {
    State.PENDING: {State.NEEDS_ACTION, State.AUTHORIZED, State.CAPTURED, State.DECLINED, State.VOIDED},
    State.NEEDS_ACTION: {State.AUTHORIZED, State.CAPTURED, State.DECLINED, State.VOIDED},
    State.AUTHORIZED: {State.CAPTURED, State.VOIDED},
    State.CAPTURED: set(),
    State.DECLINED: set(),
    State.VOIDED: set(),
}
LIVE = (State.PENDING, State.NEEDS_ACTION, State.AUTHORIZED, State.CAPTURED)


class Payment(Base):
    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("captured_amount BETWEEN 0 AND amount", name="captured"),
        CheckConstraint("refunded_amount BETWEEN 0 AND captured_amount", name="refunded"),
        # Two tabs may pay at once: one of them is told that a payment is under way.
        Index(
            "uq_payments_live_of_order", "order_id", unique=True,
            postgresql_where=text("state IN ('pending', 'needs_action', 'authorized', 'captured')"),
        ),
        Index("ix_payments_pending", "asked_at", postgresql_where=text("state = 'pending'")),
    )  # fmt: skip

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    order_id: Mapped[UUID] = business(ForeignKey("orders.id"), index=True)
    provider: Mapped[str] = business(String(40))
    # The request that began it: its repeat goes on with this payment instead of beginning another.
    request_scope: Mapped[bytes | None] = secret(LargeBinary, unique=True)
    method_token: Mapped[str] = secret(String(200))
    captures_at_once: Mapped[bool] = business()
    state: Mapped[State] = business(String(20), default=State.PENDING)
    currency: Mapped[str] = business(String(3))
    amount: Mapped[int] = business()
    captured_amount: Mapped[int] = business(default=0)
    refunded_amount: Mapped[int] = business(default=0)
    provider_ref: Mapped[str] = business(String(200), default="")
    decline_code: Mapped[str | None] = business(String(100))
    action_url: Mapped[str | None] = secret(String(2000))
    asked_at: Mapped[datetime] = business(default=clock.now)
    settled_at: Mapped[datetime | None] = business()

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    def may_move_to(self, state: State) -> bool:
        return state in NEXT[State(self.state)]

    def move_to(self, state: State) -> None:
        assert self.may_move_to(state), f"{self.state} -> {state}"
        self.state = state
        self.settled_at = clock.now()


class RefundState(StrEnum):
    PENDING = "pending"
    DONE = "done"


class Refund(Base):
    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_refunds_pending", "asked_at", postgresql_where=text("state = 'pending'")),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    payment_id: Mapped[UUID] = business(ForeignKey("payments.id"), index=True)
    request_scope: Mapped[bytes | None] = secret(LargeBinary, unique=True)
    state: Mapped[RefundState] = business(String(20), default=RefundState.PENDING)
    amount: Mapped[int] = business()
    reason: Mapped[str] = business(String(500))
    asked_at: Mapped[datetime] = business(default=clock.now)
    done_at: Mapped[datetime | None] = business()


class Webhook(Base):
    """What a provider told us, once: a second telling runs into the key."""

    __tablename__ = "payment_webhooks"

    provider: Mapped[str] = business(String(40), primary_key=True)
    event_id: Mapped[str] = business(String(200), primary_key=True)
    payment_id: Mapped[UUID] = business()
    received_at: Mapped[datetime] = business(default=clock.now)
