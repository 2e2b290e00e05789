from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.taxes import queries, service
from shopwright.commerce.taxes.errors import TaxAreaTaken, TaxClassTaken, UnknownTaxClass, UnknownTaxZone
from shopwright.commerce.taxes.models import TaxZone
from shopwright.commerce.taxes.schemas import (
    AddTaxClass,
    ChangeTaxZone,
    OpenTaxZone,
    RenameTaxClass,
    TaxClassList,
    TaxClassOut,
    TaxZoneOut,
    areas_in,
    rates_in,
)  # fmt: skip
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page, PageQuery
from shopwright.kit.wire import changes_in

routes = Routes("taxes", prefix="/v1/admin")

PURPOSE = "tax zones"


@routes.query("/tax-classes", access=requires(Permission.TAXES_READ))
def list_tax_classes() -> TaxClassList:
    """List the tax classes."""
    return TaxClassList(items=[TaxClassOut.of(row) for row in session.scalars(queries.classes())])


@routes.command("POST", "/tax-classes", access=requires(Permission.TAXES_WRITE), status=201, errors=(TaxClassTaken,))
def add_tax_class(body: AddTaxClass) -> TaxClassOut:
    """Add a tax class.

    It cannot be removed later, since products that name it would become tax free.
    """
    return TaxClassOut.of(service.add_class(body.code, body.name))


@routes.query("/tax-classes/<code>", access=requires(Permission.TAXES_READ), errors=(UnknownTaxClass,))
def show_tax_class(code: str) -> TaxClassOut:
    """Show a tax class."""
    return TaxClassOut.of(queries.tax_class(code))


@routes.command(
    "PATCH", "/tax-classes/<code>", access=requires(Permission.TAXES_WRITE),
    if_match=IfMatch.REQUIRED, errors=(UnknownTaxClass,),
)  # fmt: skip
def rename_tax_class(code: str, body: RenameTaxClass) -> TaxClassOut:
    """Rename a tax class."""
    return TaxClassOut.of(service.rename_class(code, body.name))


@routes.query("/tax-zones", access=requires(Permission.TAXES_READ), errors=(InvalidCursor,))
def list_tax_zones(query: PageQuery) -> Page[TaxZoneOut]:
    """List the tax zones, oldest first."""
    found = paging.keyset(
        queries.zones(), [(TaxZone.id, True)], purpose=PURPOSE, limit=query.limit, cursor=query.cursor
    )
    zones, cursor = paging.cut(
        session.scalars(found).all(), purpose=PURPOSE, limit=query.limit, values=lambda zone: [zone.id]
    )
    return Page(items=[TaxZoneOut.of(zone) for zone in zones], next_cursor=cursor)


@routes.query("/tax-zones/<uuid:zone_id>", access=requires(Permission.TAXES_READ), errors=(UnknownTaxZone,))
def show_tax_zone(zone_id: UUID) -> TaxZoneOut:
    """Show a tax zone with its rates."""
    return TaxZoneOut.of(queries.zone(zone_id))


@routes.command(
    "POST", "/tax-zones", access=requires(Permission.TAXES_WRITE), status=201, errors=(UnknownTaxClass, TaxAreaTaken)
)
def open_tax_zone(body: OpenTaxZone) -> TaxZoneOut:
    """Open a tax zone.

    A place is taxed by its most specific zone alone: one that names its region, else one that names its country. What
    a zone has no rate for bears no tax there.
    """
    return TaxZoneOut.of(service.open_zone(body.name, areas_in(body.areas), rates_in(body.rates)))


@routes.command(
    "PATCH", "/tax-zones/<uuid:zone_id>", access=requires(Permission.TAXES_WRITE),
    if_match=IfMatch.REQUIRED, errors=(UnknownTaxZone, UnknownTaxClass, TaxAreaTaken),
)  # fmt: skip
def change_tax_zone(zone_id: UUID, body: ChangeTaxZone) -> TaxZoneOut:
    """Change a tax zone.

    Areas and rates are replaced as a whole. Orders keep the rates they were placed with.
    """
    changes = changes_in(body)
    if "areas" in changes:
        changes["areas"] = areas_in(changes["areas"])
    if "rates" in changes:
        changes["rates"] = rates_in(changes["rates"])
    return TaxZoneOut.of(service.change_zone(zone_id, **changes))


@routes.command(
    "DELETE", "/tax-zones/<uuid:zone_id>", access=requires(Permission.TAXES_WRITE),
    if_match=IfMatch.REQUIRED, errors=(UnknownTaxZone,),
)  # fmt: skip
def remove_tax_zone(zone_id: UUID) -> None:
    """Remove a tax zone with its rates."""
    service.remove_zone(zone_id)
