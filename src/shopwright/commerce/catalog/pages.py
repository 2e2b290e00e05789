"""What a shopper's page shows of the catalog, in one language: product, category, collection, and the tree."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, literal, select
from sqlalchemy.orm import joinedload, selectinload

from shopwright.commerce.catalog.errors import UnknownCategory, UnknownCollection, UnknownProduct
from shopwright.commerce.catalog.models import IS_PUBLISHED, Media, Option, Product, Variant
from shopwright.commerce.catalog.taxonomy import Attribute, AttributeKind, Category, Collection, ProductType
from shopwright.commerce.catalog.views import (
    AttributeView,
    BrandView,
    CategoryNode,
    CategoryView,
    CollectionView,
    Crumb,
    Facet,
    MediaView,
    OptionValueView,
    OptionView,
    ProductView,
    VariantView,
)
from shopwright.commerce.catalog.wording import address, fallbacks, said
from shopwright.kit.db import session

_WHOLE = (
    joinedload(Product.brand),
    joinedload(Product.product_type).selectinload(ProductType.attributes),
    selectinload(Product.options),
    selectinload(Product.variants),
    selectinload(Product.media),
    selectinload(Product.translations),
    selectinload(Product.shelves),
)


def product_view(product_id: UUID, locale: str | None = None) -> ProductView:
    """A published product as its page shows it, without price and stock. Raises `UnknownProduct`."""
    product = session.scalar(select(Product).where(Product.id == product_id, IS_PUBLISHED).options(*_WHOLE))
    if product is None or product.published_at is None:
        raise UnknownProduct()
    text = _texts(product, locale)
    shelves = _categories([shelf.category_id for shelf in product.shelves])
    brand, kind = product.brand, product.product_type
    return ProductView(
        id=product.id,
        title=text["title"],
        slug=text["slug"],
        slugs={each.locale: each.slug for each in product.translations if each.slug},
        description=text["description"],
        seo_title=text["seo_title"] or text["title"],
        seo_description=text["seo_description"],
        brand=BrandView(id=brand.id, name=brand.name, slug=brand.slug) if brand else None,
        product_type=kind.name if kind else None,
        tags=product.tags,
        is_gift_card=product.is_gift_card,
        options=[_option(option, locale) for option in product.options],
        variants=[_variant(variant, product, locale) for variant in product.variants_on_offer],
        media=[_media(each, text["title"], locale) for each in product.media],
        attributes=_attributes(product, locale),
        breadcrumb=_breadcrumb(shelves[0], locale) if shelves else [],
        category_ids=list(dict.fromkeys(ancestor for shelf in shelves for ancestor in shelf.path)),
        published_at=product.published_at,
        version=product.version,
    )


def category_tree(locale: str | None = None) -> list[CategoryNode]:
    """All categories, each with those below it, in the order that staff gave them."""
    below: dict[UUID | None, list[Category]] = {}
    for category in session.scalars(select(Category).order_by(Category.position, Category.id)):
        below.setdefault(category.parent_id, []).append(category)

    def grow(parent_id: UUID | None) -> list[CategoryNode]:
        return [
            CategoryNode(id=each.id, slug=each.slug, title=_title(each, locale), children=grow(each.id))
            for each in below.get(parent_id, [])
        ]

    return grow(None)


def category_by_slug(slug: str, locale: str | None = None) -> CategoryView:
    """Raises `UnknownCategory`."""
    category = session.scalar(select(Category).where(Category.slug == slug))
    if category is None:
        raise UnknownCategory()
    return CategoryView(
        id=category.id,
        slug=category.slug,
        title=_title(category, locale),
        description=_description(category, locale),
        breadcrumb=_breadcrumb(category, locale),
    )


def collection_by_slug(slug: str, locale: str | None = None) -> CollectionView:
    """A published collection. Raises `UnknownCollection`."""
    found = session.scalar(select(Collection).where(Collection.slug == slug, Collection.is_published))
    if found is None:
        raise UnknownCollection()
    title, description = _title(found, locale), _description(found, locale)
    return CollectionView(id=found.id, slug=found.slug, title=title, description=description)


def facets(locale: str | None = None) -> list[Facet]:
    """The attributes that shoppers may filter by; a code that several types share stands here once."""
    rows = select(Attribute).where(Attribute.is_facetable).order_by(Attribute.position, Attribute.code)
    found: dict[str, Facet] = {}
    for attribute in session.scalars(rows):
        choices = {code: _choice(attribute, code, locale) for code in attribute.choices}
        if before := found.get(attribute.code):
            choices = choices | before.choices
        label = said(attribute.labels, locale, "label") or attribute.label
        found[attribute.code] = Facet(code=attribute.code, label=label, kind=attribute.kind, choices=choices)
    return list(found.values())


def _texts(product: Product, locale: str | None) -> dict[str, str]:
    """Each text in the nearest locale that has it."""
    by_locale = {each.locale: each for each in product.translations}
    nearest = [by_locale[tongue] for tongue in fallbacks(locale) if tongue in by_locale]
    # One row gives all, as in `queries`: a text in a third language beside it would look odd.
    sources: list[Any] = [*nearest[:1], product]
    names = ("title", "slug", "description", "seo_title", "seo_description")
    return {name: next((t for source in sources if (t := getattr(source, name))), "") for name in names}


def _option(option: Option, locale: str | None) -> OptionView:
    return OptionView(
        name=option.name,
        label=said(option.labels, locale, "name") or option.name,
        values=[OptionValueView(value=each, label=_value(option, each, locale)) for each in option.values],
    )


def _variant(variant: Variant, product: Product, locale: str | None) -> VariantView:
    chosen = zip(product.options, variant.option_values, strict=False)
    return VariantView(
        id=variant.id,
        sku=variant.sku,
        title=" / ".join(_value(option, value, locale) for option, value in chosen),
        barcode=variant.barcode,
        option_values=variant.option_values,
        weight_grams=variant.weight_grams,
        requires_shipping=variant.requires_shipping and not product.is_gift_card,
        media_id=variant.media_id,
        measure=variant.measure,
    )


def _media(media: Media, title: str, locale: str | None) -> MediaView:
    alt = said(media.alts, locale) or media.alt or title
    return MediaView(id=media.id, url=address(media.source) or "", alt=alt)


def _attributes(product: Product, locale: str | None) -> list[AttributeView]:
    asked = product.product_type.attributes if product.product_type else []
    given = product.attributes
    return [_attribute(each, given[each.code], locale) for each in asked if each.code in given]


def _attribute(attribute: Attribute, value: Any, locale: str | None) -> AttributeView:
    text = _choice(attribute, value, locale) if attribute.kind == AttributeKind.CHOICE else str(value)
    return AttributeView(
        code=attribute.code,
        label=said(attribute.labels, locale, "label") or attribute.label,
        kind=attribute.kind,
        value=value,
        text=text.lower() if attribute.kind == AttributeKind.BOOLEAN else text,
        is_facetable=attribute.is_facetable,
    )


def _value(option: Option, value: str, locale: str | None) -> str:
    return said(option.labels, locale, "values", value) or value


def _choice(attribute: Attribute, code: str, locale: str | None) -> str:
    return said(attribute.labels, locale, "choices", code) or attribute.choices.get(code) or code


def _title(thing: Category | Collection, locale: str | None) -> str:
    return said(thing.translations, locale, "title") or thing.title


def _description(thing: Category | Collection, locale: str | None) -> str:
    return said(thing.translations, locale, "description") or thing.description


def _breadcrumb(category: Category, locale: str | None) -> list[Crumb]:
    return [Crumb(id=each.id, slug=each.slug, title=_title(each, locale)) for each in _categories(category.path)]


def _categories(ids: list[UUID]) -> list[Category]:
    """Those with these ids, in the same order."""
    found = {
        each.id: each
        for each in session.scalars(select(Category).where(Category.id == any_(literal(ids, ARRAY(Uuid)))))
    }
    return [found[category_id] for category_id in ids if category_id in found]
