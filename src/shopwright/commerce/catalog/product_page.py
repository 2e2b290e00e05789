"""A product's page: all that it shows, read as one JSON text, and put together in one language."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import JSON, String, any_, bindparam, func, select

from shopwright.commerce.catalog.models import (
    IS_PUBLISHED,
    Media,
    Option,
    Product,
    ProductCategory,
    Slug,
    Translation,
    Variant,
    measured,
)
from shopwright.commerce.catalog.taxonomy import Attribute, AttributeKind, Brand, Category, ProductType
from shopwright.commerce.catalog.views import (
    AttributeView,
    BrandView,
    Crumb,
    MediaView,
    OptionValueView,
    OptionView,
    ProductView,
    VariantView,
)
from shopwright.commerce.catalog.wording import address, fallbacks, said
from shopwright.kit.db import as_json, as_object

_FOUND = (
    select(
        Product.id, Product.title, Product.slug, Product.description, Product.seo_title, Product.seo_description,
        Product.product_type_id, Product.attributes, Product.tags, Product.is_gift_card, Product.published_at,
        Product.version, ProductType.name.label("product_type"), Brand.id.label("brand_id"),
        Brand.name.label("brand_name"), Brand.slug.label("brand_slug"),
    )
    .join(Slug, Slug.product_id == Product.id)
    .outerjoin(Brand, Brand.id == Product.brand_id)
    .outerjoin(ProductType, ProductType.id == Product.product_type_id)
    .where(Slug.slug == bindparam("slug", type_=String), IS_PUBLISHED)
    .cte("found")
)  # fmt: skip
_ID = select(_FOUND.c.id).scalar_subquery()
_SHELF = (
    select(ProductCategory.category_id)
    .where(ProductCategory.product_id == _ID)
    .order_by(ProductCategory.position)
    .limit(1)
    .scalar_subquery()
)
_PATH = select(func.unnest(Category.path)).where(Category.id == _SHELF).scalar_subquery()

#: The published product that has or had this `slug`, in any locale, as a `WholeProduct`; null if there is none.
WHOLE: Any = (
    select(
        as_object(
            row=func.to_json(_FOUND.table_valued()),
            options=as_json(
                select(Option.name, Option.values, Option.labels)
                .where(Option.product_id == _ID)
                .order_by(Option.position)
            ),
            variants=as_json(
                select(
                    Variant.id, Variant.sku, Variant.barcode, Variant.option_values, Variant.weight_grams,
                    Variant.requires_shipping, Variant.media_id, Variant.measure_amount, Variant.measure_unit,
                    Variant.base_measure_amount, Variant.base_measure_unit,
                )
                .where(Variant.product_id == _ID, Variant.archived_at.is_(None))
                .order_by(Variant.position)
            ),
            media=as_json(
                select(Media.id, Media.source, Media.alt, Media.alts)
                .where(Media.product_id == _ID)
                .order_by(Media.position)
            ),
            translations=as_json(
                select(
                    Translation.locale, Translation.title, Translation.slug, Translation.description,
                    Translation.seo_title, Translation.seo_description,
                )
                .where(Translation.product_id == _ID)
                .order_by(Translation.locale)
            ),
            asked=as_json(
                select(
                    Attribute.code, Attribute.label, Attribute.kind, Attribute.is_facetable, Attribute.choices,
                    Attribute.labels,
                )
                .where(Attribute.product_type_id == select(_FOUND.c.product_type_id).scalar_subquery())
                .order_by(Attribute.position)
            ),
            crumbs=as_json(
                select(Category.id, Category.slug, Category.title, Category.translations)
                .where(Category.id == any_(func.array(_PATH)))
                .order_by(func.cardinality(Category.path))
            ),
        ).cast(JSON)
    )
    .select_from(_FOUND)
    .scalar_subquery()
)  # fmt: skip


class _Product(Struct, frozen=True):
    id: UUID
    title: str
    slug: str
    description: str
    seo_title: str
    seo_description: str
    attributes: dict[str, Any]
    tags: list[str]
    is_gift_card: bool
    published_at: datetime
    version: int
    product_type: str | None
    brand_id: UUID | None
    brand_name: str | None
    brand_slug: str | None


class _Option(Struct, frozen=True):
    name: str
    values: list[str]
    labels: dict[str, Any]


class _Variant(Struct, frozen=True):
    id: UUID
    sku: str
    barcode: str | None
    option_values: list[str]
    weight_grams: int
    requires_shipping: bool
    media_id: UUID | None
    measure_amount: int | None
    measure_unit: str | None
    base_measure_amount: int | None
    base_measure_unit: str | None


class _Media(Struct, frozen=True):
    id: UUID
    source: str
    alt: str
    alts: dict[str, Any]


class _Translation(Struct, frozen=True):
    locale: str
    title: str | None
    slug: str | None
    description: str | None
    seo_title: str | None
    seo_description: str | None


class _Attribute(Struct, frozen=True):
    code: str
    label: str
    kind: AttributeKind
    is_facetable: bool
    choices: dict[str, str]
    labels: dict[str, Any]


class _Category(Struct, frozen=True):
    id: UUID
    slug: str
    title: str
    translations: dict[str, Any]


class WholeProduct(Struct, frozen=True):
    """A published product with everything on its page, in all languages."""

    row: _Product
    options: list[_Option]
    variants: list[_Variant]
    media: list[_Media]
    translations: list[_Translation]
    asked: list[_Attribute]
    crumbs: list[_Category]


def view_of(product: WholeProduct, locale: str | None = None) -> ProductView:
    """As its page shows it in this language, without price and stock."""
    row, text = product.row, _texts(product, locale)
    return ProductView(
        id=row.id,
        title=text["title"],
        slug=text["slug"],
        slugs={each.locale: each.slug for each in product.translations if each.slug},
        description=text["description"],
        seo_title=text["seo_title"] or text["title"],
        seo_description=text["seo_description"],
        brand=BrandView(id=row.brand_id, name=row.brand_name or "", slug=row.brand_slug or "")
        if row.brand_id
        else None,
        product_type=row.product_type,
        tags=row.tags,
        is_gift_card=row.is_gift_card,
        options=[_option(option, locale) for option in product.options],
        variants=[_variant(variant, product, locale) for variant in product.variants],
        media=[_media(each, text["title"], locale) for each in product.media],
        attributes=[
            _attribute(each, row.attributes[each.code], locale) for each in product.asked if each.code in row.attributes
        ],
        breadcrumb=[_crumb(each, locale) for each in product.crumbs],
        published_at=row.published_at,
        version=row.version,
    )


def _texts(product: WholeProduct, locale: str | None) -> dict[str, str]:
    """Each text in the nearest locale that has it."""
    by_locale = {each.locale: each for each in product.translations}
    nearest = [by_locale[tongue] for tongue in fallbacks(locale) if tongue in by_locale]
    # One row gives all, as in `queries`: a text in a third language beside it would look odd.
    sources: list[Any] = [*nearest[:1], product.row]
    names = ("title", "slug", "description", "seo_title", "seo_description")
    return {name: next((t for source in sources if (t := getattr(source, name))), "") for name in names}


def _option(option: _Option, locale: str | None) -> OptionView:
    return OptionView(
        name=option.name,
        label=said(option.labels, locale, "name") or option.name,
        values=[OptionValueView(value=each, label=_value(option, each, locale)) for each in option.values],
    )


def _variant(variant: _Variant, product: WholeProduct, locale: str | None) -> VariantView:
    chosen = zip(product.options, variant.option_values, strict=False)
    return VariantView(
        id=variant.id,
        sku=variant.sku,
        title=" / ".join(_value(option, value, locale) for option, value in chosen),
        barcode=variant.barcode,
        option_values=variant.option_values,
        weight_grams=variant.weight_grams,
        requires_shipping=variant.requires_shipping and not product.row.is_gift_card,
        media_id=variant.media_id,
        measure=measured(variant),
    )


def _media(media: _Media, title: str, locale: str | None) -> MediaView:
    return MediaView(id=media.id, url=address(media.source) or "", alt=said(media.alts, locale) or media.alt or title)


def _attribute(attribute: _Attribute, value: Any, locale: str | None) -> AttributeView:
    text = str(value)
    if attribute.kind == AttributeKind.CHOICE:
        text = said(attribute.labels, locale, "choices", value) or attribute.choices.get(value) or value
    return AttributeView(
        code=attribute.code,
        label=said(attribute.labels, locale, "label") or attribute.label,
        kind=attribute.kind,
        value=value,
        text=text.lower() if attribute.kind == AttributeKind.BOOLEAN else text,
        is_facetable=attribute.is_facetable,
    )


def _crumb(category: _Category, locale: str | None) -> Crumb:
    title = said(category.translations, locale, "title") or category.title
    return Crumb(id=category.id, slug=category.slug, title=title)


def _value(option: _Option, value: str, locale: str | None) -> str:
    return said(option.labels, locale, "values", value) or value
