"""An order: a frozen cart with a buyer. What can be computed from its amounts and lines is computed, never stored."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Sequence, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, relationship

from shopwright.commerce.orders.errors import OrderClosed
from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.money import Money
from shopwright.kit.privacy import business, personal, secret

numbers = Sequence("order_numbers", start=10001, metadata=Base.metadata)


class State(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    CANCELED = "canceled"
    EXPIRED = "expired"


NEXT = {
    State.OPEN: {State.COMPLETED, State.CANCELED, State.EXPIRED},
    State.COMPLETED: set(),
    State.CANCELED: set(),
    State.EXPIRED: set(),
}


class PaymentStatus(StrEnum):
    AWAITED = "awaited"
    AUTHORIZED = "authorized"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


class FulfillmentStatus(StrEnum):
    UNFULFILLED = "unfulfilled"
    PARTLY_FULFILLED = "partly_fulfilled"
    FULFILLED = "fulfilled"


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("total_amount >= 0", name="total"),
        CheckConstraint("gift_card_amount BETWEEN 0 AND total_amount", name="gift_cards"),
        CheckConstraint("paid_amount BETWEEN 0 AND total_amount", name="paid"),
        CheckConstraint("authorized_amount BETWEEN 0 AND total_amount - paid_amount", name="authorized"),
        CheckConstraint("refunded_amount BETWEEN 0 AND paid_amount", name="refunded"),
        # Read by the sweeper of unpaid orders.
        Index("ix_orders_expiring", "expires_at", postgresql_where=text("state = 'open' AND expires_at IS NOT NULL")),
        Index("ix_orders_customer_id_id", "customer_id", "id"),
        # What staff look for, in the order of their lists.
        Index("ix_orders_state_id", "state", "id"),
        Index("ix_orders_email_id", "email", "id"),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    number: Mapped[int] = business(numbers, server_default=numbers.next_value(), unique=True)
    # The cart is a room beside this one, so its id is a plain column: one order a cart, however often asked.
    cart_id: Mapped[UUID] = business(unique=True)
    channel_id: Mapped[UUID] = business(ForeignKey("channels.id"))
    customer_id: Mapped[UUID | None] = personal(ForeignKey("customers.id"))
    token_hash: Mapped[bytes | None] = secret(LargeBinary)
    state: Mapped[State] = business(String(10), default=State.OPEN)
    locale: Mapped[str] = business(String(20))
    email: Mapped[str] = personal(String(254))
    shipping_address: Mapped[dict[str, Any] | None] = personal(JSONB(none_as_null=True))
    billing_address: Mapped[dict[str, Any] | None] = personal(JSONB(none_as_null=True))
    currency: Mapped[str] = business(String(3))
    subtotal_amount: Mapped[int] = business()
    discount_amount: Mapped[int] = business()
    shipping_amount: Mapped[int] = business()
    tax_amount: Mapped[int] = business()
    total_amount: Mapped[int] = business()
    # How much of it is for gift cards, which are no revenue and take no credit.
    gift_card_amount: Mapped[int] = business(server_default="0", default=0)
    # Reserved at providers and not yet taken.
    authorized_amount: Mapped[int] = business(default=0)
    paid_amount: Mapped[int] = business(default=0)
    refunded_amount: Mapped[int] = business(default=0)
    # How every amount came about, for "why does it cost this?".
    quote: Mapped[dict[str, Any]] = personal()
    # What that was made from (`pricing.Basis`), to be judged again by other rules. Older orders have none.
    basis: Mapped[dict[str, Any] | None] = personal(JSONB(none_as_null=True), deferred=True, deferred_raiseload=True)
    placed_at: Mapped[datetime] = business(default=clock.now, index=True)
    expires_at: Mapped[datetime | None] = business()
    paid_at: Mapped[datetime | None] = business()
    version: Mapped[int] = business()
    lines: Mapped[list["OrderLine"]] = relationship(lazy="raise", order_by="OrderLine.position")

    __mapper_args__ = {"version_id_col": version}

    @property
    def total(self) -> Money:
        return Money(self.total_amount, self.currency)

    @property
    def due(self) -> Money:
        return Money(self.total_amount - self.paid_amount, self.currency)

    @property
    def uncovered_amount(self) -> int:
        """What is neither paid nor reserved."""
        return self.total_amount - self.paid_amount - self.authorized_amount

    @property
    def takes_payments(self) -> bool:
        """Of an order that is not wholly paid nothing may have gone back: else a rest would pay for all of it."""
        return self.state == State.OPEN and not self.refunded_amount

    @property
    def is_paid(self) -> bool:
        return self.paid_amount == self.total_amount and self.paid_at is not None

    @property
    def payment_status(self) -> PaymentStatus:
        if self.refunded_amount:
            is_all = self.refunded_amount == self.paid_amount
            return PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTLY_REFUNDED
        if self.is_paid:
            return PaymentStatus.PAID
        if self.authorized_amount and not self.uncovered_amount and not self.paid_amount:
            return PaymentStatus.AUTHORIZED
        return PaymentStatus.PARTLY_PAID if self.paid_amount else PaymentStatus.AWAITED

    @property
    def fulfillment_status(self) -> FulfillmentStatus:
        shipped = sum(line.shipped_quantity for line in self.lines)
        if shipped == 0:
            return FulfillmentStatus.UNFULFILLED
        is_all = all(line.shipped_quantity == line.quantity for line in self.lines if line.requires_shipping)
        return FulfillmentStatus.FULFILLED if is_all else FulfillmentStatus.PARTLY_FULFILLED

    def move_to(self, state: State) -> None:
        """Raises `OrderClosed` when the order cannot go there."""
        if state not in NEXT[State(self.state)]:
            raise OrderClosed(state=str(self.state))
        self.state = state


class OrderLine(Base):
    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("shipped_quantity BETWEEN 0 AND quantity", name="shipped"),
        CheckConstraint("net_amount + tax_amount = gross_amount", name="adds_up"),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    order_id: Mapped[UUID] = business(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = business()
    variant_id: Mapped[UUID] = business(ForeignKey("variants.id"), index=True)
    product_id: Mapped[UUID] = business()
    sku: Mapped[str] = business(String(100))
    title: Mapped[str] = business(String(500))
    variant_title: Mapped[str] = business(String(500))
    options: Mapped[dict[str, Any]] = business()
    image_url: Mapped[str | None] = business(String(2000))
    quantity: Mapped[int] = business()
    unit_amount: Mapped[int] = business()
    net_amount: Mapped[int] = business()
    tax_amount: Mapped[int] = business()
    gross_amount: Mapped[int] = business()
    tax_rate_ppm: Mapped[int] = business()
    tax_name: Mapped[str] = business(String(100))
    requires_shipping: Mapped[bool] = business()
    is_gift_card: Mapped[bool] = business(server_default="false", default=False)
    shipped_quantity: Mapped[int] = business(default=0)


class OrderEvent(Base):
    """What happened to an order, for its timeline."""

    __tablename__ = "order_events"

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    order_id: Mapped[UUID] = business(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = business(default=clock.now)
    kind: Mapped[str] = business(String(40))
    actor_kind: Mapped[str] = business(String(20))
    facts: Mapped[dict[str, Any]] = business()
