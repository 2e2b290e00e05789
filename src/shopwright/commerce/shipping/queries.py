from uuid import UUID

from msgspec import Struct
from sqlalchemy import ScalarSelect, Select, or_, select
from sqlalchemy.orm import selectinload

from shopwright.commerce.shipping.errors import UnknownShippingMethod, UnknownShippingZone
from shopwright.commerce.shipping.models import ShippingArea, ShippingMethod, ShippingZone
from shopwright.kit.db import session
from shopwright.kit.money import Money

WITH_AREAS = (selectinload(ShippingZone.areas),)
WITH_TIERS = (selectinload(ShippingMethod.tiers),)


class ShippingOffer(Struct, frozen=True, kw_only=True):
    """A way to ship something somewhere. `price` is as the channel shows prices, net or gross."""

    method_id: UUID
    code: str
    name: str
    price: Money
    tax_class: str
    min_days: int | None
    max_days: int | None


def offers(
    channel_id: UUID,
    country: str,
    region: str | None,
    weight_grams: int,
    subtotal: Money,
    locale: str | None = None,
) -> list[ShippingOffer]:
    """The ways to ship goods of this weight and price there, in the shop's order; those that do not fit are left out.

    The most specific zone decides alone: one for the region hides its country's.
    """
    methods = session.scalars(
        select(ShippingMethod)
        .options(*WITH_TIERS)
        .where(
            ShippingMethod.zone_id == _zone_of(country, region),
            ShippingMethod.channel_id == channel_id,
            ShippingMethod.currency == subtotal.currency,
            ShippingMethod.is_active,
        )
        .order_by(ShippingMethod.position, ShippingMethod.id)
    )
    priced = ((method, method.price_of(weight_grams, subtotal.amount)) for method in methods)
    return [_offer(method, amount, locale) for method, amount in priced if amount is not None]


def zones() -> Select[ShippingZone]:
    return select(ShippingZone).options(*WITH_AREAS)


def zone(zone_id: UUID) -> ShippingZone:
    """With its areas; raises `UnknownShippingZone`."""
    found = session.scalar(zones().where(ShippingZone.id == zone_id))
    if found is None:
        raise UnknownShippingZone()
    return found


def methods_of(zone_id: UUID) -> Select[ShippingMethod]:
    """Of all channels, also those that are not active."""
    return select(ShippingMethod).options(*WITH_TIERS).where(ShippingMethod.zone_id == zone_id)


def method(method_id: UUID) -> ShippingMethod:
    """With its tiers; raises `UnknownShippingMethod`."""
    found = session.scalar(select(ShippingMethod).options(*WITH_TIERS).where(ShippingMethod.id == method_id))
    if found is None:
        raise UnknownShippingMethod()
    return found


def _zone_of(country: str, region: str | None) -> ScalarSelect[UUID]:
    covers = or_(ShippingArea.region == (region or "").upper(), ShippingArea.region.is_(None))
    return (
        select(ShippingArea.zone_id)
        .where(ShippingArea.country == country, covers)
        .order_by(ShippingArea.region.nulls_last())
        .limit(1)
        .scalar_subquery()
    )


def _offer(method: ShippingMethod, amount: int, locale: str | None) -> ShippingOffer:
    return ShippingOffer(
        method_id=method.id, code=method.code, name=method.name_in(locale), price=Money(amount, method.currency),
        tax_class=method.tax_class, min_days=method.min_days, max_days=method.max_days,
    )  # fmt: skip
