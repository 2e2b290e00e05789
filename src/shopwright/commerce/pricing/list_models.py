"""Price lists: what a piece costs for whom, and from how many pieces on."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from shopwright.kit import clock, ids, ledger
from shopwright.kit.db import Base
from shopwright.kit.privacy import business, personal


class PriceList(Base):
    """For one customer, for a group, or for anybody. `adjust_ppm` goes onto what the list that it is based on says, or
    onto the variant's own price; what has tiers of its own costs what they say."""

    __tablename__ = "price_lists"
    __table_args__ = (
        CheckConstraint("customer_id IS NULL OR group_id IS NULL", name="one_audience"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("adjust_ppm BETWEEN -1000000 AND 10000000", name="adjusts_within_reason"),
        CheckConstraint("based_on_id IS NULL OR adjust_ppm IS NOT NULL", name="a_basis_is_adjusted"),
        Index("ix_price_lists_channel_id_currency", "channel_id", "currency"),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    channel_id: Mapped[UUID] = business(ForeignKey("channels.id"))
    currency: Mapped[str] = business(String(3))
    name: Mapped[str] = business(String(200))
    priority: Mapped[int] = business(Integer)
    customer_id: Mapped[UUID | None] = personal(ForeignKey("customers.id"), index=True)
    group_id: Mapped[UUID | None] = business(ForeignKey("customer_groups.id"), index=True)
    based_on_id: Mapped[UUID | None] = business(ForeignKey("price_lists.id"), index=True)
    adjust_ppm: Mapped[int | None] = business(Integer)
    starts_at: Mapped[datetime | None] = business()
    ends_at: Mapped[datetime | None] = business()
    is_active: Mapped[bool] = business()
    created_at: Mapped[datetime] = business(default=clock.now)
    version: Mapped[int] = business()

    __mapper_args__ = {"version_id_col": version}


class PriceTier(Base):
    """What a piece costs by a list, from so many pieces on."""

    __tablename__ = "price_tiers"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="not_negative"),
        CheckConstraint("min_quantity > 0", name="from_one_on"),
        Index("ix_price_tiers_variant_id_price_list_id", "variant_id", "price_list_id"),
    )

    price_list_id: Mapped[UUID] = business(ForeignKey("price_lists.id"), primary_key=True)
    variant_id: Mapped[UUID] = business(ForeignKey("variants.id", ondelete="CASCADE"), primary_key=True)
    min_quantity: Mapped[int] = business(Integer, primary_key=True, autoincrement=False)
    amount: Mapped[int] = business()


class PriceListVersion(Base):
    """A price list as it was, row by row: the trace of a price names id and version, and is understood for ever."""

    __tablename__ = "price_list_versions"

    price_list_id: Mapped[UUID] = business(ForeignKey("price_lists.id"), primary_key=True)
    version: Mapped[int] = business(primary_key=True, autoincrement=False)
    row: Mapped[dict[str, Any]] = business(JSONB)
    at: Mapped[datetime] = business()


ledger.append_only(cast(Table, PriceListVersion.__table__))
