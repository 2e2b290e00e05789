"""The double-entry ledger of money: written once, never changed, every entry adding up to nothing per currency."""

from datetime import datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

from sqlalchemy import DDL, CheckConstraint, Index, String, Table, UniqueConstraint, event
from sqlalchemy.orm import Mapped

from shopwright.kit.db import Base
from shopwright.kit.ledger import append_only
from shopwright.kit.privacy import business


class Account(StrEnum):
    """What money is booked on. A debit is positive, a credit negative."""

    RECEIVABLE = "receivable"
    """What buyers are still to pay for their orders."""
    CAPTURED = "captured"
    """What payment providers hold for us."""
    SALES = "sales"
    SHIPPING = "shipping"
    TAX = "tax"
    DISCOUNTS = "discounts"
    REFUNDED = "refunded"
    """What went back to buyers who keep their order."""
    OWED = "owed"
    """What was paid for orders that were closed since, and is to go back."""
    EXCESS = "excess"
    """What came in for orders that could not take it, and is to go back."""
    FEES = "fees"
    DISPUTED = "disputed"
    """What buyers' banks took back."""
    LIABILITIES = "liabilities"
    """What the store owes for gift cards and credit."""
    UNISSUED = "unissued"
    """Gift cards that were ordered and are not issued yet."""
    GRANTED = "granted"
    """What the store gave as credit for nothing, less what it took back."""
    LAPSED = "lapsed"
    """What gift cards were still worth when they expired."""
    SUSPENSE = "suspense"
    """What nobody could explain yet; only a repair books here."""


class Kind(StrEnum):
    """Why an entry was made. One cause makes one entry of a kind, however often it is told."""

    PLACED = "placed"
    CLOSED = "closed"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    FEE = "fee"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute_won"
    CREDIT = "credit"
    """A movement of a gift card or of store credit."""
    REPAIR = "repair"
    """What `verify` books against suspense, for money that came in."""
    REFUND_REPAIR = "refund_repair"
    """The same for money that went back."""


class Posting(Base):
    """One amount of an entry on one account."""

    __tablename__ = "book_postings"
    __table_args__ = (
        UniqueConstraint("cause_id", "kind", "account"),
        CheckConstraint("amount <> 0", name="moves_something"),
        Index("ix_book_postings_order", "order_id"),
        Index("ix_book_postings_payment", "payment_id"),
    )

    entry_id: Mapped[UUID] = business(primary_key=True)
    account: Mapped[Account] = business(String(20), primary_key=True)
    currency: Mapped[str] = business(String(3))
    amount: Mapped[int] = business()
    kind: Mapped[Kind] = business(String(20))
    # What made the entry: an order, a capture, a refund, a dispute. By name only, since all of them stand above.
    cause_id: Mapped[UUID] = business()
    order_id: Mapped[UUID | None] = business()
    payment_id: Mapped[UUID | None] = business()
    at: Mapped[datetime] = business()


#: An entry is inserted by one statement, so the statement is where debits must equal credits.
BALANCE = (
    """CREATE OR REPLACE FUNCTION book_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM added GROUP BY entry_id HAVING sum(amount) <> 0 OR min(currency) <> max(currency)) THEN
        RAISE EXCEPTION 'an entry does not balance' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$""",
    """CREATE OR REPLACE TRIGGER book_postings_balance AFTER INSERT ON book_postings
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION book_entries_balance()""",
)

_postings = cast(Table, Posting.__table__)
append_only(_postings)
for _statement in BALANCE:
    event.listen(_postings, "after_create", DDL(_statement))  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
