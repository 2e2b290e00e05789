"""What can be asked of the catalog by id, SKU and slug; what a whole page shows is put together in `pages`."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import (
    ARRAY,
    Boolean,
    FromClause,
    Select,
    String,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from shopwright.commerce.catalog.models import (
    IS_PUBLISHED,
    Media,
    Option,
    Product,
    ProductCategory,
    Translation,
    Variant,
    measured,
)
from shopwright.commerce.catalog.pages import category_by_slug as category_by_slug
from shopwright.commerce.catalog.pages import category_tree as category_tree
from shopwright.commerce.catalog.pages import collection_by_slug as collection_by_slug
from shopwright.commerce.catalog.pages import facets as facets
from shopwright.commerce.catalog.taxonomy import Brand, Category, CollectionItem
from shopwright.commerce.catalog.views import Card, Sellable
from shopwright.commerce.catalog.wording import address, fallbacks, said, spelled
from shopwright.kit.db import session
from shopwright.kit.prepared import Prepared

IDS: Any = bindparam("ids", type_=ARRAY(Uuid(as_uuid=True)))
TONGUES: Any = bindparam("tongues", type_=ARRAY(String))

# A product in "Mugs" lies in "Kitchen", too.
_lying = aliased(ProductCategory)
_CATEGORIES: Any = func.array(
    select(func.unnest(Category.path))
    .distinct()
    .join(_lying, _lying.category_id == Category.id)
    .where(_lying.product_id == Product.id)
    .correlate(Product)
    .scalar_subquery(),
    type_=ARRAY(Uuid(as_uuid=True)),
).label("category_ids")

_COLLECTIONS: Any = func.array(
    select(CollectionItem.collection_id)
    .where(CollectionItem.product_id == Product.id)
    .correlate(Product)
    .scalar_subquery(),
    type_=ARRAY(Uuid(as_uuid=True)),
).label("collection_ids")

_OPTIONS: Any = (
    select(func.jsonb_agg(aggregate_order_by(func.jsonb_build_array(Option.name, Option.labels), Option.position)))
    .where(Option.product_id == Product.id)
    .correlate(Product)
    .scalar_subquery()
    .label("options")
)

_first = aliased(Media)
_FIRST_PICTURE: Any = (
    select(_first.source)
    .where(_first.product_id == Product.id)
    .order_by(_first.position)
    .limit(1)
    .correlate(Product)
    .scalar_subquery()
)

_TEXT: FromClause = (
    select(Translation.title, Translation.slug)
    .where(Translation.product_id == Product.id, Translation.locale == any_(TONGUES))
    .order_by(func.array_position(TONGUES, Translation.locale))
    .limit(1)
    .correlate(Product)
    .lateral("text")
)
_TITLE: Any = func.coalesce(func.nullif(_TEXT.c.title, ""), Product.title).label("title")
_SLUG: Any = func.coalesce(_TEXT.c.slug, Product.slug).label("slug")

# A voucher for many purposes is taxed when it is spent (Directive 2006/112/EC, article 30b): no class, so no rate.
_TAX_CLASS: Any = case((Product.is_gift_card, ""), else_=Variant.tax_class).label("tax_class")
_REQUIRES_SHIPPING: Any = (Variant.requires_shipping & ~Product.is_gift_card).label("requires_shipping")

#: What a product is found by that costs more to tell than its own row; told only as far as it is asked for.
FACTS = ("categories", "collections", "attributes")
# Behind a subquery, as `kit.prepared` puts arrays: else the plan for what is not asked would seem worth making anew.
_ASKED = {name: select(bindparam(name, type_=Boolean)).scalar_subquery() for name in FACTS}


def _if_asked(name: str, fact: Any) -> Any:
    return case((_ASKED[name], fact)).label(name)


#: Those of the variants `ids` that are on sale; `to_sellable` makes a `Sellable` of a row. `FACTS` are parameters.
SELLABLE = (
    select(
        Variant.id, Variant.product_id, Variant.sku, Variant.option_values, Variant.weight_grams,
        _TAX_CLASS, _REQUIRES_SHIPPING, Product.is_gift_card, Product.brand_id, _TITLE, _SLUG, _OPTIONS,
        _if_asked("categories", _CATEGORIES), _if_asked("collections", _COLLECTIONS),
        _if_asked("attributes", Product.attributes),
        func.coalesce(Media.source, _FIRST_PICTURE).label("picture"),
        Variant.measure_amount, Variant.measure_unit, Variant.base_measure_amount, Variant.base_measure_unit,
    )
    .join(Product, Product.id == Variant.product_id)
    .outerjoin(Media, Media.id == Variant.media_id)
    .outerjoin(_TEXT, true())
    .where(Variant.id == any_(IDS), Variant.archived_at.is_(None), IS_PUBLISHED)
)  # fmt: skip


#: As `SELLABLE`, only what promotions ask for: enough to say what something costs.
ON_SALE = (
    select(
        Variant.id, Variant.product_id, Product.is_gift_card, Product.brand_id,
        _if_asked("categories", _CATEGORIES), _if_asked("collections", _COLLECTIONS),
        _if_asked("attributes", Product.attributes),
    )
    .join(Product, Product.id == Variant.product_id)
    .where(Variant.id == any_(IDS), Variant.archived_at.is_(None), IS_PUBLISHED)
)  # fmt: skip


def sellable(variant_ids: Collection[UUID], locale: str | None = None) -> dict[UUID, Sellable]:
    """Those of the variants that are published and not archived, with all facts; the others are simply absent."""
    asked = {"ids": [*variant_ids], "tongues": fallbacks(locale), **dict.fromkeys(FACTS, True)}
    rows = session.execute(SELLABLE, asked)
    return {row.id: to_sellable(row, locale) for row in rows}


class SellableRow(Struct, frozen=True):
    """A row of `SELLABLE` that travelled as JSON; or of `ON_SALE`, which says nothing of the rest."""

    id: UUID
    product_id: UUID
    is_gift_card: bool
    brand_id: UUID | None
    categories: list[UUID] | None
    collections: list[UUID] | None
    attributes: dict[str, Any] | None
    sku: str = ""
    option_values: list[str] = []
    weight_grams: int = 0
    tax_class: str = ""
    requires_shipping: bool = False
    title: str = ""
    slug: str = ""
    options: list[tuple[str, dict[str, Any]]] | None = None
    picture: str | None = None
    measure_amount: int | None = None
    measure_unit: str | None = None
    base_measure_amount: int | None = None
    base_measure_unit: str | None = None


def to_sellable(row: SellableRow | Any, locale: str | None) -> Sellable:
    options = {
        said(labels, locale, "name") or name: said(labels, locale, "values", value) or value
        for (name, labels), value in zip(row.options or [], row.option_values, strict=False)
    }
    return Sellable(
        variant_id=row.id, product_id=row.product_id, sku=row.sku, title=row.title,
        variant_title=" / ".join(options.values()), options=options, slug=row.slug,
        image_url=address(row.picture), weight_grams=row.weight_grams, tax_class=row.tax_class,
        requires_shipping=row.requires_shipping, brand_id=row.brand_id,
        category_ids=row.categories or [], collection_ids=row.collections or [],
        attributes={code: spelled(value) for code, value in (row.attributes or {}).items()},
        is_gift_card=row.is_gift_card, measure=measured(row),
    )  # fmt: skip


def published_products(product_ids: Collection[UUID] | None = None) -> Select[Any]:
    """One row for each published product (of these, or of all), for listings; order and page it as you need.

    Columns: id, title, slug, published_at, brand_id, product_type_id, tags, attributes, variant_ids (on offer, in
    order), category_ids (with all ancestors), collection_ids.
    """
    variant_ids = (
        select(func.array_agg(aggregate_order_by(Variant.id, Variant.position), type_=ARRAY(Uuid(as_uuid=True))))
        .where(Variant.product_id == Product.id, Variant.archived_at.is_(None))
        .correlate(Product)
        .scalar_subquery()
    )
    found = select(
        Product.id, Product.title, Product.slug, Product.published_at, Product.brand_id,
        Product.product_type_id, Product.tags, Product.attributes, variant_ids.label("variant_ids"),
        _CATEGORIES, _COLLECTIONS,
    ).where(IS_PUBLISHED)  # fmt: skip
    return found if product_ids is None else found.where(Product.id == any_(literal([*product_ids], IDS.type)))


_ON_OFFER = Prepared(
    select(Variant.product_id, Variant.id)
    .join(Product, Product.id == Variant.product_id)
    .where(Variant.product_id == any_(IDS), Variant.archived_at.is_(None), IS_PUBLISHED)
    .order_by(Variant.product_id, Variant.position)
)


_VARIANTS = Prepared(select(Variant.id).where(Variant.product_id == any_(IDS)).order_by(Variant.id))


def variants_of(product_ids: Collection[UUID]) -> list[UUID]:
    """All of these products, on sale or not."""
    return [variant_id for (variant_id,) in _VARIANTS.all({"ids": [*product_ids]})]


def variants_on_offer(product_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Those of each of these products, in order; one that is not published is absent."""
    found: dict[UUID, list[UUID]] = {}
    for product_id, variant_id in _ON_OFFER.all({"ids": [*product_ids]}):
        found.setdefault(product_id, []).append(variant_id)
    return found


_pictured = aliased(Media)
_PICTURE = (
    select(_pictured.source, _pictured.alt, _pictured.alts)
    .where(_pictured.product_id == Product.id)
    .order_by(_pictured.position)
    .limit(1)
    .correlate(Product)
    .lateral("picture")
)
#: What a list shows of each of the products `ids`, if it is published; `to_card` makes a `Card` of a row.
CARDS = (
    select(Product.id, _TITLE, _SLUG, _PICTURE.c.source, _PICTURE.c.alt, _PICTURE.c.alts, Brand.name.label("brand"))
    .select_from(Product)
    .outerjoin(_TEXT, true())
    .outerjoin(_PICTURE, true())
    .outerjoin(Brand, Brand.id == Product.brand_id)
    .where(Product.id == any_(IDS), IS_PUBLISHED)
)
_CARDS = Prepared(CARDS)


def cards(product_ids: Collection[UUID], locale: str | None = None) -> dict[UUID, Card]:
    """What a list shows of each of these products, if it is published."""
    rows = _CARDS.all({"ids": [*product_ids], "tongues": fallbacks(locale)})
    return {row[0]: to_card(row, locale) for row in rows}


def to_card(row: Sequence[Any], locale: str | None) -> Card:
    id_, title, slug, source, alt, alts, brand = row
    return Card(
        product_id=id_, title=title, slug=slug, image_url=address(source),
        image_alt=said(alts or {}, locale) or alt or title, brand=brand,
    )  # fmt: skip


def products_of(variant_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The product of each of these variants, published or not; an unknown variant is absent."""
    found = select(Variant.id, Variant.product_id).where(Variant.id == any_(IDS))
    rows = session.execute(found, {"ids": [*variant_ids]})
    return {row.id: row.product_id for row in rows}


def variant_ids_by_sku(skus: Collection[str]) -> dict[str, UUID]:
    """Archived ones included; an unknown SKU is absent."""
    wanted = literal([*skus], ARRAY(String))
    rows = session.execute(select(Variant.sku, Variant.id).where(Variant.sku == any_(wanted)))
    return {row.sku: row.id for row in rows}


def products_in_category(category_id: UUID) -> Select[Any]:
    """Ids of the products in this category or below it, published or not."""
    below = select(Category.id).where(Category.path.contains([category_id]))
    return select(ProductCategory.product_id).where(ProductCategory.category_id.in_(below)).distinct()


def products_in_collection(collection_id: UUID) -> Select[Any]:
    """Ids of the products that were picked, in their order, published or not."""
    picked = select(CollectionItem.product_id).where(CollectionItem.collection_id == collection_id)
    return picked.order_by(CollectionItem.position)
