"""What lies where, to whom it is promised, and how it came and went."""

from datetime import datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Table,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped

from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.ledger import append_only
from shopwright.kit.privacy import business, public


class Location(Base):
    """A place where stock lies: a warehouse, a store."""

    __tablename__ = "locations"

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    code: Mapped[str] = business(String(40), unique=True)
    name: Mapped[str] = business(String(100))
    country: Mapped[str] = business(String(2))
    is_active: Mapped[bool] = business(default=True)
    version: Mapped[int] = business()

    __mapper_args__ = {"version_id_col": version}


class ChannelLocation(Base):
    """That a channel sells from a location; the lowest priority number is taken from first."""

    __tablename__ = "channel_locations"

    channel_id: Mapped[UUID] = business(ForeignKey("channels.id"), primary_key=True)
    location_id: Mapped[UUID] = business(ForeignKey("locations.id"), primary_key=True, index=True)
    priority: Mapped[int] = business(SmallInteger)


class StockLevel(Base):
    """How much of a variant lies at a location.

    `reserved` of it is held by orders that are not yet paid, `claimed` belongs to paid ones and is not yet shipped.
    """

    __tablename__ = "stock_levels"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand_counts"),
        CheckConstraint("reserved >= 0", name="reserved_counts"),
        CheckConstraint("claimed >= 0", name="claimed_counts"),
        CheckConstraint("on_hand - reserved - claimed >= 0", name="promises_only_what_is_there"),
    )

    variant_id: Mapped[UUID] = public(ForeignKey("variants.id"), primary_key=True)
    location_id: Mapped[UUID] = business(ForeignKey("locations.id"), primary_key=True, index=True)
    on_hand: Mapped[int] = business(default=0, server_default="0")
    reserved: Mapped[int] = business(default=0, server_default="0")
    claimed: Mapped[int] = business(default=0, server_default="0")

    @property
    def place(self) -> tuple[UUID, UUID]:
        return self.variant_id, self.location_id

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved - self.claimed


class Reason(StrEnum):
    """Why what is on hand changed."""

    RECEIPT = "receipt"
    ADJUSTMENT = "adjustment"
    COUNT = "count"
    SALE = "sale"
    RETURN = "return"
    IMPORT = "import"
    TRANSFER = "transfer"
    REPAIR = "repair"
    """Nothing moved: `verify` made the ledger say what the level says."""


class StockMovement(Base):
    """One change of what is on hand, for ever: the sum of a level's movements is its `on_hand`."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        # To the level and not to the variant: its row is the one that is locked already.
        ForeignKeyConstraint(["variant_id", "location_id"], ["stock_levels.variant_id", "stock_levels.location_id"]),
        CheckConstraint("delta <> 0", name="moves_something"),
        Index("ix_stock_movements_level", "variant_id", "location_id", "id"),
        Index("ix_stock_movements_location", "location_id", "id"),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    variant_id: Mapped[UUID] = business()
    location_id: Mapped[UUID] = business()
    delta: Mapped[int] = business()
    reason: Mapped[Reason] = business(String(20))
    reference: Mapped[str] = business(String(200))
    actor: Mapped[str] = business(String(60))
    at: Mapped[datetime] = business()


class ReservationState(StrEnum):
    HELD = "held"
    CLAIMED = "claimed"
    SHIPPED = "shipped"
    RELEASED = "released"
    EXPIRED = "expired"


NEXT = {
    ReservationState.HELD: {ReservationState.CLAIMED, ReservationState.RELEASED, ReservationState.EXPIRED},
    ReservationState.CLAIMED: {ReservationState.SHIPPED, ReservationState.RELEASED},
    ReservationState.EXPIRED: {ReservationState.RELEASED},
    ReservationState.SHIPPED: set(),
    ReservationState.RELEASED: set(),
}

#: Spelled out in statements: the planner takes a partial index only if it sees the value and no parameter.
HELD = literal_column("'held'", String)


class Reservation(Base):
    """Stock that is promised to an order; `expires_at` is until when it is held unpaid."""

    __tablename__ = "reservations"
    __table_args__ = (
        ForeignKeyConstraint(["variant_id", "location_id"], ["stock_levels.variant_id", "stock_levels.location_id"]),
        CheckConstraint("quantity > 0", name="holds_something"),
        CheckConstraint("state <> 'held' OR expires_at IS NOT NULL", name="held_until"),
        Index("ix_reservations_order", "order_id"),
        Index(
            "ix_reservations_held", "variant_id", "location_id", "expires_at", postgresql_where=text("state = 'held'")
        ),
        Index("ix_reservations_expiry", "expires_at", postgresql_where=text("state = 'held'")),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    order_id: Mapped[UUID] = business()
    variant_id: Mapped[UUID] = business()
    location_id: Mapped[UUID] = business()
    quantity: Mapped[int] = business()
    state: Mapped[ReservationState] = business(String(10))
    expires_at: Mapped[datetime | None] = business()
    created_at: Mapped[datetime] = business()
    changed_at: Mapped[datetime] = business()

    @property
    def place(self) -> tuple[UUID, UUID]:
        return self.variant_id, self.location_id

    def split(self, quantity: int) -> "Reservation":
        """Take so many out into a reservation of their own; fewer than all."""
        assert 0 < quantity < self.quantity
        self.quantity -= quantity
        return Reservation(
            order_id=self.order_id, variant_id=self.variant_id, location_id=self.location_id, quantity=quantity,
            state=self.state, expires_at=self.expires_at, created_at=self.created_at, changed_at=self.changed_at,
        )  # fmt: skip

    def move_to(self, state: ReservationState) -> None:
        assert state in NEXT[ReservationState(self.state)], f"a reservation that is {self.state} cannot be {state}"
        self.state, self.changed_at = state, clock.now()
        if state is not ReservationState.EXPIRED:
            self.expires_at = None


append_only(cast(Table, StockMovement.__table__))
