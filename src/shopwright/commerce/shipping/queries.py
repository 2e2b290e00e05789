from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct, convert
from sqlalchemy import ColumnElement, ScalarSelect, Select, String, Uuid, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import selectinload

from shopwright.commerce.catalog.wording import said
from shopwright.commerce.shipping.errors import UnknownShippingMethod, UnknownShippingZone
from shopwright.commerce.shipping.models import RateKind, ShippingArea, ShippingMethod, ShippingTier, ShippingZone
from shopwright.kit.db import as_json, session
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


class Method(Struct, frozen=True, kw_only=True):
    """A method as it is priced. A tier is a threshold and what is taken from there on, or up to there by weight."""

    id: UUID
    code: str
    name: str
    translations: dict[str, str]
    currency: str
    rate_kind: RateKind
    free_from_amount: int | None
    min_days: int | None
    max_days: int | None
    tax_class: str
    tiers: tuple[tuple[int, int], ...]

    @property
    def asks_for_price(self) -> bool:
        """Whether it matters what the goods cost."""
        return self.rate_kind == RateKind.BY_PRICE or self.free_from_amount is not None

    def offer(self, weight_grams: int, subtotal: int, locale: str | None) -> ShippingOffer | None:
        """None if so much does not fit (too heavy, or too few goods)."""
        amount = self._price_of(weight_grams, subtotal)
        if amount is None:
            return None
        return ShippingOffer(
            method_id=self.id, code=self.code, name=said(self.translations, locale) or self.name,
            price=Money(amount, self.currency), tax_class=self.tax_class, min_days=self.min_days,
            max_days=self.max_days,
        )  # fmt: skip

    def _price_of(self, weight_grams: int, subtotal: int) -> int | None:
        if self.rate_kind == RateKind.BY_WEIGHT:
            fitting = [amount for up_to, amount in self.tiers if weight_grams <= up_to][:1]
        else:
            fitting = [amount for from_, amount in self.tiers if from_ <= subtotal][-1:]
        if not fitting:
            return None
        is_free = self.free_from_amount is not None and subtotal >= self.free_from_amount
        return 0 if is_free else fitting[0]


def methods_to(
    channel_id: ColumnElement[UUID],
    currency: ColumnElement[str],
    country: ColumnElement[str],
    region: ColumnElement[str],
) -> Select[*tuple[Any, ...]]:
    """A row for each active `Method`, in the shop's order; the region is in capitals, or empty.

    The most specific zone decides alone: one for the region hides its country's.
    """  # fmt: skip
    tier = func.json_build_array(ShippingTier.threshold, ShippingTier.amount)
    tiers = (
        select(func.json_agg(aggregate_order_by(tier, ShippingTier.threshold)))
        .where(ShippingTier.method_id == ShippingMethod.id)
        .correlate(ShippingMethod)
        .scalar_subquery()
    )
    columns = [getattr(ShippingMethod, name) for name in Method.__struct_fields__ if name != "tiers"]
    return (
        select(*columns, func.coalesce(tiers, func.json_build_array()).label("tiers"))
        .where(
            ShippingMethod.zone_id == _zone_of(country, region),
            ShippingMethod.channel_id == channel_id,
            ShippingMethod.currency == currency,
            ShippingMethod.is_active,
        )
        .order_by(ShippingMethod.position, ShippingMethod.id)
    )


def _zone_of(country: ColumnElement[str], region: ColumnElement[str]) -> ScalarSelect[UUID]:
    covers = or_(ShippingArea.region == region, ShippingArea.region.is_(None))
    return (
        select(ShippingArea.zone_id)
        .where(ShippingArea.country == country, covers)
        .order_by(ShippingArea.region.nulls_last())
        .limit(1)
        .scalar_subquery()
    )


_METHODS = select(
    as_json(
        methods_to(
            bindparam("channel_id", type_=Uuid()),
            bindparam("currency", type_=String),
            bindparam("country", type_=String),
            bindparam("region", type_=String),
        )
    )
)


def offers(
    channel_id: UUID,
    country: str,
    region: str | None,
    weight_grams: int,
    subtotal: Money,
    locale: str | None = None,
) -> list[ShippingOffer]:
    """The ways to ship goods of this weight and price there, in the shop's order; those that do not fit are left out."""
    asked = {
        "channel_id": channel_id, "currency": subtotal.currency, "country": country, "region": (region or "").upper()
    }  # fmt: skip
    methods = convert(session.scalar(_METHODS, asked), list[Method])
    return fitting(methods, weight_grams, subtotal, locale)


def fitting(
    methods: Sequence[Method], weight_grams: int, subtotal: Money, locale: str | None = None
) -> list[ShippingOffer]:
    """What these methods offer for goods of this weight and price."""
    made = (method.offer(weight_grams, subtotal.amount, locale) for method in methods)
    return [offer for offer in made if offer is not None]


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
