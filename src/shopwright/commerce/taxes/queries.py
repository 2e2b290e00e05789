from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal, or_, select
from sqlalchemy.orm import selectinload

from shopwright.commerce.taxes.errors import UnknownTaxClass, UnknownTaxZone
from shopwright.commerce.taxes.models import TaxArea, TaxClass, TaxExemption, TaxRate, TaxZone
from shopwright.commerce.taxes.rates import Rate
from shopwright.kit.db import session

WITH_CONTENT = (selectinload(TaxZone.areas), selectinload(TaxZone.rates))


def rates(country: str, region: str | None, classes: Collection[str]) -> dict[str, Rate]:
    """The rate of each of these classes in this place; a class that is not in the answer bears no tax there."""
    found = rates_in(literal(country), literal((region or "").upper())).where(TaxRate.tax_class.in_(classes))
    return {code: Rate(ppm, name) for code, ppm, name in session.execute(found)}


def rates_in(country: ColumnElement[str], region: ColumnElement[str]) -> Select[str, int, str]:
    """Code, rate and name of every class that bears tax there; the region is in capitals, or empty.

    The most specific zone decides alone: one for the region hides its country's, also for classes it has no rate of.
    """
    covers = or_(TaxArea.region == region, TaxArea.region.is_(None))
    zone = (
        select(TaxArea.zone_id)
        .where(TaxArea.country == country, covers)
        .order_by(TaxArea.region.nulls_last())
        .limit(1)
        .scalar_subquery()
    )
    return select(TaxRate.tax_class, TaxRate.rate_ppm, TaxRate.name).where(TaxRate.zone_id == zone)


def exemption_in(
    customer_id: ColumnElement[UUID],
    country: ColumnElement[str],
    region: ColumnElement[str],
    at: ColumnElement[datetime],
) -> Select[UUID, str]:
    """Id and certificate of the customer's exemption that holds there at that moment, if there is one.

    Of several it is the one for the region, then the one that began last. The region is in capitals, or empty.
    """
    return (
        select(TaxExemption.id, TaxExemption.certificate)
        .where(
            TaxExemption.customer_id == customer_id,
            TaxExemption.country == country,
            or_(TaxExemption.region == region, TaxExemption.region.is_(None)),
            TaxExemption.valid_from <= at,
            or_(TaxExemption.valid_until > at, TaxExemption.valid_until.is_(None)),
        )
        .order_by(TaxExemption.region.nulls_last(), TaxExemption.valid_from.desc(), TaxExemption.id)
        .limit(1)
    )


def exemptions_of(customer_id: UUID) -> Select[TaxExemption]:
    """All that the customer ever had, the last one first."""
    return select(TaxExemption).where(TaxExemption.customer_id == customer_id).order_by(TaxExemption.id.desc())


def classes() -> Select[TaxClass]:
    return select(TaxClass).order_by(TaxClass.code)


def tax_class(code: str) -> TaxClass:
    """Raises `UnknownTaxClass`."""
    found = session.get(TaxClass, code)
    if found is None:
        raise UnknownTaxClass()
    return found


def zones() -> Select[TaxZone]:
    return select(TaxZone).options(*WITH_CONTENT)


def zone(zone_id: UUID) -> TaxZone:
    """With its areas and rates; raises `UnknownTaxZone`."""
    found = session.scalar(zones().where(TaxZone.id == zone_id))
    if found is None:
        raise UnknownTaxZone()
    return found
