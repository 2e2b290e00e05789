"""What a shopper's page shows of the catalog, in one language: product, category, collection, and the tree."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Integer, String, Uuid, any_, bindparam, func, select

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
from shopwright.kit.prepared import Prepared


class _Told(NamedTuple):
    """A category or a collection."""

    id: UUID
    slug: str
    title: str
    description: str
    translations: dict[str, Any]


_SLUG = bindparam("slug", type_=String)
_CATEGORY = (Category.id, Category.slug, Category.title, Category.description, Category.translations)
_COLLECTION = (Collection.id, Collection.slug, Collection.title, Collection.description, Collection.translations)
_TREE = Prepared(
    select(Category.id, Category.parent_id, Category.slug, Category.title, Category.translations).order_by(
        Category.position, Category.id
    )
)
# From the root to the category itself, with which its path ends.
_BRANCH = Prepared(
    select(*_CATEGORY)
    .where(
        Category.id
        == any_(func.array(select(func.unnest(Category.path)).where(Category.slug == _SLUG).scalar_subquery()))
    )
    .order_by(func.cardinality(Category.path))
)
_BY_SLUG = Prepared(select(*_COLLECTION).where(Collection.slug == _SLUG, Collection.is_published))
_MOST = bindparam("most", type_=Integer)
_NEWEST = select(*_COLLECTION).where(Collection.is_published).order_by(Collection.id.desc()).limit(_MOST)
_FIRST, _FOLLOWING = Prepared(_NEWEST), Prepared(_NEWEST.where(Collection.id < bindparam("after", type_=Uuid())))


def category_tree(locale: str | None = None) -> list[CategoryNode]:
    """All categories, each with those below it, in the order that staff gave them."""
    below: dict[UUID | None, list[CategoryNode]] = {}
    for id_, parent_id, slug, title, translations in _TREE.all({}):
        # The list of what is below is the one that is filled later.
        here = below.setdefault(id_, [])
        title = said(translations, locale, "title") or title
        below.setdefault(parent_id, []).append(CategoryNode(id=id_, slug=slug, title=title, children=here))
    return below.get(None, [])


def category_by_slug(slug: str, locale: str | None = None) -> CategoryView:
    """Raises `UnknownCategory`."""
    branch = [_Told(*row) for row in _BRANCH.all({"slug": slug})]
    if not branch:
        raise UnknownCategory()
    return CategoryView(
        id=branch[-1].id,
        slug=branch[-1].slug,
        title=_title(branch[-1], locale),
        description=_description(branch[-1], locale),
        breadcrumb=[Crumb(id=each.id, slug=each.slug, title=_title(each, locale)) for each in branch],
    )


def collection_by_slug(slug: str, locale: str | None = None) -> CollectionView:
    """A published collection. Raises `UnknownCollection`."""
    found = _BY_SLUG.first({"slug": slug})
    if found is None:
        raise UnknownCollection()
    return _collection(_Told(*found), locale)


def newest_collections(after: UUID | None, most: int, locale: str | None = None) -> list[CollectionView]:
    """So many published collections, the newest first, all or those after this one."""
    found = _FIRST.all({"most": most}) if after is None else _FOLLOWING.all({"most": most, "after": after})
    return [_collection(_Told(*row), locale) for row in found]


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


def _collection(found: _Told, locale: str | None) -> CollectionView:
    return CollectionView(
        id=found.id, slug=found.slug, title=_title(found, locale), description=_description(found, locale)
    )


def _title(thing: _Told, locale: str | None) -> str:
    return said(thing.translations, locale, "title") or thing.title


def _description(thing: _Told, locale: str | None) -> str:
    return said(thing.translations, locale, "description") or thing.description
