"""What things cost: written down when it changes, and never changed afterwards."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Index, Integer, String, Table
from sqlalchemy.orm import Mapped

from shopwright.kit import ids, ledger
from shopwright.kit.db import Base
from shopwright.kit.privacy import business, public


class PriceEntry(Base):
    """From `at` on a piece costs `amount`, by itself or by a price list; nothing: it is priced there no more.

    The variant may be gone: it is a plain column.
    """

    __tablename__ = "price_history"
    __table_args__ = (Index("ix_price_history_variant_id_channel_id", "variant_id", "channel_id", "at", "id"),)

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    variant_id: Mapped[UUID] = business()
    channel_id: Mapped[UUID] = business()
    currency: Mapped[str] = business(String(3))
    price_list_id: Mapped[UUID | None] = business()
    min_quantity: Mapped[int] = business(Integer)
    amount: Mapped[int | None] = business()
    compare_at_amount: Mapped[int | None] = business()
    cost_amount: Mapped[int | None] = business()
    at: Mapped[datetime] = business()


class PriceAnnouncement(Base):
    """From `at` on anybody was shown this price, after public lists and catalog promotions; nothing: none any more.

    `lowest_before_amount` goes with a reduced one: the lowest of the 30 days before the first reduction in a row began.
    """

    __tablename__ = "price_announcements"

    variant_id: Mapped[UUID] = public(primary_key=True)
    channel_id: Mapped[UUID] = public(primary_key=True)
    currency: Mapped[str] = public(String(3), primary_key=True)
    number: Mapped[int] = public(primary_key=True, autoincrement=False)
    amount: Mapped[int | None] = public()
    is_reduced: Mapped[bool] = public()
    lowest_before_amount: Mapped[int | None] = public()
    at: Mapped[datetime] = public()


for _each in (PriceEntry, PriceAnnouncement):
    ledger.append_only(cast(Table, _each.__table__))
