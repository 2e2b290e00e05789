from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, convert, field

from shopwright.commerce.cart.models import MOST_CODES, MOST_LINES
from shopwright.commerce.cart.schemas import Code, Quantity, VatId
from shopwright.commerce.channels.schemas import ChannelCode
from shopwright.commerce.checkout.findings import Findings
from shopwright.commerce.checkout.models import Simulation, State
from shopwright.commerce.checkout.preview import Wanted
from shopwright.commerce.orders.history import Window
from shopwright.commerce.pricing.quotes import Quote, QuoteLine, QuoteShipping, QuoteTax
from shopwright.commerce.promotions.offers import Redemption, Refusal
from shopwright.commerce.taxes import vat_ids
from shopwright.kit import clock
from shopwright.kit.locale import CountryCode, LocaleTag
from shopwright.kit.money import Money, zero
from shopwright.kit.paging import PageQuery
from shopwright.kit.wire import In, Out

USUAL = timedelta(days=90)
Moment = Annotated[datetime, Meta(tz=True, examples=["2026-11-27T18:30:00+01:00"])]


def sensible(moment: datetime) -> datetime:
    """Near enough that a day, or a zone's offset, more or less is still a date."""
    return min(max(moment, clock.EARLIEST), clock.LATEST)


class Simulate(In):
    """Which orders it is tried on: placed from `from` on (the 90 days before `until`), before `until` (now).

    Nobody had the code of a draft. With `assumes_code` each order is judged as if one had been entered; without it, only those
    are given the promotion in which one of its codes was.
    """

    from_: Moment | None = field(default=None, name="from")
    until: Moment | None = None
    channel_id: UUID | None = None
    assumes_code: bool = True

    @property
    def window(self) -> Window:
        until = sensible(self.until or clock.now())
        return Window(since=sensible(self.from_ or until - USUAL), until=until, channel_id=self.channel_id)


class SimulationOut(Out):
    """`orders_read` of `orders_total` are judged so far. `orders_left_out` were placed before orders kept what they were quoted
    from; nothing is said of them. The `result` is there once it is `done`."""

    id: UUID
    promotion_id: UUID
    promotion_version: int
    placed_from: datetime
    placed_until: datetime
    channel_id: UUID | None
    assumes_code: bool
    state: State
    orders_total: int
    orders_read: int
    orders_left_out: int
    created_at: datetime
    finished_at: datetime | None
    failure: str | None
    result: Findings | None

    @classmethod
    def of(cls, row: Simulation) -> "SimulationOut":
        return cls(
            id=row.id, promotion_id=row.promotion_id, promotion_version=row.version, placed_from=row.placed_from,
            placed_until=row.placed_until, channel_id=row.channel_id, assumes_code=row.assumes_code,
            state=State(row.state), orders_total=row.orders_total, orders_read=row.orders_read,
            orders_left_out=row.orders_left_out, created_at=row.created_at, finished_at=row.finished_at,
            failure=row.failure, result=convert(row.result, Findings | None),
        )  # fmt: skip


class SimulationQuery(PageQuery, frozen=True, kw_only=True):
    promotion_id: UUID | None = None


class PreviewLine(In):
    variant_id: UUID
    quantity: Quantity = 1


class PreviewCart(In):
    """A cart that is put together here, or one that there is (`cart_id`), in which what is said here stands in for its own.

    `promotions` are taken as if they were active, whatever they are; their dates are asked as always, by `at`.
    """

    cart_id: UUID | None = None
    channel: ChannelCode | None = None
    lines: Annotated[list[PreviewLine], Meta(max_length=MOST_LINES)] | None = None
    locale: LocaleTag | None = None
    country: CountryCode | None = None
    region: Annotated[str, Meta(max_length=100)] | None = None
    vat_id: VatId | None = None
    shipping_method_id: UUID | None = None
    customer_id: UUID | None = None
    codes: Annotated[list[Code], Meta(max_length=MOST_CODES)] | None = None
    chosen_gifts: Annotated[list[UUID], Meta(max_length=20)] | None = None
    at: Moment | None = None
    promotions: Annotated[list[UUID], Meta(max_length=20)] = []

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            cart_id=self.cart_id, channel=self.channel, customer_id=self.customer_id,
            lines=None if self.lines is None else [(line.variant_id, line.quantity) for line in self.lines],
            parts={
                "locale": self.locale, "country": self.country, "region": self.region,
                "vat_id": None if self.vat_id is None else vat_ids.checked(self.vat_id, "/vat_id"),
                "at": None if self.at is None else sensible(self.at), "shipping_method_id": self.shipping_method_id,
                "codes": None if self.codes is None else tuple(code.strip().upper() for code in self.codes),
                "chosen_gifts": None if self.chosen_gifts is None else tuple(self.chosen_gifts),
            },
        )  # fmt: skip


class PreviewOut(Out):
    """What the cart costs then, and why. `redemptions` are what placing the order would use up."""

    currency: str
    prices_include_tax: bool
    country: str
    region: str | None
    items: list[QuoteLine]
    unavailable: list[UUID]
    shipping: QuoteShipping | None
    subtotal: Money
    discount: Money
    shipping_total: Money
    tax: Money
    taxes: list[QuoteTax]
    taxes_needed: bool
    tax_removed: Money
    tax_exemption: str | None
    reverse_charge: bool
    total: Money
    refusals: list[Refusal]
    redemptions: list[Redemption]

    @classmethod
    def of(cls, quote: Quote) -> "PreviewOut":
        return cls(
            currency=quote.currency, prices_include_tax=quote.is_gross, country=quote.country, region=quote.region,
            items=list(quote.lines), unavailable=list(quote.unavailable), shipping=quote.shipping, subtotal=quote.subtotal,
            discount=quote.discount, shipping_total=quote.shipping_total, tax=quote.tax, taxes=list(quote.taxes),
            taxes_needed=quote.taxes_needed, tax_removed=quote.tax_removed or zero(quote.currency),
            tax_exemption=quote.exemption.certificate if quote.exemption else None, reverse_charge=quote.reverse_charge,
            total=quote.total, refusals=list(quote.refusals), redemptions=list(quote.redemptions),
        )  # fmt: skip
