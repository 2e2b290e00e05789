"""How levels are locked and changed; every verb of the room goes through here.

Lock order: the levels that a verb touches, all in one statement sorted by (variant_id, location_id), and only
then reservations. So two checkouts may wait for each other but never deadlock. Nobody changes a reservation
without the lock of its level, so under that lock what was read stays true; but for holding longer what is not overdue.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from shopwright.commerce.inventory import statements
from shopwright.commerce.inventory.events import StockChanged
from shopwright.kit import clock
from shopwright.kit.events import emit
from shopwright.kit.exchange import Row
from shopwright.kit.prepared import Prepared, Promised

Place = tuple[UUID, UUID]
"""A variant and a location."""


class Level(NamedTuple):
    """A level that is locked, rid of what had expired. `priority` is its location's in the channel."""

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


class Shelves:
    """The levels where a channel has some of these variants free, to be locked with whatever is asked next."""

    def __init__(self, channel_id: UUID, variant_ids: Collection[UUID]) -> None:
        self._channel_id = channel_id
        self._asked = set(variant_ids)
        self._at = clock.now()
        self._rows = self._lock(variant_ids)

    def locked(self, variant_ids: Collection[UUID]) -> list[Level]:
        """Those of all that were asked for and of these, the location to take from first first.

        What is locked only now may be out of order. Two orders that are each given what the other buys can so come
        to wait for each other; PostgreSQL then ends one, which starts anew.
        """
        levels = _rid_of_overdue(self._rows.rows(), self._at)
        late = [variant_id for variant_id in variant_ids if variant_id not in self._asked]
        if late:
            levels += _rid_of_overdue(self._lock(late).rows(), self._at)
        return sorted(levels, key=lambda level: (level.priority, level.location_id))

    def _lock(self, variant_ids: Collection[UUID]) -> Promised:
        asked = {"channel_id": self._channel_id, "variants": list(variant_ids), "now": self._at}
        return statements.SELLABLE.soon(asked)


def lock_of_orders(order_ids: Collection[UUID]) -> list[Level]:
    """Lock every level of the variants that were ever set aside for these orders."""
    return _lock(statements.OF_ORDERS, {"orders": list(order_ids)})


def lock_at(places: Collection[Place], *, begin: bool = False) -> list[Level]:
    """Lock the levels of these places; `begin` makes an empty level where no stock was kept yet."""
    if not places:
        return []
    asked = _arrays("place", ("variant_id", "location_id"), sorted(places))
    if begin:
        statements.BEGIN_KEEPING.run(asked)
    return _lock(statements.AT_PLACES, asked)


def _lock(statement: Prepared, asked: dict[str, Any]) -> list[Level]:
    now = clock.now()
    return _rid_of_overdue(statement.all({"now": now, **asked}), now)


def _rid_of_overdue(rows: Sequence[Row], now: datetime) -> list[Level]:
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
    for variant_id, location_id, quantity in statements.VOID.all({"now": now, **asked}):
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
        _announce(statements.APPLY.all(_arrays("change", Change._fields, sums.values())), always_announce)


def set_aside(order_id: UUID, locked: Iterable[Level], parts: Collection[Part], until: datetime) -> None:
    """Hold these parts of levels that are locked, at most one a level, and announce each variant that runs out at one."""
    free = {level.place: level.free for level in locked}
    statements.SET_ASIDE.run(
        {"order_id": order_id, "until": until, "now": clock.now(), **_arrays("part", Part._fields, parts)}
    )
    emptied = (part.variant_id for part in parts if part.quantity == free[part.variant_id, part.location_id])
    for variant_id in dict.fromkeys(emptied):
        emit(StockChanged(variant_id=variant_id))


def _announce(rows: Sequence[Any], always: bool) -> None:
    # Where the sum over any channel's locations reaches or leaves zero, one level of it does.
    crossed = (variant_id for variant_id, free, freed in rows if always or (free > 0) != (free - freed > 0))
    for variant_id in dict.fromkeys(crossed):
        emit(StockChanged(variant_id=variant_id))


def _arrays(name: str, columns: Iterable[str], rows: Collection[Sequence[Any]]) -> dict[str, list[Any]]:
    values = [list(column) for column in zip(*rows, strict=True)]
    return {f"{name}_{column}": array for column, array in zip(columns, values, strict=True)}
