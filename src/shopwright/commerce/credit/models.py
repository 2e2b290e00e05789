"""Gift cards and customers' store credit: one balance each, and every movement that made it."""

from datetime import datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.ledger import append_only
from shopwright.kit.money import Money
from shopwright.kit.privacy import business, personal, secret


class CreditKind(StrEnum):
    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"


class State(StrEnum):
    ACTIVE = "active"
    USED_UP = "used_up"
    EXPIRED = "expired"


class Reason(StrEnum):
    """Why a balance moved. One cause moves it once for a reason, however often it is told."""

    ISSUED = "issued"
    """A gift card was sold."""
    GRANTED = "granted"
    """Staff gave it."""
    REVOKED = "revoked"
    """Staff took it."""
    SPENT = "spent"
    RETURNED = "returned"
    """A payment by it was given back."""
    EXPIRED = "expired"
    REPAIR = "repair"
    """What `verify` wrote down, since the balance said so."""


class CreditAccount(Base):
    """A gift card, which belongs to whoever knows its code, or one customer's store credit in one currency.

    `balance_amount` is the sum of its movements, kept here since it is what spending is guarded by. A gift card has no
    code until its buyer asks for it; then the code is shown, and only its hash is kept.
    """

    __tablename__ = "credit_accounts"
    __table_args__ = (
        CheckConstraint("balance_amount >= 0", name="balance"),
        CheckConstraint("(kind = 'store_credit') = (customer_id IS NOT NULL)", name="owner"),
        CheckConstraint("(code_hash IS NULL) = (revealed_at IS NULL)", name="revealed"),
        UniqueConstraint("customer_id", "currency"),
        # A gift card is a piece of an order: it is issued once.
        UniqueConstraint("order_id", "place"),
        # Read by the clock.
        Index("ix_credit_accounts_expiring", "expires_at", postgresql_where=text("balance_amount > 0")),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    kind: Mapped[CreditKind] = business(String(20))
    currency: Mapped[str] = business(String(3))
    balance_amount: Mapped[int] = business(default=0)
    customer_id: Mapped[UUID | None] = personal(ForeignKey("customers.id"))
    code_hash: Mapped[bytes | None] = secret(LargeBinary, unique=True)
    revealed_at: Mapped[datetime | None] = business()
    expires_at: Mapped[datetime | None] = business()
    # By value, since orders stand above: which order sold it, in which line, the how manieth gift card of the order.
    order_id: Mapped[UUID | None] = business()
    order_line_id: Mapped[UUID | None] = business()
    place: Mapped[int | None] = business()
    created_at: Mapped[datetime] = business(default=clock.now)

    @property
    def balance(self) -> Money:
        return Money(self.balance_amount, self.currency)

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= clock.now()

    @property
    def state(self) -> State:
        if self.is_expired:
            return State.EXPIRED
        return State.ACTIVE if self.balance_amount else State.USED_UP


class CreditMovement(Base):
    """Written once: what came to a balance (above zero) or left it (below), and why."""

    __tablename__ = "credit_movements"
    __table_args__ = (
        UniqueConstraint("cause_id", "reason"),
        CheckConstraint("amount <> 0", name="moves_something"),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    account_id: Mapped[UUID] = business(ForeignKey("credit_accounts.id"), index=True)
    amount: Mapped[int] = business()
    reason: Mapped[Reason] = business(String(20))
    # What moved it: a payment, a refund, a piece of an order, a request of staff.
    cause_id: Mapped[UUID] = business()
    payment_id: Mapped[UUID | None] = business(index=True)
    note: Mapped[str] = business(String(500), default="")
    at: Mapped[datetime] = business(default=clock.now, index=True)


append_only(cast(Table, CreditMovement.__table__))
