from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.catalog.errors import UnknownVariant
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.inventory import locations, queries, stock
from shopwright.commerce.inventory.errors import (
    LocationCodeTaken,
    LocationInUse,
    StockInUse,
    UnknownLocation,
)  # fmt: skip
from shopwright.commerce.inventory.models import Reason, StockLevel, StockMovement
from shopwright.commerce.inventory.schemas import (
    AdjustStock,
    ChangeLocation,
    CountStock,
    LevelsQuery,
    LocationList,
    LocationOut,
    MovementOut,
    OpenLocation,
    SellFrom,
    SellingLocationsOut,
    StockItemOut,
    StockLevelOut,
    StockQuery,
)  # fmt: skip
from shopwright.kit import counting, paging
from shopwright.kit.access import requires
from shopwright.kit.counting import CountedPage
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page
from shopwright.kit.wire import changes_in

routes = Routes("inventory", prefix="/v1/admin")

READ, WRITE = requires(Permission.INVENTORY_READ), requires(Permission.INVENTORY_WRITE)


@routes.query("/locations", access=READ)
def list_locations() -> LocationList:
    """List the locations where stock lies."""
    return LocationList(items=[LocationOut.of(location) for location in session.scalars(queries.all_locations())])


@routes.query("/locations/<uuid:location_id>", access=READ, errors=(UnknownLocation,))
def show_location(location_id: UUID) -> LocationOut:
    """Show a location."""
    return LocationOut.of(queries.location(location_id))


@routes.command("POST", "/locations", access=WRITE, status=201, errors=(LocationCodeTaken,))
def open_location(body: OpenLocation) -> LocationOut:
    """Open a location."""
    return LocationOut.of(locations.open_location(code=body.code, name=body.name, country=body.country))


@routes.command(
    "PATCH", "/locations/<uuid:location_id>", access=WRITE, if_match=IfMatch.REQUIRED, errors=(UnknownLocation,)
)
def change_location(location_id: UUID, body: ChangeLocation) -> LocationOut:
    """Change a location.

    Nothing is sold from a location that is not active; what lies there stays counted.
    """
    return LocationOut.of(locations.change_location(location_id, changes_in(body)))


@routes.command(
    "DELETE", "/locations/<uuid:location_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownLocation, LocationInUse),
)  # fmt: skip
def close_location(location_id: UUID) -> None:
    """Delete a location that was never used."""
    locations.close_location(location_id)


@routes.query("/channels/<uuid:channel_id>/locations", access=READ, errors=(UnknownChannel,))
def list_selling_locations(channel_id: UUID) -> SellingLocationsOut:
    """List the locations that a channel sells from, the one to take from first first."""
    channel = channels.get(channel_id)
    return SellingLocationsOut(
        channel_id=channel.id, locations=queries.selling_locations(channel.id), version=channel.version
    )


@routes.command(
    "PUT", "/channels/<uuid:channel_id>/locations", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownChannel, UnknownLocation),
)  # fmt: skip
def sell_from(channel_id: UUID, body: SellFrom) -> SellingLocationsOut:
    """Say which locations a channel sells from, in their order.

    They are a part of the channel: `If-Match` is its version, and the answer has the new one.
    """
    channel = locations.sell_from(channel_id, body.locations)
    return SellingLocationsOut(
        channel_id=channel.id, locations=queries.selling_locations(channel.id), version=channel.version
    )


@routes.query("/stock-levels", access=READ, errors=(InvalidCursor,))
def list_stock_levels(query: LevelsQuery) -> CountedPage[StockItemOut]:
    """List how much lies where, of all variants and locations or of one, or of those whose SKU begins so."""
    purpose = f"stock-levels:{query.variant_id}:{query.location_id}:{query.sku}"
    levels = queries.levels(query.variant_id, query.location_id, query.sku)
    found = paging.keyset(
        levels, [(StockLevel.variant_id, True), (StockLevel.location_id, True)],
        purpose=purpose, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip
    rows, cursor = paging.cut(
        session.execute(found).all(), purpose=purpose, limit=query.limit, values=lambda row: row[0].place
    )
    items = [StockItemOut(sku=sku, level=StockLevelOut.of(level)) for level, sku in rows]
    total, is_estimated = counting.UNASKED
    if query.count:
        total, is_estimated = counting.count(levels.with_only_columns(StockLevel.variant_id, StockLevel.location_id))
    return CountedPage(items=items, next_cursor=cursor, total=total, total_is_estimated=is_estimated)


@routes.command(
    "POST", "/stock-adjustments", access=WRITE, status=201, errors=(UnknownVariant, UnknownLocation, StockInUse)
)
def adjust_stock(body: AdjustStock) -> StockLevelOut:
    """Add to what is on hand, or take off."""
    return StockLevelOut.of(stock.adjust(body.variant_id, body.location_id, body.delta, Reason(body.reason), body.note))


@routes.command("POST", "/stock-counts", access=WRITE, status=201, errors=(UnknownVariant, UnknownLocation, StockInUse))
def count_stock(body: CountStock) -> StockLevelOut:
    """Say how many there are; the difference is booked."""
    return StockLevelOut.of(stock.set_count(body.variant_id, body.location_id, body.on_hand, Reason.COUNT, body.note))


@routes.query("/stock-movements", access=READ, errors=(InvalidCursor,))
def list_stock_movements(query: StockQuery) -> Page[MovementOut]:
    """List what came and went, newest first."""
    purpose = f"stock-movements:{query.variant_id}:{query.location_id}"
    found = paging.keyset(
        queries.movements(query.variant_id, query.location_id), [(StockMovement.id, False)],
        purpose=purpose, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip
    rows, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda movement: [movement.id]
    )
    return Page(items=[MovementOut.of(movement) for movement in rows], next_cursor=cursor)
