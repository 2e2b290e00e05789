"""What may be meant by what was typed so far: categories and brands by name, products by title."""

from collections.abc import Iterable

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.views import CategoryNode
from shopwright.commerce.storefront import queries as storefront
from shopwright.listeners.search import engines, taxonomy, understanding, words
from shopwright.listeners.search.backend import SuggestAsk, Suggested, Suggestion
from shopwright.listeners.search.schemas import AskSuggestions, Suggestions, SuggestionView
from shopwright.listeners.search.taxonomy import Known

MOST_CATEGORIES = 2


def suggest(wanted: AskSuggestions) -> Suggestions:
    """Raises `UnknownChannel`."""
    where = storefront.market(wanted.channel, wanted.locale)
    typed = words.words(understanding.shown(wanted.q), where.locale)[: understanding.MOST_WORDS]
    if not typed:
        return Suggestions(items=[])
    ask = SuggestAsk(channel_id=where.channel.id, locale=where.locale, words=tuple(typed), size=wanted.limit)
    known = taxonomy.known(where.locale)
    counts = storefront.products_by_category(where.channel.id)
    filled = [node for node in _all(known.tree) if counts.get(node.id)]
    categories = [
        SuggestionView(kind=Suggested.CATEGORY, text=node.title, slug=node.slug)
        for node in filled
        if _begins(words.words(node.title, where.locale), typed)
    ]
    return Suggestions(
        items=[*categories[:MOST_CATEGORIES], *_views(engines.suggest(ask), known, where.locale)][: wanted.limit]
    )


def _all(nodes: Iterable[CategoryNode]) -> Iterable[CategoryNode]:
    for node in nodes:
        yield node
        yield from _all(node.children)


def _begins(said: list[str], typed: list[str]) -> bool:
    *whole, last = typed
    return all(word in said for word in whole) and any(word.startswith(last) for word in said)


def _views(found: list[Suggestion], known: Known, locale: str) -> list[SuggestionView]:
    """With the slugs and titles of now; what is not published any more is left out."""
    cards = catalog.cards([each.id for each in found if each.kind is Suggested.PRODUCT and each.id], locale)
    views: list[SuggestionView] = []
    for each in found:
        if each.kind is Suggested.PRODUCT and each.id in cards:
            card = cards[each.id]
            views.append(SuggestionView(kind=each.kind, text=card.title, slug=card.slug))
        elif each.kind is Suggested.BRAND and each.id in known.brands:
            brand = known.brands[each.id]
            views.append(SuggestionView(kind=each.kind, text=brand.name, slug=brand.slug))
    return views
