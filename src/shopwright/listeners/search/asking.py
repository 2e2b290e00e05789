"""What the engine is asked: the words as understood, and filters by ids instead of the slugs that shoppers send."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.models import Option
from shopwright.commerce.catalog.taxonomy import Brand
from shopwright.commerce.catalog.views import CategoryNode, Facet
from shopwright.commerce.storefront.queries import Market
from shopwright.kit.db import session
from shopwright.listeners.search.backend import Ask, Chosen, Facets, Filters, Order
from shopwright.listeners.search.documents import option_code
from shopwright.listeners.search.errors import NothingRated
from shopwright.listeners.search.schemas import Search, SearchSort
from shopwright.listeners.search.understanding import Understood

#: More could be chosen from than anybody reads.
MOST_ATTRIBUTES, MOST_OPTIONS = 20, 10
#: What is not there matches nothing.
NOTHING = UUID(int=0)


class Known(NamedTuple):
    """What of the catalog a search needs: the tree, the attributes and options to choose by, the brands that were chosen."""

    tree: list[CategoryNode]
    attributes: list[Facet]
    options: list[str]
    brands: dict[str, UUID]


def known(wanted: Search, where: Market) -> Known:
    brands = select(Brand.slug, Brand.id).where(Brand.slug.in_(wanted.brand))
    return Known(
        tree=catalog.category_tree(where.locale),
        attributes=catalog.facets(where.locale)[:MOST_ATTRIBUTES],
        options=_options(),
        brands={row.slug: row.id for row in session.execute(brands)} if wanted.brand else {},
    )


def _options() -> list[str]:
    """The names that most products have an option by."""
    names = select(Option.name).group_by(Option.name).order_by(func.count().desc(), Option.name).limit(MOST_OPTIONS)
    return [*dict.fromkeys(option_code(name) for name in session.scalars(names))]


def ask(wanted: Search, where: Market, understood: Understood, known: Known, offset: int) -> Ask:
    """Raises `NothingRated`."""
    if wanted.sort is SearchSort.RATING:
        raise NothingRated()
    is_relevance = wanted.sort is SearchSort.RELEVANCE
    has_words = bool(understood.terms or understood.code)
    return Ask(
        channel_id=where.channel.id,
        locale=where.locale,
        terms=understood.terms,
        excluded=understood.excluded,
        code=understood.code,
        filters=_filters(wanted, understood, known),
        facets=Facets(
            category=True, brand=True, price=True, available=True,
            attributes=tuple(facet.code for facet in known.attributes), options=tuple(known.options),
        ),
        # Without words nothing is more relevant than what sells.
        order=Order.POPULAR if is_relevance and not has_words else Order(wanted.sort.value),
        offset=offset,
        size=wanted.limit,
    )  # fmt: skip


def _filters(wanted: Search, understood: Understood, known: Known) -> Filters:
    """What was chosen counts more than what was said in words."""
    is_priced = wanted.price_min is not None or wanted.price_max is not None
    category = find(known.tree, wanted.category) if wanted.category else None
    return Filters(
        category_id=(category.id if category else NOTHING) if wanted.category else None,
        brand_ids=tuple(known.brands.get(slug, NOTHING) for slug in wanted.brand),
        price_min=wanted.price_min if is_priced else understood.price_min,
        price_max=wanted.price_max if is_priced else understood.price_max,
        is_available=wanted.available,
        attributes=_chosen(wanted.attribute),
        options=_chosen(wanted.option),
    )


def find(tree: Sequence[CategoryNode], slug: str) -> CategoryNode | None:
    for node in tree:
        if found := node if node.slug == slug else find(node.children, slug):
            return found
    return None


def _chosen(facets: Sequence[str]) -> tuple[Chosen, ...]:
    by_code: dict[str, list[str]] = {}
    for facet in facets:
        code, _, value = facet.partition(":")
        by_code.setdefault(code, []).append(value)
    return tuple(Chosen(code, tuple(values)) for code, values in by_code.items())
