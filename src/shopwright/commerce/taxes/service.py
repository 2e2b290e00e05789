from collections.abc import Collection, Mapping
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from shopwright.commerce.taxes.errors import TaxAreaTaken, TaxClassTaken, UnknownTaxClass, UnknownTaxZone
from shopwright.commerce.taxes.models import TaxArea, TaxClass, TaxRate, TaxZone
from shopwright.commerce.taxes.queries import WITH_CONTENT
from shopwright.commerce.taxes.rates import Rate
from shopwright.kit import conditional
from shopwright.kit.db import session

Area = tuple[str, str | None]
"""A country and, where only a part of it is meant, its region."""


def add_class(code: str, name: str) -> TaxClass:
    """Raises `TaxClassTaken`."""
    added = TaxClass(code=code, name=name)
    session.add(added)
    try:
        session.flush()
    except IntegrityError as taken:
        raise TaxClassTaken() from taken
    return added


def rename_class(code: str, name: str) -> TaxClass:
    """Raises `UnknownTaxClass`. A class is never removed, since products name it: they would become tax free."""
    renamed = session.get(TaxClass, code, with_for_update=True, populate_existing=True)
    if renamed is None:
        raise UnknownTaxClass()
    conditional.check(renamed.version)
    renamed.name = name
    session.flush()
    return renamed


def open_zone(name: str, areas: Collection[Area], rates: Mapping[str, Rate]) -> TaxZone:
    """Tax these areas with these rates by class. Raises `UnknownTaxClass` and `TaxAreaTaken`."""
    zone = TaxZone(name=name, areas=[], rates=[])
    session.add(zone)
    _cover(zone, areas)
    _levy(zone, rates)
    return zone


def change_zone(
    zone_id: UUID,
    *,
    name: str | UnsetType = UNSET,
    areas: Collection[Area] | UnsetType = UNSET,
    rates: Mapping[str, Rate] | UnsetType = UNSET,
) -> TaxZone:
    """Change what is given; areas and rates are replaced as a whole.

    Raises `UnknownTaxZone`, `UnknownTaxClass`, `TaxAreaTaken`, and `PreconditionFailed` for a stale edit.
    """
    zone = _locked(zone_id)
    # Its areas and rates are part of what was read: changing only them makes a new version, too.
    flag_modified(zone, "name")
    if name is not UNSET:
        zone.name = name
    if areas is not UNSET:
        _cover(zone, areas)
    if rates is not UNSET:
        _levy(zone, rates)
    session.flush()
    return zone


def remove_zone(zone_id: UUID) -> None:
    """Stop to tax its areas by it. Raises `UnknownTaxZone`, and `PreconditionFailed` for a stale edit."""
    session.delete(_locked(zone_id))
    session.flush()


def _locked(zone_id: UUID) -> TaxZone:
    zone = session.get(TaxZone, zone_id, options=WITH_CONTENT, with_for_update=True, populate_existing=True)
    if zone is None:
        raise UnknownTaxZone()
    conditional.check(zone.version)
    return zone


def _cover(zone: TaxZone, areas: Collection[Area]) -> None:
    zone.areas.clear()
    # The old areas must be gone before the new ones come: they may be the same.
    session.flush()
    distinct = {(country, region and region.upper()) for country, region in areas}
    in_order = sorted(distinct, key=lambda area: (area[0], area[1] is None, area[1] or ""))
    zone.areas.extend(TaxArea(country=country, region=region) for country, region in in_order)
    try:
        session.flush()
    except IntegrityError as taken:
        raise TaxAreaTaken() from taken


def _levy(zone: TaxZone, rates: Mapping[str, Rate]) -> None:
    known = set(session.scalars(select(TaxClass.code).where(TaxClass.code.in_(rates))))
    if unknown := sorted(set(rates) - known):
        raise UnknownTaxClass(classes=unknown)
    zone.rates.clear()
    session.flush()
    zone.rates.extend(
        TaxRate(tax_class=code, name=rates[code].name, rate_ppm=rates[code].ppm) for code in sorted(rates)
    )
    session.flush()
