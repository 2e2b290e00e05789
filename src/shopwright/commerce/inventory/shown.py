"""What can be had, as a part of the statement that a page is read with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, any_, case, func, select

from shopwright.commerce.inventory.models import HELD
from shopwright.commerce.inventory.statements import AT_LEVEL, FREE, locations, reservations, selling, stock


class KnownStock(Struct, frozen=True):
    """How many a buyer could have now; of what is sold out also when the next hold runs out and may set some free."""

    variant_id: UUID
    quantity: int
    frees_at: datetime | None


def stock_in(
    channel_id: ColumnElement[UUID], variants: ColumnElement[Any], now: ColumnElement[datetime]
) -> Select[*tuple[Any, ...]]:
    """Of each of these variants that is kept anywhere, as `KnownStock`; what was held beyond its time counts as free."""
    held = select(reservations).where(AT_LEVEL, reservations.c.state == HELD).correlate(stock)
    overdue = func.coalesce(
        held.with_only_columns(func.sum(reservations.c.quantity))
        .where(reservations.c.expires_at <= now)
        .scalar_subquery(),
        0,
    )
    next_out = (
        held.with_only_columns(func.min(reservations.c.expires_at))
        .where(reservations.c.expires_at > now)
        .scalar_subquery()
    )
    is_held = stock.c.reserved > 0
    free = func.sum(FREE + case((is_held, overdue), else_=0))
    return (
        select(
            stock.c.variant_id, free.label("quantity"),
            case((free <= 0, func.min(case((is_held, next_out))))).label("frees_at"),
        )
        .join_from(stock, selling, selling.c.location_id == stock.c.location_id)
        .join(locations, locations.c.id == stock.c.location_id)
        .where(selling.c.channel_id == channel_id, locations.c.is_active, stock.c.variant_id == any_(variants))
        .group_by(stock.c.variant_id)
    )  # fmt: skip
