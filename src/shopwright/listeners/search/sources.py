"""What documents are made from: read for hundreds of products in as many statements as for one."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Uuid, any_, bindparam, func, select

from shopwright.commerce.catalog.models import IS_PUBLISHED, Option, Product, ProductCategory, Translation, Variant
from shopwright.commerce.catalog.taxonomy import Attribute, Brand, Category
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.orders.models import Order, OrderLine, State
from shopwright.commerce.pricing import shown as pricing
from shopwright.commerce.pricing.models import Price
from shopwright.commerce.pricing.shown import Going
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.prepared import Prepared

POPULAR_FOR = timedelta(days=30)
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_PRODUCTS = Prepared(
    select(
        Product.id, Product.title, Product.description, Product.brand_id, Brand.name.label("brand"),
        Product.product_type_id, Product.attributes, Product.tags, Product.published_at,
    )
    .outerjoin(Brand, Brand.id == Product.brand_id)
    .where(Product.id == any_(_IDS), IS_PUBLISHED)
)  # fmt: skip
_VARIANTS = Prepared(
    select(Variant.id, Variant.product_id, Variant.position, Variant.sku, Variant.barcode, Variant.option_values)
    .where(Variant.product_id == any_(_IDS), Variant.archived_at.is_(None))
    .order_by(Variant.product_id, Variant.position)
)
_OPTIONS = Prepared(
    select(Option.product_id, Option.name, Option.labels)
    .where(Option.product_id == any_(_IDS))
    .order_by(Option.product_id, Option.position)
)
_TRANSLATIONS = Prepared(
    select(Translation.product_id, Translation.locale, Translation.title, Translation.description).where(
        Translation.product_id == any_(_IDS)
    )
)
_SHELVES = Prepared(
    select(ProductCategory.product_id, Category.path)
    .join(Category, Category.id == ProductCategory.category_id)
    .where(ProductCategory.product_id == any_(_IDS))
    .order_by(ProductCategory.product_id, ProductCategory.position)
)
_CATEGORIES = Prepared(
    select(Category.id, Category.title, Category.translations).where(
        Category.id
        == any_(
            func.array(
                select(func.unnest(Category.path))
                .join(ProductCategory, ProductCategory.category_id == Category.id)
                .where(ProductCategory.product_id == any_(_IDS))
                .scalar_subquery()
            )
        )
    )
)
_ATTRIBUTES = Prepared(
    select(
        Attribute.product_type_id, Attribute.code, Attribute.kind, Attribute.label, Attribute.is_facetable,
        Attribute.choices, Attribute.labels,
    )
    .where(
        Attribute.product_type_id == any_(
            func.array(select(Product.product_type_id).where(Product.id == any_(_IDS)).scalar_subquery())
        )
    )
    .order_by(Attribute.product_type_id, Attribute.position)
)  # fmt: skip
_COSTS = Prepared(
    select(Price.variant_id, Price.channel_id, Price.amount, Price.cost_amount)
    .join(Variant, Variant.id == Price.variant_id)
    .where(Variant.product_id == any_(_IDS), Price.cost_amount.is_not(None), Price.amount > 0)
)
_SOLD = Prepared(
    select(Variant.product_id, func.sum(OrderLine.quantity))
    .join(OrderLine, OrderLine.variant_id == Variant.id)
    .join(Order, Order.id == OrderLine.order_id)
    .where(
        Variant.product_id == any_(_IDS),
        Order.placed_at >= bindparam("since", type_=DateTime(timezone=True)),
        Order.state != State.CANCELED,
        Order.state != State.EXPIRED,
    )
    .group_by(Variant.product_id)
)


class ProductRow(NamedTuple):
    id: UUID
    title: str
    description: str
    brand_id: UUID | None
    brand: str | None
    product_type_id: UUID | None
    attributes: dict[str, Any]
    tags: list[str]
    published_at: Any


class VariantRow(NamedTuple):
    id: UUID
    product_id: UUID
    position: int
    sku: str
    barcode: str | None
    option_values: list[str]


class AttributeRow(NamedTuple):
    product_type_id: UUID
    code: str
    kind: str
    label: str
    is_facetable: bool
    choices: dict[str, str]
    labels: dict[str, Any]


class Sources(NamedTuple):
    """By product where nothing else is said; `going` by channel, `attributes` by product type, `margins` by variant, and
    `most`, too: what can be had in the channel that has most of it."""

    channels: list[Channel]
    products: list[ProductRow]
    variants: dict[UUID, list[VariantRow]]
    options: dict[UUID, list[tuple[str, dict[str, Any]]]]
    translations: dict[UUID, dict[str, tuple[str | None, str | None]]]
    paths: dict[UUID, list[list[UUID]]]
    categories: dict[UUID, tuple[str, dict[str, Any]]]
    attributes: dict[UUID, list[AttributeRow]]
    going: dict[UUID, Going]
    most: dict[UUID, int]
    margins: dict[UUID, float]
    sold: dict[UUID, int]


def read(product_ids: Collection[UUID]) -> Sources:
    """All that is said of these products now, and of those alone that are published."""
    asked = {"ids": [*product_ids], "since": clock.now() - POPULAR_FOR}
    active = list(session.scalars(channels.active()))
    variants = [VariantRow(*row) for row in _VARIANTS.all(asked)]
    on_sale = [variant.id for variant in variants]
    translations: dict[UUID, dict[str, tuple[str | None, str | None]]] = {}
    for product_id, locale, title, description in _TRANSLATIONS.all(asked):
        translations.setdefault(product_id, {})[locale] = (title, description)
    going = {channel.id: pricing.going(channel.id, on_sale) for channel in active if on_sale}
    return Sources(
        channels=active,
        products=[ProductRow(*row) for row in _PRODUCTS.all(asked)],
        variants=_grouped((row.product_id, row) for row in variants),
        options=_grouped((row[0], (row[1], row[2])) for row in _OPTIONS.all(asked)),
        translations=translations,
        paths=_grouped((row[0], row[1]) for row in _SHELVES.all(asked)),
        categories={row[0]: (row[1], row[2]) for row in _CATEGORIES.all(asked)},
        attributes=_grouped((row[0], AttributeRow(*row)) for row in _ATTRIBUTES.all(asked)),
        going=going,
        most=_most(going.values()),
        margins=_margins(_COSTS.all(asked)),
        sold={row[0]: int(row[1]) for row in _SOLD.all(asked)},
    )


def _grouped(pairs: Iterable[tuple[UUID, Any]]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _most(going: Iterable[Going]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for each in going:
        for variant_id, quantity in each.available.items():
            found[variant_id] = max(found.get(variant_id, 0), quantity)
    return found


def _margins(rows: Iterable[Any]) -> dict[UUID, float]:
    """By variant the best share of its price that is left in any channel. Tax is left out of account: it only orders."""
    found: dict[UUID, float] = {}
    for variant_id, _, amount, cost in rows:
        found[variant_id] = max(found.get(variant_id, 0.0), 1 - cost / amount)
    return found
