"""Shipments: what of an order has left, and how to follow it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, relationship

from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.privacy import business, personal


class Shipment(Base):
    __tablename__ = "shipments"

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    order_id: Mapped[UUID] = business(ForeignKey("orders.id"), index=True)
    carrier: Mapped[str | None] = business(String(100))
    tracking_number: Mapped[str | None] = personal(String(100))
    tracking_url: Mapped[str | None] = personal(String(2000))
    shipped_at: Mapped[datetime] = business(default=clock.now)
    lines: Mapped[list["ShipmentLine"]] = relationship(lazy="raise", order_by="ShipmentLine.id")


class ShipmentLine(Base):
    __tablename__ = "shipment_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    shipment_id: Mapped[UUID] = business(ForeignKey("shipments.id", ondelete="CASCADE"), index=True)
    order_line_id: Mapped[UUID] = business(ForeignKey("order_lines.id"))
    quantity: Mapped[int] = business()
