"""A cart: what somebody means to buy. Prices and stock are looked up anew whenever it is shown."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, relationship

from shopwright.commerce.cart.errors import CartClosed, CartFull
from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.privacy import business, personal, secret

# Together they keep every total far below 2^53, which JSON numbers hold exactly.
MOST_LINES = 100
MOST_OF_ONE = 400
MOST_CODES = 10


class State(StrEnum):
    OPEN = "open"
    ORDERED = "ordered"
    MERGED = "merged"


NEXT = {State.OPEN: {State.ORDERED, State.MERGED}, State.ORDERED: set(), State.MERGED: set()}


class Cart(Base):
    __tablename__ = "carts"
    __table_args__ = (
        # A customer has one open cart in a channel, on whichever device.
        Index(
            "uq_carts_open_of_customer", "customer_id", "channel_id", unique=True,
            postgresql_where=text("state = 'open' AND customer_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    channel_id: Mapped[UUID] = business(ForeignKey("channels.id"))
    customer_id: Mapped[UUID | None] = personal(ForeignKey("customers.id"), index=True)
    token_hash: Mapped[bytes | None] = secret(LargeBinary)
    state: Mapped[State] = business(String(10), default=State.OPEN)
    locale: Mapped[str] = business(String(20))
    email: Mapped[str | None] = personal(String(254))
    shipping_address: Mapped[dict[str, Any] | None] = personal(JSONB(none_as_null=True))
    billing_address: Mapped[dict[str, Any] | None] = personal(JSONB(none_as_null=True))
    # Normalised; its form is right.
    vat_id: Mapped[str | None] = personal(String(20))
    shipping_method_id: Mapped[UUID | None] = business()
    # In capitals, in the order in which they were entered.
    codes: Mapped[list[str]] = business(ARRAY(String), default=list, server_default="{}")
    chosen_gifts: Mapped[list[UUID]] = business(ARRAY(Uuid(as_uuid=True)), default=list, server_default="{}")
    created_at: Mapped[datetime] = business(default=clock.now)
    changed_at: Mapped[datetime] = business(default=clock.now)
    version: Mapped[int] = business()
    lines: Mapped[list["CartLine"]] = relationship(lazy="raise", order_by="CartLine.id", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}

    def move_to(self, state: State) -> None:
        """Raises `CartClosed` when the cart cannot go there."""
        if state not in NEXT[State(self.state)]:
            raise CartClosed()
        self.state = state
        self.touch()

    def touch(self) -> None:
        """Note a change of the cart or its lines, so that its version says so."""
        self.changed_at = clock.now()

    def put(self, variant_id: UUID, quantity: int, seen_amount: int) -> None:
        """More of a variant, up to the limits; raises `CartFull` beyond them."""
        line = next((line for line in self.lines if line.variant_id == variant_id), None)
        if line is None:
            if len(self.lines) >= MOST_LINES:
                raise CartFull(f"A cart holds at most {MOST_LINES} different items.")
            line = CartLine(id=ids.new(), cart_id=self.id, variant_id=variant_id, quantity=0)
            self.lines.append(line)
        line.count(line.quantity + quantity, seen_amount)
        self.touch()


class CartLine(Base):
    __tablename__ = "cart_lines"
    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint(f"quantity BETWEEN 1 AND {MOST_OF_ONE}", name="quantity"),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    cart_id: Mapped[UUID] = business(ForeignKey("carts.id", ondelete="CASCADE"))
    variant_id: Mapped[UUID] = business(ForeignKey("variants.id"), index=True)
    quantity: Mapped[int] = business()
    # What the shopper saw when they last touched the line, so that a change of price can be said.
    seen_amount: Mapped[int] = business()

    def count(self, quantity: int, seen_amount: int) -> None:
        """Raises `CartFull` beyond the limit."""
        if quantity > MOST_OF_ONE:
            raise CartFull(f"A cart holds at most {MOST_OF_ONE} pieces of one item.")
        self.quantity = quantity
        self.seen_amount = seen_amount
