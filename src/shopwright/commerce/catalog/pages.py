"""What a shopper's page shows of the catalog, in one language: product, category, collection, and the tree."""

from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, literal, select

from shopwright.commerce.catalog.errors import UnknownCategory, UnknownCollection
from shopwright.commerce.catalog.taxonomy import Attribute, Category, Collection
from shopwright.commerce.catalog.views import (
    CategoryNode,
    CategoryView,
    CollectionView,
    Crumb,
    Facet,
)
from shopwright.commerce.catalog.wording import said
from shopwright.kit.db import session


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
