from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from shopwright.commerce.channels.models import Channel, ShippingTax, TaxDisplay, TaxRounding, TaxSource
from shopwright.kit.locale import CountryCode, LocaleTag
from shopwright.kit.money import CurrencyCode
from shopwright.kit.wire import In, Out

ChannelCode = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$(?!\n)", examples=["eu"])]
Name = Annotated[str, Meta(min_length=1, max_length=100, examples=["Europe"])]
Countries = Annotated[list[CountryCode], Meta(min_length=1, max_length=250, examples=[["DE", "AT", "FR"]])]
Locales = Annotated[list[LocaleTag], Meta(min_length=1, max_length=50, examples=[["en", "de"]])]


class ChannelOut(Out):
    id: UUID
    code: str
    name: str
    currency: CurrencyCode
    countries: list[str]
    locales: list[str]
    tax_display: TaxDisplay
    tax_rounding: TaxRounding
    shipping_tax: ShippingTax
    tax_source: TaxSource
    is_active: bool
    version: int

    @classmethod
    def of(cls, channel: Channel) -> "ChannelOut":
        return cls(
            id=channel.id, code=channel.code, name=channel.name, currency=channel.currency,
            countries=channel.countries, locales=channel.locales, tax_display=channel.tax_display,
            tax_rounding=TaxRounding(channel.tax_rounding), shipping_tax=ShippingTax(channel.shipping_tax),
            tax_source=TaxSource(channel.tax_source),
            is_active=channel.is_active, version=channel.version,
        )  # fmt: skip


class ChannelList(Out):
    items: list[ChannelOut]


Rounding = Annotated[
    TaxRounding, Meta(description="Tax is rounded in each line, or once for all that bears the same rate")
]
OfShipping = Annotated[
    ShippingTax, Meta(description="Shipping bears its own class's rate, or that of the goods that cost most together")
]
Source = Annotated[TaxSource, Meta(description="The shop's own rates, or an external tax service")]


class CreateChannel(In):
    code: ChannelCode
    name: Name
    currency: CurrencyCode
    countries: Countries
    locales: Locales
    tax_display: TaxDisplay
    tax_rounding: Rounding = TaxRounding.LINE
    shipping_tax: OfShipping = ShippingTax.OWN
    tax_source: Source = TaxSource.RATES


class ChangeChannel(In):
    """Currency and tax display stay as they are: every price of the channel stands in them."""

    name: Name | UnsetType = UNSET
    countries: Countries | UnsetType = UNSET
    locales: Locales | UnsetType = UNSET
    tax_rounding: Rounding | UnsetType = UNSET
    shipping_tax: OfShipping | UnsetType = UNSET
    tax_source: Source | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
