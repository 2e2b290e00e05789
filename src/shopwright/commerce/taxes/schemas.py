from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from shopwright.commerce.taxes import rates as decimals
from shopwright.commerce.taxes.models import TaxArea, TaxClass, TaxExemption, TaxRate, TaxZone
from shopwright.commerce.taxes.rates import Rate
from shopwright.kit.locale import CountryCode
from shopwright.kit.wire import In, Out

ClassCode = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$(?!\n)", examples=["standard"])]
Name = Annotated[str, Meta(min_length=1, max_length=100, examples=["VAT 19 %"])]
Region = Annotated[
    str, Meta(min_length=1, max_length=50, examples=["BY"], description="Code of a country area, as in addresses")
]
Start = Annotated[datetime, Meta(tz=True, examples=["2026-01-01T00:00:00+01:00"])]
End = Annotated[datetime, Meta(tz=True, examples=["2029-01-01T00:00:00+01:00"], description="No longer at this moment")]
Share = Annotated[
    str,
    Meta(
        pattern=r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$(?!\n)",
        max_length=8,
        examples=["0.19"],
        description="A decimal share of the net amount",
    ),
]


class TaxClassOut(Out):
    code: str
    name: str
    version: int

    @classmethod
    def of(cls, row: TaxClass) -> "TaxClassOut":
        return cls(code=row.code, name=row.name, version=row.version)


class TaxClassList(Out):
    items: list[TaxClassOut]


class AddTaxClass(In):
    code: ClassCode
    name: Name


class RenameTaxClass(In):
    name: Name


class TaxAreaOut(Out):
    country: str
    region: str | None

    @classmethod
    def of(cls, area: TaxArea) -> "TaxAreaOut":
        return cls(country=area.country, region=area.region)


class TaxRateOut(Out):
    name: str
    rate: Share

    @classmethod
    def of(cls, rate: TaxRate) -> "TaxRateOut":
        return cls(name=rate.name, rate=decimals.to_decimal(rate.rate_ppm))


class TaxZoneOut(Out):
    """Where which rates are due, by tax class."""

    id: UUID
    name: str
    areas: list[TaxAreaOut]
    rates: dict[str, TaxRateOut]
    version: int

    @classmethod
    def of(cls, zone: TaxZone) -> "TaxZoneOut":
        return cls(
            id=zone.id, name=zone.name, areas=[TaxAreaOut.of(area) for area in zone.areas],
            rates={rate.tax_class: TaxRateOut.of(rate) for rate in zone.rates}, version=zone.version,
        )  # fmt: skip


class TaxAreaIn(In):
    """A country, or one region of it."""

    country: CountryCode
    region: Region | None = None


class TaxRateIn(In):
    name: Name
    rate: Share

    def parsed(self) -> Rate:
        return Rate(decimals.from_decimal(self.rate), self.name)


Areas = Annotated[list[TaxAreaIn], Meta(min_length=1, max_length=1000)]
Rates = Annotated[
    dict[ClassCode, TaxRateIn],
    Meta(max_length=50, examples=[{"standard": {"name": "VAT 19 %", "rate": "0.19"}}], description="By tax class"),
]


class TaxExemptionOut(Out):
    """It holds from `valid_from` until just before `valid_until`, or for good."""

    id: UUID
    customer_id: UUID
    country: str
    region: str | None
    certificate: str
    reason: str
    valid_from: datetime
    valid_until: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: TaxExemption) -> "TaxExemptionOut":
        return cls(**{name: getattr(row, name) for name in cls.__struct_fields__})


class TaxExemptionList(Out):
    items: list[TaxExemptionOut]


class GrantTaxExemption(In):
    """Without a `region` it holds in all of the country; without `valid_from`, from now on."""

    country: CountryCode
    certificate: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=60,
            pattern=r"\S",
            examples=["TX-01-339"],
            description="As it is to stand on invoices",
        ),
    ]
    reason: Annotated[str, Meta(min_length=1, max_length=500, examples=["Reseller, certificate seen by mail."])]
    region: Region | None = None
    valid_from: Start | None = None
    valid_until: End | None = None


class OpenTaxZone(In):
    name: Name
    areas: Areas
    rates: Rates


class ChangeTaxZone(In):
    """Areas and rates are replaced as a whole."""

    name: Name | UnsetType = UNSET
    areas: Areas | UnsetType = UNSET
    rates: Rates | UnsetType = UNSET


def areas_in(areas: list[TaxAreaIn]) -> list[tuple[str, str | None]]:
    return [(area.country, area.region) for area in areas]


def rates_in(rates: dict[str, TaxRateIn]) -> dict[str, Rate]:
    return {code: rate.parsed() for code, rate in rates.items()}
