"""Where is delivered, how, and for what. A place belongs to one zone at most, and a region goes before its country."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, relationship

from shopwright.kit import ids
from shopwright.kit.db import Base
from shopwright.kit.privacy import public


class RateKind(StrEnum):
    FLAT = "flat"
    BY_WEIGHT = "by_weight"
    BY_PRICE = "by_price"


class ShippingArea(Base):
    """A country, or one region of it, that a zone covers."""

    __tablename__ = "shipping_areas"
    __table_args__ = (UniqueConstraint("country", "region", postgresql_nulls_not_distinct=True),)

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    zone_id: Mapped[UUID] = public(ForeignKey("shipping_zones.id", ondelete="CASCADE"), index=True)
    country: Mapped[str] = public(String(2))
    region: Mapped[str | None] = public(String(100))


class ShippingZone(Base):
    __tablename__ = "shipping_zones"

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    name: Mapped[str] = public(String(100))
    version: Mapped[int] = public()
    areas: Mapped[list[ShippingArea]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by=(ShippingArea.country, ShippingArea.region),
    )

    __mapper_args__ = {"version_id_col": version}


class ShippingTier(Base):
    """What a method takes: up to a weight in grams (`by_weight`), or else from an amount of goods on."""

    __tablename__ = "shipping_tiers"
    __table_args__ = (CheckConstraint("threshold >= 0 AND amount >= 0", name="not_negative"),)

    method_id: Mapped[UUID] = public(ForeignKey("shipping_methods.id", ondelete="CASCADE"), primary_key=True)
    threshold: Mapped[int] = public(primary_key=True, autoincrement=False)
    amount: Mapped[int] = public()


class ShippingMethod(Base):
    """A way to ship into a zone for a channel, at prices in the channel's currency and tax display."""

    __tablename__ = "shipping_methods"
    __table_args__ = (
        UniqueConstraint("zone_id", "channel_id", "code"),
        CheckConstraint("free_from_amount >= 0", name="free_from_some_amount"),
        CheckConstraint("0 <= min_days AND min_days <= max_days", name="days_in_order"),
    )

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    zone_id: Mapped[UUID] = public(ForeignKey("shipping_zones.id", ondelete="CASCADE"))
    channel_id: Mapped[UUID] = public(ForeignKey("channels.id"), index=True)
    code: Mapped[str] = public(String(40))
    name: Mapped[str] = public(String(100))
    # By locale.
    translations: Mapped[dict[str, str]] = public(JSONB, default=dict)
    currency: Mapped[str] = public(String(3))
    rate_kind: Mapped[RateKind] = public(String(20))
    free_from_amount: Mapped[int | None] = public()
    min_days: Mapped[int | None] = public(Integer)
    max_days: Mapped[int | None] = public(Integer)
    tax_class: Mapped[str] = public(String(40), default="standard")
    position: Mapped[int] = public(Integer, default=0)
    is_active: Mapped[bool] = public(default=True)
    version: Mapped[int] = public()
    tiers: Mapped[list[ShippingTier]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True, order_by=ShippingTier.threshold
    )

    __mapper_args__ = {"version_id_col": version}
