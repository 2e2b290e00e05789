"""A sales channel: where, in which currency and languages, and with which prices shown the shop sells."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped

from shopwright.kit import ids
from shopwright.kit.db import Base
from shopwright.kit.privacy import public


class TaxDisplay(StrEnum):
    """Whether prices are entered and shown with tax in them (gross), or tax comes on top (net)."""

    GROSS = "gross"
    NET = "net"


class TaxRounding(StrEnum):
    """Where tax is rounded: in each line, or once for all that bears the same rate."""

    LINE = "line"
    ORDER = "order"


class ShippingTax(StrEnum):
    """Whether shipping bears the rate of its own tax class, or that of the goods that weigh most in the price."""

    OWN = "own"
    MAIN = "main"


class TaxSource(StrEnum):
    """Who says how much tax is due: the shop's own rates, or an external service."""

    RATES = "rates"
    SERVICE = "service"


class Channel(Base):
    __tablename__ = "channels"
    __table_args__ = (
        CheckConstraint("cardinality(countries) > 0", name="sells_somewhere"),
        CheckConstraint("cardinality(locales) > 0", name="speaks_something"),
    )

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    code: Mapped[str] = public(String(40), unique=True)
    name: Mapped[str] = public(String(100))
    currency: Mapped[str] = public(String(3))
    # The first country is where a shopper is taken to be, and the first locale what is spoken, until they say so.
    countries: Mapped[list[str]] = public(ARRAY(String(2)))
    locales: Mapped[list[str]] = public(ARRAY(String(20)))
    tax_display: Mapped[TaxDisplay] = public(String(10))
    tax_rounding: Mapped[TaxRounding] = public(String(10), server_default="line")
    shipping_tax: Mapped[ShippingTax] = public(String(10), server_default="own")
    tax_source: Mapped[TaxSource] = public(String(10), server_default="rates")
    is_active: Mapped[bool] = public(default=True)
    version: Mapped[int] = public()

    __mapper_args__ = {"version_id_col": version}

    @property
    def default_country(self) -> str:
        return self.countries[0]

    @property
    def default_locale(self) -> str:
        return self.locales[0]

    @property
    def is_gross(self) -> bool:
        return self.tax_display == TaxDisplay.GROSS
