from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.shipping import queries, service
from shopwright.commerce.shipping.errors import (
    DeliveryDaysReversed,
    ForeignCurrency,
    ShippingAreaTaken,
    ShippingCodeTaken,
    TiersRepeated,
    UnknownShippingMethod,
    UnknownShippingZone,
)  # fmt: skip
from shopwright.commerce.shipping.models import ShippingMethod, ShippingZone
from shopwright.commerce.shipping.schemas import (
    AddShippingMethod,
    ChangeShippingMethod,
    ChangeShippingZone,
    OpenShippingZone,
    ShippingMethodOut,
    ShippingZoneOut,
    areas_in,
    terms_in,
)  # fmt: skip
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page, PageQuery
from shopwright.kit.wire import changes_in

routes = Routes("shipping", prefix="/v1/admin")

TERMS = (ShippingCodeTaken, ForeignCurrency, TiersRepeated, DeliveryDaysReversed)


@routes.query("/shipping-zones", access=requires(Permission.SHIPPING_READ), errors=(InvalidCursor,))
def list_shipping_zones(query: PageQuery) -> Page[ShippingZoneOut]:
    """List the shipping zones, oldest first."""
    purpose = "shipping zones"
    found = paging.keyset(
        queries.zones(), [(ShippingZone.id, True)], purpose=purpose, limit=query.limit, cursor=query.cursor
    )
    zones, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda zone: [zone.id]
    )
    return Page(items=[ShippingZoneOut.of(zone) for zone in zones], next_cursor=cursor)


@routes.query(
    "/shipping-zones/<uuid:zone_id>", access=requires(Permission.SHIPPING_READ), errors=(UnknownShippingZone,)
)
def show_shipping_zone(zone_id: UUID) -> ShippingZoneOut:
    """Show a shipping zone."""
    return ShippingZoneOut.of(queries.zone(zone_id))


@routes.command(
    "POST", "/shipping-zones", access=requires(Permission.SHIPPING_WRITE), status=201, errors=(ShippingAreaTaken,)
)
def open_shipping_zone(body: OpenShippingZone) -> ShippingZoneOut:
    """Open a shipping zone.

    A place is served by its most specific zone alone: one that names its region, else one that names its country.
    """
    return ShippingZoneOut.of(service.open_zone(body.name, areas_in(body.areas)))


@routes.command(
    "PATCH", "/shipping-zones/<uuid:zone_id>", access=requires(Permission.SHIPPING_WRITE),
    if_match=IfMatch.REQUIRED, errors=(UnknownShippingZone, ShippingAreaTaken),
)  # fmt: skip
def change_shipping_zone(zone_id: UUID, body: ChangeShippingZone) -> ShippingZoneOut:
    """Change a shipping zone."""
    changes = changes_in(body)
    if "areas" in changes:
        changes["areas"] = areas_in(changes["areas"])
    return ShippingZoneOut.of(service.change_zone(zone_id, **changes))


@routes.command(
    "DELETE", "/shipping-zones/<uuid:zone_id>", access=requires(Permission.SHIPPING_WRITE),
    if_match=IfMatch.REQUIRED, errors=(UnknownShippingZone,),
)  # fmt: skip
def remove_shipping_zone(zone_id: UUID) -> None:
    """Remove a shipping zone and its methods."""
    service.remove_zone(zone_id)


@routes.query(
    "/shipping-zones/<uuid:zone_id>/methods",
    access=requires(Permission.SHIPPING_READ), errors=(UnknownShippingZone, InvalidCursor),
)  # fmt: skip
def list_shipping_methods(zone_id: UUID, query: PageQuery) -> Page[ShippingMethodOut]:
    """List the methods of a zone, of all channels, oldest first."""
    purpose = f"shipping methods of {queries.zone(zone_id).id}"
    found = paging.keyset(
        queries.methods_of(zone_id), [(ShippingMethod.id, True)],
        purpose=purpose, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip
    methods, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda method: [method.id]
    )
    return Page(items=[ShippingMethodOut.of(method) for method in methods], next_cursor=cursor)


@routes.command(
    "POST", "/shipping-zones/<uuid:zone_id>/methods", access=requires(Permission.SHIPPING_WRITE), status=201,
    errors=(UnknownShippingZone, UnknownChannel, *TERMS),
)  # fmt: skip
def add_shipping_method(zone_id: UUID, body: AddShippingMethod) -> ShippingMethodOut:
    """Add a method to a zone, for one channel.

    The rate is flat, by weight (up to so many grams) or by price (from so much of goods on). With `free_from`, goods
    that cost at least so much are shipped for nothing. All amounts are as the channel shows prices, net or gross.
    """
    return ShippingMethodOut.of(service.add_method(zone_id, body.channel_id, **terms_in(body)))


@routes.query(
    "/shipping-methods/<uuid:method_id>", access=requires(Permission.SHIPPING_READ), errors=(UnknownShippingMethod,)
)
def show_shipping_method(method_id: UUID) -> ShippingMethodOut:
    """Show a shipping method."""
    return ShippingMethodOut.of(queries.method(method_id))


@routes.command(
    "PATCH", "/shipping-methods/<uuid:method_id>", access=requires(Permission.SHIPPING_WRITE),
    if_match=IfMatch.REQUIRED, errors=(UnknownShippingMethod, *TERMS),
)  # fmt: skip
def change_shipping_method(method_id: UUID, body: ChangeShippingMethod) -> ShippingMethodOut:
    """Change a shipping method. Orders keep what they were placed with."""
    return ShippingMethodOut.of(service.change_method(method_id, **terms_in(body)))


@routes.command(
    "DELETE", "/shipping-methods/<uuid:method_id>", access=requires(Permission.SHIPPING_WRITE),
    if_match=IfMatch.REQUIRED, errors=(UnknownShippingMethod,),
)  # fmt: skip
def remove_shipping_method(method_id: UUID) -> None:
    """Remove a shipping method."""
    service.remove_method(method_id)
