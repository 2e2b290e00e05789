"""How levels are locked and changed; every verb of the room goes through here.

Lock order: the levels that a verb touches, all in one statement sorted by (variant_id, location_id), and only then
reservations. So two checkouts may wait for each other but never deadlock. A reservation is changed by nobody who has
not locked its level, so under that lock what was read stays true.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY, BigInteger, ColumnElement, DateTime, FromClause, String, Uuid, and_, bindparam, exists, func, or_, select,
    tuple_, update,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.inventory.events import StockChanged
from shopwright.commerce.inventory.models import (
    HELD, ChannelLocation, Location, Reservation, ReservationState, StockLevel,
)  # fmt: skip
from shopwright.kit.db import session
from shopwright.kit.events import emit

Place = tuple[UUID, UUID]
"""A variant and a location, in the order in which their levels are locked."""


class Level(NamedTuple):
    """A locked level, its expired reservations already taken off."""

    variant_id: UUID
    location_id: UUID
    on_hand: int
    reserved: int
    claimed: int

    @property
    def place(self) -> Place:
        return self.variant_id, self.location_id

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved - self.claimed


class Change(NamedTuple):
    """What is added to a level, or with a minus taken off."""

    variant_id: UUID
    location_id: UUID
    on_hand: int = 0
    reserved: int = 0
    claimed: int = 0


def rows_of(name: str, **columns: type[UUID] | type[int]) -> FromClause:
    """A table that is sent as one array a column, each a parameter called `<name>_<column>`."""
    arrays = [
        bindparam(f"{name}_{column}", type_=ARRAY(Uuid() if kind is UUID else BigInteger()))
        for column, kind in columns.items()
    ]
    return func.unnest(*arrays).table_valued(*columns, name=name).render_derived()


FREE: ColumnElement[int] = StockLevel.on_hand - StockLevel.reserved - StockLevel.claimed
NOW = bindparam("now", type_=DateTime(timezone=True))
COLUMNS = (
    StockLevel.variant_id, StockLevel.location_id, StockLevel.on_hand, StockLevel.reserved, StockLevel.claimed,
)  # fmt: skip
_AT_LEVEL = and_(
    Reservation.variant_id == StockLevel.variant_id, Reservation.location_id == StockLevel.location_id
)
OVERDUE = and_(_AT_LEVEL, Reservation.state == HELD, Reservation.expires_at <= NOW)
HAS_OVERDUE: ColumnElement[bool] = and_(StockLevel.reserved > 0, exists().where(OVERDUE))
_LOCKED = (
    select(*COLUMNS, HAS_OVERDUE)
    .order_by(StockLevel.variant_id, StockLevel.location_id)
    .with_for_update(of=StockLevel, key_share=True)
)

# What has nothing free is not even waited for: it was gone when this was asked. A level that another buyer empties
# while we wait for it is judged again when the lock is had.
_SELLABLE = (
    _LOCKED.add_columns(ChannelLocation.priority)
    .join(ChannelLocation, ChannelLocation.location_id == StockLevel.location_id)
    .join(Location, Location.id == StockLevel.location_id)
    .where(ChannelLocation.channel_id == bindparam("channel_id"), Location.is_active)
    .where(StockLevel.variant_id == func.any(bindparam("variants", type_=ARRAY(Uuid()))))
    .where(or_(FREE > 0, HAS_OVERDUE))
)
_wanted = rows_of("wanted", variant_id=UUID, location_id=UUID)
_PLACES = _LOCKED.where(
    tuple_(StockLevel.variant_id, StockLevel.location_id).in_(select(_wanted.c.variant_id, _wanted.c.location_id))
)
_OF_ORDER = _LOCKED.where(
    exists().where(
        _AT_LEVEL,
        Reservation.order_id == bindparam("order_id"),
        Reservation.state.in_([ReservationState.HELD, ReservationState.CLAIMED]),
    )
)

_void = rows_of("void", variant_id=UUID, location_id=UUID)
_VOID = (
    update(Reservation)
    .where(
        Reservation.variant_id == _void.c.variant_id,
        Reservation.location_id == _void.c.location_id,
        Reservation.state == HELD,
        Reservation.expires_at <= NOW,
    )
    .values(state=ReservationState.EXPIRED, changed_at=NOW)
    .returning(Reservation.variant_id, Reservation.location_id, Reservation.quantity)
)

_change = rows_of("change", variant_id=UUID, location_id=UUID, on_hand=int, reserved=int, claimed=int)
RAISED = (
    update(StockLevel)
    .where(StockLevel.variant_id == _change.c.variant_id, StockLevel.location_id == _change.c.location_id)
    .values(
        on_hand=StockLevel.on_hand + _change.c.on_hand,
        reserved=StockLevel.reserved + _change.c.reserved,
        claimed=StockLevel.claimed + _change.c.claimed,
    )
    .returning(
        StockLevel.variant_id,
        FREE.label("free"),
        (_change.c.on_hand - _change.c.reserved - _change.c.claimed).label("freed"),
    )
)
