"""What may be meant by what was typed so far: what others searched for, categories and brands by name, products by title."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, exists, func, select

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.views import CategoryNode
from shopwright.commerce.storefront import queries as storefront
from shopwright.commerce.storefront.models import ANYBODY, Listing, ShelvedListing
from shopwright.commerce.storefront.queries import Market
from shopwright.kit.prepared import Prepared
from shopwright.listeners.search import engines, taxonomy, understanding, words
from shopwright.listeners.search.backend import SuggestAsk, Suggested, Suggestion
from shopwright.listeners.search.learning import popular
from shopwright.listeners.search.schemas import AskSuggestions, Suggestions, SuggestionView
from shopwright.listeners.search.taxonomy import Known

MOST_QUERIES, MOST_CATEGORIES, MOST_BRANDS = 3, 2, 3
#: Of those that are named so, as many are looked at.
MOST_LOOKED_AT = 20


def _sold(listed: type[Listing] | type[ShelvedListing], column: str) -> Prepared:
    """Which of the ids something in the channel has."""
    asked = func.unnest(bindparam("ids", type_=ARRAY(Uuid()))).table_valued("id", name="asked").render_derived()
    here = (listed.channel_id == bindparam("channel_id", type_=Uuid()), listed.group_id == ANYBODY)
    return Prepared(select(asked.c.id).where(exists().where(getattr(listed, column) == asked.c.id, *here)))


_CATEGORIES, _BRANDS = _sold(ShelvedListing, "category_id"), _sold(Listing, "brand_id")


def suggest(wanted: AskSuggestions) -> Suggestions:
    """Raises `UnknownChannel`."""
    where = storefront.market(wanted.channel, wanted.locale)
    typed = words.words(understanding.shown(wanted.q), where.locale)[: understanding.MOST_WORDS]
    if not typed:
        return Suggestions(items=[])
    known = taxonomy.known(where.locale)
    ask = SuggestAsk(channel_id=where.channel.id, locale=where.locale, words=tuple(typed), size=wanted.limit)
    found = [
        *_queries(typed, where), *_categories(known, typed, where), *_brands(known, typed, where),
        *_products(engines.suggest(ask), where),
    ]  # fmt: skip
    return Suggestions(items=found[: wanted.limit])


def _queries(typed: list[str], where: Market) -> list[SuggestionView]:
    begun = popular.begun(typed, where.channel.id, where.locale, MOST_QUERIES)
    return [SuggestionView(kind=Suggested.QUERY, text=spelling, slug=None) for spelling in begun]


def _categories(known: Known, typed: list[str], where: Market) -> list[SuggestionView]:
    named = [node for node in _all(known.tree) if _begins(node.title, typed, where)][:MOST_LOOKED_AT]
    sold = _having(_CATEGORIES, [node.id for node in named], where)
    views = [
        SuggestionView(kind=Suggested.CATEGORY, text=node.title, slug=node.slug) for node in named if node.id in sold
    ]
    return views[:MOST_CATEGORIES]


def _brands(known: Known, typed: list[str], where: Market) -> list[SuggestionView]:
    named = [brand for brand in known.brands.values() if _begins(brand.name, typed, where)][:MOST_LOOKED_AT]
    sold = _having(_BRANDS, [brand.id for brand in named], where)
    views = [
        SuggestionView(kind=Suggested.BRAND, text=brand.name, slug=brand.slug) for brand in named if brand.id in sold
    ]
    return views[:MOST_BRANDS]


def _having(sold: Prepared, named: list[UUID], where: Market) -> set[UUID]:
    return {id_ for (id_,) in sold.all({"ids": named, "channel_id": where.channel.id})} if named else set()


def _products(found: list[Suggestion], where: Market) -> list[SuggestionView]:
    """With the slugs and titles of now; what is not published any more is left out."""
    cards = catalog.cards([each.id for each in found if each.id], where.locale)
    return [
        SuggestionView(kind=Suggested.PRODUCT, text=cards[each.id].title, slug=cards[each.id].slug)
        for each in found
        if each.id in cards
    ]


def _all(nodes: Iterable[CategoryNode]) -> Iterable[CategoryNode]:
    for node in nodes:
        yield node
        yield from _all(node.children)


def _begins(name: str, typed: list[str], where: Market) -> bool:
    # Most names do not even have the letters: to take all of them apart would take longer than all else.
    plain = words.fold(name)
    if typed[-1] not in plain:
        return False
    said, (*whole, last) = words.words(name, where.locale), typed
    return all(word in said for word in whole) and any(word.startswith(last) for word in said)
