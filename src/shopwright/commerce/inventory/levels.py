"""How levels are locked and changed; every verb of the room goes through here.

Lock order: the levels that a verb touches, all in one statement sorted by (variant_id, location_id), and only then
reservations. So two checkouts may wait for each other but never deadlock. Nobody changes a reservation without the
lock of its level, so under that lock what was read stays true.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY, BigInteger, ColumnElement, DateTime, Select, Table, TableValuedAlias, Uuid, and_, bindparam, exists, func,
    insert, literal, or_, select, tuple_, update,
)  # fmt: skip
from sqlalchemy.dialects import postgresql

from shopwright.commerce.inventory.events import StockChanged
from shopwright.commerce.inventory.models import (
    HELD, ChannelLocation, Location, Reservation, ReservationState, StockLevel,
)  # fmt: skip
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.events import emit

Place = tuple[UUID, UUID]
"""A variant and a location."""


class Level(NamedTuple):
    """A level that is locked, rid of what had expired. `priority` is the location's in the channel asked for."""

    variant_id: UUID
    location_id: UUID
    on_hand: int
    reserved: int
    claimed: int
    priority: int

    @property
    def place(self) -> Place:
        return self.variant_id, self.location_id

    @property
    def promised(self) -> int:
        return self.reserved + self.claimed

    @property
    def free(self) -> int:
        return self.on_hand - self.promised


class Change(NamedTuple):
    """What is added to a level or, below zero, taken off."""

    variant_id: UUID
    location_id: UUID
    on_hand: int = 0
    reserved: int = 0
    claimed: int = 0


class Part(NamedTuple):
    """So much of a variant from one location."""

    id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int


def _table_of(name: str, **columns: type[Uuid[UUID]] | type[BigInteger]) -> TableValuedAlias:
    """A table sent as one array a column, so that any number of rows is one statement; see `_arrays`."""
    arrays = [bindparam(f"{name}_{column}", type_=ARRAY(kind())) for column, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*columns, name=name).render_derived()


def _arrays(name: str, columns: Iterable[str], rows: Collection[Sequence[Any]]) -> dict[str, list[Any]]:
    values = [list(column) for column in zip(*rows, strict=True)]
    return {f"{name}_{column}": array for column, array in zip(columns, values, strict=True)}


stock = cast(Table, StockLevel.__table__)
reservations = cast(Table, Reservation.__table__)
selling = cast(Table, ChannelLocation.__table__)
locations = cast(Table, Location.__table__)

NOW = bindparam("now", type_=DateTime(timezone=True))
FREE: ColumnElement[int] = stock.c.on_hand - stock.c.reserved - stock.c.claimed
AT_LEVEL = and_(reservations.c.variant_id == stock.c.variant_id, reservations.c.location_id == stock.c.location_id)
OVERDUE = and_(reservations.c.state == HELD, reservations.c.expires_at <= NOW)
HAS_OVERDUE = and_(stock.c.reserved > 0, exists().where(AT_LEVEL, OVERDUE))


def _locking(priority: ColumnElement[int]) -> Select[Any]:
    columns = (stock.c.variant_id, stock.c.location_id, stock.c.on_hand, stock.c.reserved, stock.c.claimed)
    return (
        select(*columns, priority, HAS_OVERDUE)
        .order_by(stock.c.variant_id, stock.c.location_id)
        .with_for_update(of=stock, key_share=True)
    )


# What has nothing free is not even waited for: it was gone when this was asked. A level that another empties while
# this waits for it is read anew when its lock is had.
_SELLABLE = (
    _locking(selling.c.priority)
    .join_from(stock, selling, selling.c.location_id == stock.c.location_id)
    .join(locations, locations.c.id == stock.c.location_id)
    .where(selling.c.channel_id == bindparam("channel_id", type_=Uuid()), locations.c.is_active)
    .where(stock.c.variant_id == func.any(bindparam("variants", type_=ARRAY(Uuid()))))
    .where(or_(FREE > 0, HAS_OVERDUE))
)
_OF_ORDER = _locking(literal(0)).where(
    exists().where(
        AT_LEVEL,
        reservations.c.order_id == bindparam("order_id", type_=Uuid()),
        reservations.c.state.in_([ReservationState.HELD, ReservationState.CLAIMED]),
    )
)
_place = _table_of("place", variant_id=Uuid, location_id=Uuid)
_AT_PLACES = _locking(literal(0)).where(
    tuple_(stock.c.variant_id, stock.c.location_id).in_(select(_place.c.variant_id, _place.c.location_id))
)
_BEGIN_KEEPING = (
    postgresql.insert(stock)
    .from_select(["variant_id", "location_id"], select(_place.c.variant_id, _place.c.location_id), include_defaults=False)
    .on_conflict_do_nothing()
)
_VOID = (
    update(reservations)
    .where(reservations.c.variant_id == _place.c.variant_id, reservations.c.location_id == _place.c.location_id, OVERDUE)
    .values(state=ReservationState.EXPIRED, changed_at=NOW)
    .returning(reservations.c.variant_id, reservations.c.location_id, reservations.c.quantity)
)
_change = _table_of(
    "change", variant_id=Uuid, location_id=Uuid, on_hand=BigInteger, reserved=BigInteger, claimed=BigInteger
)
_APPLY = (
    update(stock)
    .where(stock.c.variant_id == _change.c.variant_id, stock.c.location_id == _change.c.location_id)
    .values(
        on_hand=stock.c.on_hand + _change.c.on_hand,
        reserved=stock.c.reserved + _change.c.reserved,
        claimed=stock.c.claimed + _change.c.claimed,
    )
    .returning(
        stock.c.variant_id,
        FREE.label("free"),
        (_change.c.on_hand - _change.c.reserved - _change.c.claimed).label("freed"),
    )
)
_part = _table_of("part", id=Uuid, variant_id=Uuid, location_id=Uuid, quantity=BigInteger)
_applied = _APPLY.cte("applied")
_SET_ASIDE = select(_applied).add_cte(
    insert(reservations)
    .from_select(
        ["id", "variant_id", "location_id", "quantity", "order_id", "state", "expires_at", "created_at", "changed_at"],
        select(
            _part.c.id, _part.c.variant_id, _part.c.location_id, _part.c.quantity,
            bindparam("order_id", type_=Uuid()), literal(ReservationState.HELD.value),
            bindparam("until", type_=DateTime(timezone=True)), NOW, NOW,
        ),
        include_defaults=False,
    )
    .cte("set_aside")
)  # fmt: skip


def lock_sellable(channel_id: UUID, variant_ids: Collection[UUID]) -> list[Level]:
    """Lock where the channel sells these variants from and something is free, the location to take from first first."""
    levels = _lock(_SELLABLE, {"channel_id": channel_id, "variants": list(variant_ids)})
    return sorted(levels, key=lambda level: (level.priority, level.location_id))


def lock_of_order(order_id: UUID) -> list[Level]:
    """Lock every level that holds something for this order."""
    return _lock(_OF_ORDER, {"order_id": order_id})


def lock_at(places: Collection[Place], *, begin: bool = False) -> list[Level]:
    """Lock the levels of these places; with `begin`, where no stock was kept yet an empty level is made first."""
    if not places:
        return []
    asked = _arrays("place", ("variant_id", "location_id"), sorted(places))
    if begin:
        session.execute(_BEGIN_KEEPING, asked)
    return _lock(_AT_PLACES, asked)


def _lock(statement: Select[Any], asked: dict[str, Any]) -> list[Level]:
    now = clock.now()
    rows = session.execute(statement, {"now": now, **asked}).all()
    levels = [Level(*row[:-1]) for row in rows]
    overdue = [level.place for level, row in zip(levels, rows, strict=True) if row[-1]]
    if not overdue:
        return levels
    voided = _void(overdue, now)
    return [level._replace(reserved=level.reserved - voided.get(level.place, 0)) for level in levels]


def _void(places: list[Place], now: datetime) -> dict[Place, int]:
    """End what is past its time on levels that are locked; answers how much that sets free."""
    asked = _arrays("place", ("variant_id", "location_id"), places)
    freed: dict[Place, int] = {}
    for variant_id, location_id, quantity in session.execute(_VOID, {"now": now, **asked}):
        freed[variant_id, location_id] = freed.get((variant_id, location_id), 0) + quantity
    apply([Change(*place, reserved=-quantity) for place, quantity in freed.items()])
    return freed


def apply(changes: Iterable[Change], *, always_announce: bool = False) -> None:
    """Change levels that are locked, and announce each variant that appears or runs out at one of them."""
    sums: dict[Place, Change] = {}
    for change in changes:
        before = sums.get(change[:2], Change(*change[:2]))
        sums[change[:2]] = Change(*change[:2], *(a + b for a, b in zip(before[2:], change[2:], strict=True)))
    if sums:
        rows = session.execute(_APPLY, _arrays("change", Change._fields, sums.values()))
        _announce(rows.all(), always_announce)


def set_aside(order_id: UUID, parts: Collection[Part], until: datetime) -> None:
    """Hold these parts of levels that are locked, at most one a level."""
    changes = [Change(part.variant_id, part.location_id, reserved=part.quantity) for part in parts]
    rows = session.execute(
        _SET_ASIDE,
        {
            "order_id": order_id, "until": until, "now": clock.now(),
            **_arrays("change", Change._fields, changes), **_arrays("part", Part._fields, parts),
        },
    )  # fmt: skip
    _announce(rows.all(), False)


def _announce(rows: Sequence[Any], always: bool) -> None:
    # Where the sum over any channel's locations reaches or leaves zero, one level of it does.
    for variant_id in {row.variant_id for row in rows if always or (row.free > 0) != (row.free - row.freed > 0)}:
        emit(StockChanged(variant_id=variant_id))
