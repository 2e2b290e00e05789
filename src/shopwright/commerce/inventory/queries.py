from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, select

from shopwright.commerce.catalog.models import Variant
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.inventory.errors import UnknownLocation
from shopwright.commerce.inventory.models import ChannelLocation, Location, StockLevel, StockMovement
from shopwright.commerce.inventory.statements import AVAILABLE
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.patterns import begins


def available(channel_id: UUID, variant_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many of each a buyer in this channel could have now; what was held beyond its time counts as free."""
    asked = {"channel_id": channel_id, "variants": list(variant_ids), "now": clock.now()}
    found = {variant_id: int(quantity) for variant_id, quantity in AVAILABLE.all(asked)}
    return {variant_id: found.get(variant_id, 0) for variant_id in variant_ids}


def all_locations() -> Select[Location]:
    return select(Location).order_by(Location.code)


def location(location_id: UUID) -> Location:
    """Raises `UnknownLocation`."""
    found = session.get(Location, location_id)
    if found is None:
        raise UnknownLocation()
    return found


def location_by_code(code: str) -> Location:
    """Raises `UnknownLocation`."""
    found = session.scalar(select(Location).where(Location.code == code))
    if found is None:
        raise UnknownLocation()
    return found


def selling_locations(channel_id: UUID) -> list[UUID]:
    """From where the channel sells, the location to take from first first. Raises `UnknownChannel`."""
    channels.get(channel_id)
    return list(
        session.scalars(
            select(ChannelLocation.location_id)
            .where(ChannelLocation.channel_id == channel_id)
            .order_by(ChannelLocation.priority)
        )
    )


def levels(
    variant_id: UUID | None = None, location_id: UUID | None = None, sku: str | None = None
) -> Select[StockLevel, str]:
    """Rows of a level and its variant's SKU, of all variants and locations or of one, or of those whose SKU begins so."""
    found = select(StockLevel, Variant.sku).join(Variant, Variant.id == StockLevel.variant_id)
    if variant_id is not None:
        found = found.where(StockLevel.variant_id == variant_id)
    if location_id is not None:
        found = found.where(StockLevel.location_id == location_id)
    if sku is not None:
        found = found.where(begins(Variant.sku, sku))
    return found


def movements(variant_id: UUID | None = None, location_id: UUID | None = None) -> Select[StockMovement]:
    """What came and went, of all variants and locations or of one."""
    found = select(StockMovement)
    if variant_id is not None:
        found = found.where(StockMovement.variant_id == variant_id)
    if location_id is not None:
        found = found.where(StockMovement.location_id == location_id)
    return found
