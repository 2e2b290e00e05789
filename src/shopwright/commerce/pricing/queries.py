from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ARRAY,
    CTE,
    JSON,
    Boolean,
    Select,
    SQLColumnExpression,
    String,
    Uuid,
    bindparam,
    case,
    func,
    select,
)

from shopwright.commerce.accounts.models import Customer
from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog import wording
from shopwright.commerce.catalog.errors import UnknownProduct, UnknownVariant
from shopwright.commerce.catalog.models import Product, Variant
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.channels.models import Channel, ShippingTax, TaxDisplay, TaxRounding, TaxSource
from shopwright.commerce.inventory.shown import KnownStock, stock_in
from shopwright.commerce.pricing import history, list_queries
from shopwright.commerce.pricing.history import Announced
from shopwright.commerce.pricing.models import Price
from shopwright.commerce.pricing.quotes import Basket, Exemption
from shopwright.commerce.pricing.resolving import KnownList, KnownTier
from shopwright.commerce.promotions import queries as promotions
from shopwright.commerce.promotions import spending
from shopwright.commerce.promotions.offers import Spent
from shopwright.commerce.shipping import queries as shipping
from shopwright.commerce.taxes import queries as taxes
from shopwright.kit import clock
from shopwright.kit.db import as_json, as_object, session, table_of
from shopwright.kit.money import Money
from shopwright.kit.prepared import Prepared

_channels = table_of(Channel)
_CHANNEL = (
    select(
        _channels.c.id,
        _channels.c.currency,
        _channels.c.tax_display,
        _channels.c.tax_rounding,
        _channels.c.shipping_tax,
        _channels.c.tax_source,
        _channels.c.countries[1].label("home"),
        func.coalesce(bindparam("country", type_=String), _channels.c.countries[1]).label("country"),
    )
    .where(_channels.c.id == bindparam("channel_id", type_=Uuid()))
    .cte("channel")
)
_ID, _CURRENCY, _COUNTRY = (
    select(column).scalar_subquery() for column in (_CHANNEL.c.id, _CHANNEL.c.currency, _CHANNEL.c.country)
)
_REGION = bindparam("region", type_=String)
_REGISTERED_AT = select(Customer.registered_at).where(Customer.id == list_queries.CUSTOMER).scalar_subquery()
_GROUPS = func.array(list_queries.MY_GROUPS.scalar_subquery(), type_=ARRAY(Uuid()))
#: Of the channel, the rules and the customer, whatever is priced.
_ALWAYS: dict[str, SQLColumnExpression[Any]] = {
    **{column.name: column for column in _CHANNEL.c if column is not _CHANNEL.c.id},
    "rules": promotions.RULES_VERSION,
    "customer": as_object(registered_at=_REGISTERED_AT, group_ids=_GROUPS).cast(JSON),
}


def _terms(own: Select[*tuple[Any, ...]], lists: CTE, tiers: Select[*tuple[Any, ...]]) -> Prepared:
    return Prepared(
        select(
            as_object(
                **_ALWAYS,
                entered=as_json(spending.ENTERED),
                spent=as_json(spending.SPENT),
                has_ordered=spending.HAS_ORDERED,
                sellable=as_json(catalog.SELLABLE),
                prices=as_json(own),
                announced=as_json(history.announced(catalog.IDS, _ID, _CURRENCY, list_queries.NOW)),
                lists=as_json(select(lists)),
                tiers=as_json(tiers),
                rates=as_json(taxes.rates_in(_COUNTRY, _REGION)),
                exemptions=as_json(taxes.exemption_in(list_queries.CUSTOMER, _COUNTRY, _REGION, list_queries.NOW)),
                methods=as_json(shipping.methods_to(_ID, _CURRENCY, _COUNTRY, _REGION)),
            )
        )
    )


def _shown_terms() -> Prepared:
    """What a page shows is made of far less than a quote; half of it is the history of its prices, where that is asked for."""
    now, lists = list_queries.NOW, list_queries.lists_now(_ID, _CURRENCY)
    # Behind a subquery, as `catalog.FACTS`.
    is_asked = select(bindparam("history", type_=Boolean)).scalar_subquery()
    return Prepared(
        select(
            as_object(
                **_ALWAYS,
                sellable=as_json(catalog.ON_SALE),
                prices=as_json(list_queries.prices_now(_ID, _CURRENCY)),
                announced=case(
                    (is_asked, as_json(history.announced(catalog.IDS, _ID, _CURRENCY, now))),
                    else_=func.json_build_array(),
                ),
                lists=as_json(select(lists)),
                tiers=as_json(list_queries.tiers_now(lists)),
                stock=as_json(stock_in(_ID, catalog.IDS, now)),
                changes_at=func.least(
                    list_queries.begins_or_ends(_ID, _CURRENCY),
                    case((is_asked, history.forgets(catalog.IDS, _ID, _CURRENCY, now))),
                ),
            )
        )
    )


_SHOWN = _shown_terms()
_LISTS, _LISTS_THEN = list_queries.lists_now(_ID, _CURRENCY), list_queries.lists_then(_ID, _CURRENCY)
_TERMS = _terms(list_queries.prices_now(_ID, _CURRENCY), _LISTS, list_queries.tiers_now(_LISTS))
_TERMS_THEN = _terms(
    list_queries.prices_then(_ID, _CURRENCY), _LISTS_THEN, list_queries.tiers_then(_LISTS_THEN, _ID, _CURRENCY)
)


class FromList(Struct, frozen=True, kw_only=True):
    """The price list that said what a piece costs, and what it costs by itself."""

    id: UUID
    version: int
    name: str
    is_public: bool
    own_amount: int | None


class ListPrice(Struct, frozen=True, kw_only=True):
    """What a variant costs before anything is taken off, as the channel shows it."""

    variant_id: UUID
    amount: int
    currency: str
    compare_at_amount: int | None = None
    cost_amount: int | None = None
    listed: FromList | None = None

    @property
    def is_public(self) -> bool:
        return self.listed is None or self.listed.is_public

    @property
    def price(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def compare_at(self) -> Money | None:
        return None if self.compare_at_amount is None else Money(self.compare_at_amount, self.currency)


class TaxRate(Struct, frozen=True):
    tax_class: str
    rate_ppm: int
    name: str


class KnownCustomer(Struct, frozen=True):
    """What promotions may ask of who is signed in; of a guest nothing is known."""

    registered_at: datetime | None
    group_ids: frozenset[UUID]


class Entered(Struct, frozen=True):
    """A code that exists, and the promotion that it opens."""

    code: str
    promotion_id: UUID


class Terms(Struct, frozen=True):
    """All that a basket's price is made from: variants on sale, prices, the tax rates and ways to ship there, the version
    of the rules in force. `home` is the channel's first country; of the customer's exemptions there is at most one."""

    currency: str
    tax_display: TaxDisplay
    tax_rounding: TaxRounding
    shipping_tax: ShippingTax
    tax_source: TaxSource
    country: str
    home: str
    rules: UUID
    customer: KnownCustomer
    sellable: list[catalog.SellableRow]
    prices: list[ListPrice]
    lists: list[KnownList]
    tiers: list[KnownTier]
    announced: list[Announced]
    rates: list[TaxRate] = []
    exemptions: list[Exemption] = []
    methods: list[shipping.Method] = []
    entered: list[Entered] = []
    spent: list[Spent] = []
    has_ordered: bool = False
    #: Told only of what is shown: what can be had, and when the clock changes prices next.
    stock: list[KnownStock] = []
    changes_at: datetime | None = None


_decoder = msgspec.json.Decoder(Terms)


def terms(basket: Basket, gifts: Collection[UUID] = (), facts: Collection[str] = ()) -> Terms:
    """Read in one statement, so that all of it was true at the same moment; of `gifts` too, and with these of
    `catalog.FACTS`. The prices are what variants cost by themselves. Raises `UnknownChannel`.
    """
    now = basket.at or clock.now()
    found = (_TERMS_THEN if basket.at else _TERMS).first(
        {
            "channel_id": basket.channel_id, "country": basket.country,
            "region": (basket.region or "").upper() if basket.country else "",
            "ids": [*dict.fromkeys([*(line.variant_id for line in basket.lines), *gifts])],
            "customer_id": basket.customer_id, "group_id": basket.group_id, "codes": [*basket.codes],
            "buyer_keys": [*basket.buyer_keys],
            "day": now.date().isoformat(), "now": now,
            **{name: name in facts for name in catalog.FACTS},
            "tongues": wording.fallbacks(basket.locale),
        },
    )  # fmt: skip
    if found is None:
        raise UnknownChannel()
    return _decoder.decode(found[0])


def shown_terms(basket: Basket, facts: Collection[str], *, with_history: bool = True) -> Terms:
    """As `terms`, only what the price of a single piece is made from, now; and with `stock` and `changes_at`, which
    without their history knows of their lists alone."""
    found = _SHOWN.first(
        {
            "channel_id": basket.channel_id, "country": None,
            "ids": [*dict.fromkeys(line.variant_id for line in basket.lines)],
            "customer_id": basket.customer_id, "group_id": basket.group_id, "now": clock.now(), "history": with_history,
            **{name: name in facts for name in catalog.FACTS},
        },
    )  # fmt: skip
    if found is None:
        raise UnknownChannel()
    return _decoder.decode(found[0])


def prices(channel_id: UUID, currency: str, variant_ids: Collection[UUID]) -> dict[UUID, Price]:
    """What these variants cost there; one without a price is absent."""
    found = session.scalars(
        select(Price).where(
            Price.channel_id == channel_id, Price.currency == currency, Price.variant_id.in_(variant_ids)
        )
    )
    return {price.variant_id: price for price in found}


def price_in(channel_id: UUID, variant_id: UUID) -> Price | None:
    """What the variant costs in the channel's currency, if it is set. Raises `UnknownChannel`, `UnknownVariant`."""
    price = session.get(Price, (variant_id, channel_id, channels.get(channel_id).currency))
    if price is None and not catalog.products_of([variant_id]):
        raise UnknownVariant()
    return price


def of_product(product_id: UUID, channel_id: UUID | None = None) -> Select[Price]:
    """The prices of all its variants, in all channels or in one. Raises `UnknownProduct`."""
    if session.get(Product, product_id) is None:
        raise UnknownProduct()
    found = select(Price).join(Variant, Variant.id == Price.variant_id).where(Variant.product_id == product_id)
    return found if channel_id is None else found.where(Price.channel_id == channel_id)
