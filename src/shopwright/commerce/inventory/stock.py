"""What staff and imports do with stock: receive, correct, count."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from shopwright.commerce.catalog.errors import UnknownVariant
from shopwright.commerce.inventory import levels
from shopwright.commerce.inventory.errors import StockInUse, UnknownLocation
from shopwright.commerce.inventory.levels import Change, Level, Place
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.inventory.movements import write_down


def adjust(variant_id: UUID, location_id: UUID, delta: int, reason: Reason, note: str = "") -> Level:
    """Add to what is on hand, or take off. Raises `StockInUse`, `UnknownVariant`, `UnknownLocation`."""
    (level,) = _kept([(variant_id, location_id)])
    return _change({level: delta}, reason, note)[0]


def set_count(variant_id: UUID, location_id: UUID, on_hand: int, reason: Reason, note: str = "") -> Level:
    """Say how many there are. Raises `StockInUse`, `UnknownVariant`, `UnknownLocation`."""
    return set_counts({(variant_id, location_id): on_hand}, reason, note)[0]


def set_counts(counts: Mapping[Place, int], reason: Reason, note: str = "") -> list[Level]:
    """Say how many there are of many variants (variant, location: on hand), all or none.

    Raises `StockInUse` where fewer are said than are promised, `UnknownVariant`, `UnknownLocation`.
    """
    return _change({level: counts[level.place] - level.on_hand for level in _kept(counts)}, reason, note)


def _kept(places: Collection[Place]) -> list[Level]:
    try:
        return levels.lock_at(places, begin=True)
    except IntegrityError as fault:
        broken = getattr(getattr(fault.orig, "diag", None), "constraint_name", "")
        if broken == "fk_stock_levels_variant_id_variants":
            raise UnknownVariant() from fault
        if broken == "fk_stock_levels_location_id_locations":
            raise UnknownLocation() from fault
        raise


def _change(deltas: Mapping[Level, int], reason: Reason, note: str) -> list[Level]:
    after = [level._replace(on_hand=level.on_hand + delta) for level, delta in deltas.items()]
    in_use = [
        {"variant_id": str(level.variant_id), "location_id": str(level.location_id), "promised": level.promised}
        for level in after
        if level.free < 0
    ]
    if in_use:
        raise StockInUse(levels=in_use)
    changes = [Change(*level.place, on_hand=delta) for level, delta in deltas.items() if delta]
    levels.apply(changes, always_announce=True)
    write_down(changes, reason, note)
    return after
