"""What of the catalog every search needs, in one language: kept in the process as pages are, and outdated by the same facts."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import func, select

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.models import Option
from shopwright.commerce.catalog.taxonomy import AttributeKind, Brand
from shopwright.commerce.catalog.views import CategoryNode, Facet
from shopwright.commerce.storefront import keeping
from shopwright.kit import cache
from shopwright.kit.cache import Made
from shopwright.kit.db import session
from shopwright.listeners.search.compounding import Said, said
from shopwright.listeners.search.documents import option_code

#: More could be chosen from than anybody reads.
MOST_ATTRIBUTES, MOST_OPTIONS = 20, 10


class BrandName(Struct, frozen=True):
    id: UUID
    slug: str
    name: str


class Taxonomy(Struct, frozen=True):
    """The tree of categories, what can be chosen by, the brands, and the words of the first two."""

    tree: list[CategoryNode]
    attributes: list[Facet]
    options: list[str]
    brands: list[BrandName]
    said: Said


class Branch(NamedTuple):
    """A category as engines count it: by its id in letters."""

    id: str
    slug: str
    title: str
    children: "tuple[Branch, ...]"


class Known:
    """A taxonomy, looked up by what a search has at hand; what engines count, by its id in letters."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.tree = taxonomy.tree
        self.branches = _branches(taxonomy.tree)
        self.said = taxonomy.said
        self.attributes = taxonomy.attributes
        self.labels = {each.code: each for each in taxonomy.attributes}
        self.options = taxonomy.options
        self.brands = {str(brand.id): brand for brand in taxonomy.brands}
        self.brand_ids = {brand.slug: brand.id for brand in taxonomy.brands}


def _branches(nodes: Iterable[CategoryNode]) -> tuple[Branch, ...]:
    return tuple(Branch(str(node.id), node.slug, node.title, _branches(node.children)) for node in nodes)


_decoder = msgspec.json.Decoder(Taxonomy)


def known(locale: str) -> Known:
    def fill() -> Made:
        return Made(msgspec.json.encode(_read(locale)))

    name = f"taxonomy and words {locale}"
    return cache.fetch(keeping.NAMESPACE, name, keeping.SECONDS, fill, lambda made: _known(made.value))


# What is kept is looked at again twice a second, and is mostly the same.
@lru_cache(maxsize=32)
def _known(encoded: bytes) -> Known:
    return Known(_decoder.decode(encoded))


def _read(locale: str) -> Taxonomy:
    brands: Any = session.execute(select(Brand.id, Brand.slug, Brand.name))
    tree, attributes = catalog.category_tree(locale), catalog.facets(locale)
    return Taxonomy(
        tree=tree,
        attributes=attributes[:MOST_ATTRIBUTES],
        options=_options(),
        brands=[BrandName(*row) for row in brands],
        said=said(_titles(tree), _answers(attributes), locale),
    )


def _titles(nodes: Iterable[CategoryNode]) -> Iterator[str]:
    for node in nodes:
        yield node.title
        yield from _titles(node.children)


def _answers(attributes: Iterable[Facet]) -> Iterator[str]:
    """What documents say of them, but for numbers."""
    for each in attributes:
        if each.kind == AttributeKind.BOOLEAN:
            yield each.label
        yield from each.choices.values()


def _options() -> list[str]:
    """The names that most products have an option by."""
    names = select(Option.name).group_by(Option.name).order_by(func.count().desc(), Option.name).limit(MOST_OPTIONS)
    return [*dict.fromkeys(option_code(name) for name in session.scalars(names))]
