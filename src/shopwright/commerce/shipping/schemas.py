from typing import Annotated, cast
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from shopwright.commerce.shipping.models import RateKind, ShippingArea, ShippingMethod, ShippingZone
from shopwright.commerce.shipping.terms import Rate, Terms
from shopwright.kit.locale import CountryCode, LocaleTag
from shopwright.kit.money import Money
from shopwright.kit.wire import In, Out, changes_in

Name = Annotated[str, Meta(min_length=1, max_length=100, examples=["Parcel"])]
Code = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$(?!\n)", examples=["parcel"])]
ClassCode = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$(?!\n)", examples=["standard"])]
Region = Annotated[
    str, Meta(min_length=1, max_length=50, examples=["BY"], description="Code of a country area, as in addresses")
]
Days = Annotated[int, Meta(ge=0, le=365, examples=[2])]
Grams = Annotated[int, Meta(ge=0, le=100_000_000, examples=[5000])]
Position = Annotated[int, Meta(ge=0, le=10_000)]
Translations = Annotated[
    dict[LocaleTag, Name], Meta(max_length=50, examples=[{"de": "Paket"}], description="The name by locale")
]


class ShippingAreaOut(Out):
    country: str
    region: str | None

    @classmethod
    def of(cls, area: ShippingArea) -> "ShippingAreaOut":
        return cls(country=area.country, region=area.region)


class ShippingZoneOut(Out):
    id: UUID
    name: str
    areas: list[ShippingAreaOut]
    version: int

    @classmethod
    def of(cls, zone: ShippingZone) -> "ShippingZoneOut":
        areas = [ShippingAreaOut.of(area) for area in zone.areas]
        return cls(id=zone.id, name=zone.name, areas=areas, version=zone.version)


class ShippingAreaIn(In):
    """A country, or one region of it."""

    country: CountryCode
    region: Region | None = None


Areas = Annotated[list[ShippingAreaIn], Meta(min_length=1, max_length=1000)]


class OpenShippingZone(In):
    name: Name
    areas: Areas


class ChangeShippingZone(In):
    """Areas are replaced as a whole."""

    name: Name | UnsetType = UNSET
    areas: Areas | UnsetType = UNSET


class Charge(Money, frozen=True, forbid_unknown_fields=True):
    """What is asked for shipping, net or gross as the channel shows its prices."""

    amount: Annotated[int, Meta(ge=0, le=10**11, description="whole minor units", examples=[490])]


class FlatRate(In, frozen=True, tag_field="kind", tag=RateKind.FLAT.value):
    price: Charge

    def parsed(self) -> Rate:
        return Rate(RateKind.FLAT, ((0, self.price),))


class WeightTier(In):
    up_to_grams: Grams
    price: Charge


class RateByWeight(In, frozen=True, tag_field="kind", tag=RateKind.BY_WEIGHT.value):
    """The first tier that holds the weight decides; what is heavier than all is not shipped this way."""

    tiers: Annotated[list[WeightTier], Meta(min_length=1, max_length=50)]

    def parsed(self) -> Rate:
        return Rate(RateKind.BY_WEIGHT, tuple((tier.up_to_grams, tier.price) for tier in self.tiers))


class PriceTier(In):
    goods_from: Charge
    price: Charge


class RateByPrice(In, frozen=True, tag_field="kind", tag=RateKind.BY_PRICE.value):
    """The last tier that the goods reach decides; what costs less than all is not shipped this way."""

    tiers: Annotated[list[PriceTier], Meta(min_length=1, max_length=50)]

    def parsed(self) -> Rate:
        return Rate(RateKind.BY_PRICE, tuple((tier.goods_from, tier.price) for tier in self.tiers))


AnyRate = FlatRate | RateByWeight | RateByPrice


def rate_of(method: ShippingMethod) -> AnyRate:
    tiers = [(tier.threshold, Charge(tier.amount, method.currency)) for tier in method.tiers]
    if method.rate_kind == RateKind.BY_WEIGHT:
        return RateByWeight(tiers=[WeightTier(up_to_grams=grams, price=price) for grams, price in tiers])
    if method.rate_kind == RateKind.BY_PRICE:
        goods = [(Charge(amount, method.currency), price) for amount, price in tiers]
        return RateByPrice(tiers=[PriceTier(goods_from=amount, price=price) for amount, price in goods])
    return FlatRate(price=tiers[0][1])


class ShippingMethodOut(Out):
    id: UUID
    zone_id: UUID
    channel_id: UUID
    code: str
    name: str
    translations: dict[str, str]
    rate: AnyRate
    free_from: Money | None
    min_days: int | None
    max_days: int | None
    tax_class: str
    position: int
    is_active: bool
    version: int

    @classmethod
    def of(cls, method: ShippingMethod) -> "ShippingMethodOut":
        free_from = method.free_from_amount
        return cls(
            id=method.id, zone_id=method.zone_id, channel_id=method.channel_id, code=method.code, name=method.name,
            translations=method.translations, rate=rate_of(method),
            free_from=None if free_from is None else Money(free_from, method.currency),
            min_days=method.min_days, max_days=method.max_days, tax_class=method.tax_class,
            position=method.position, is_active=method.is_active, version=method.version,
        )  # fmt: skip


class AddShippingMethod(In):
    channel_id: UUID
    code: Code
    name: Name
    rate: AnyRate
    translations: Translations = {}
    free_from: Charge | None = None
    min_days: Days | None = None
    max_days: Days | None = None
    tax_class: ClassCode = "standard"
    position: Position = 0
    is_active: bool = True


class ChangeShippingMethod(In):
    """Zone and channel stay as they are. Rate and translations are replaced as a whole."""

    code: Code | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    translations: Translations | UnsetType = UNSET
    rate: AnyRate | UnsetType = UNSET
    free_from: Charge | None | UnsetType = UNSET
    min_days: Days | None | UnsetType = UNSET
    max_days: Days | None | UnsetType = UNSET
    tax_class: ClassCode | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


def areas_in(areas: list[ShippingAreaIn]) -> list[tuple[str, str | None]]:
    return [(area.country, area.region) for area in areas]


def terms_in(body: AddShippingMethod | ChangeShippingMethod) -> Terms:
    """What of the terms the client said."""
    said = changes_in(body)
    said.pop("channel_id", None)
    if "rate" in said:
        said["rate"] = said["rate"].parsed()
    return cast(Terms, said)
