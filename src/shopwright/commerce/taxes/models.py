"""What is taxed how, where. A place belongs to one zone at most, and a region goes before its country."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.privacy import business, personal, public


class TaxClass(Base):
    """What kind of goods: products and shipping methods name its code."""

    __tablename__ = "tax_classes"

    code: Mapped[str] = public(String(40), primary_key=True)
    name: Mapped[str] = public(String(100))
    version: Mapped[int] = public()

    __mapper_args__ = {"version_id_col": version}


class TaxArea(Base):
    """A country, or one region of it, that a zone covers."""

    __tablename__ = "tax_areas"
    __table_args__ = (UniqueConstraint("country", "region", postgresql_nulls_not_distinct=True),)

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    zone_id: Mapped[UUID] = public(ForeignKey("tax_zones.id", ondelete="CASCADE"), index=True)
    country: Mapped[str] = public(String(2))
    region: Mapped[str | None] = public(String(100))


class TaxRate(Base):
    __tablename__ = "tax_rates"
    __table_args__ = (CheckConstraint("rate_ppm BETWEEN 0 AND 1000000", name="is_a_share"),)

    zone_id: Mapped[UUID] = public(ForeignKey("tax_zones.id", ondelete="CASCADE"), primary_key=True)
    tax_class: Mapped[str] = public(ForeignKey("tax_classes.code"), primary_key=True)
    name: Mapped[str] = public(String(100))
    rate_ppm: Mapped[int] = public(Integer)


class TaxZone(Base):
    __tablename__ = "tax_zones"

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    name: Mapped[str] = public(String(100))
    version: Mapped[int] = public()
    areas: Mapped[list[TaxArea]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True, order_by=(TaxArea.country, TaxArea.region)
    )
    rates: Mapped[list[TaxRate]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True, order_by=TaxRate.tax_class
    )

    __mapper_args__ = {"version_id_col": version}


class TaxExemption(Base):
    """A customer who pays no tax in a country, or a region of it, and the certificate that they have shown for it.

    It is never deleted, only ended: orders refer to it.
    """

    __tablename__ = "tax_exemptions"
    __table_args__ = (CheckConstraint("valid_until >= valid_from", name="ends_after_it_begins"),)

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    customer_id: Mapped[UUID] = personal(ForeignKey("customers.id"), index=True)
    country: Mapped[str] = business(String(2))
    region: Mapped[str | None] = business(String(100))
    certificate: Mapped[str] = personal(String(60))
    reason: Mapped[str] = personal(String(500))
    valid_from: Mapped[datetime] = business()
    valid_until: Mapped[datetime | None] = business()
    created_at: Mapped[datetime] = business(default=clock.now)


class KeptAnswer(Base):
    """What a tax service answered about a basket, under a hash of all that it was asked."""

    __tablename__ = "tax_answers"

    key: Mapped[bytes] = business(LargeBinary, primary_key=True)
    answer: Mapped[dict[str, Any]] = business()
    asked_at: Mapped[datetime] = business(default=clock.now, index=True)
