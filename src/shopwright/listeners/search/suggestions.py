"""What may be meant by what was typed so far: categories and brands by name, products by title."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.taxonomy import Brand
from shopwright.commerce.catalog.views import CategoryNode
from shopwright.commerce.storefront import queries as storefront
from shopwright.kit.db import session
from shopwright.listeners.search import engines, understanding, words
from shopwright.listeners.search.backend import SuggestAsk, Suggested, Suggestion
from shopwright.listeners.search.schemas import AskSuggestions, Suggestions, SuggestionView

MOST_CATEGORIES = 2


def suggest(wanted: AskSuggestions) -> Suggestions:
    """Raises `UnknownChannel`."""
    where = storefront.market(wanted.channel, wanted.locale)
    typed = words.words(understanding.shown(wanted.q), where.locale)[: understanding.MOST_WORDS]
    if not typed:
        return Suggestions(items=[])
    ask = SuggestAsk(channel_id=where.channel.id, locale=where.locale, words=tuple(typed), size=wanted.limit)
    counts = storefront.products_by_category(where.channel.id)
    filled = [node for node in _all(catalog.category_tree(where.locale)) if counts.get(node.id)]
    categories = [
        SuggestionView(kind=Suggested.CATEGORY, text=node.title, slug=node.slug)
        for node in filled
        if _begins(words.words(node.title, where.locale), typed)
    ]
    return Suggestions(
        items=[*categories[:MOST_CATEGORIES], *_views(engines.suggest(ask), where.locale)][: wanted.limit]
    )


def _all(nodes: Iterable[CategoryNode]) -> Iterable[CategoryNode]:
    for node in nodes:
        yield node
        yield from _all(node.children)


def _begins(said: list[str], typed: list[str]) -> bool:
    *whole, last = typed
    return all(word in said for word in whole) and any(word.startswith(last) for word in said)


def _views(found: list[Suggestion], locale: str) -> list[SuggestionView]:
    """With the slugs and titles of now; what is not published any more is left out."""
    cards = catalog.cards([each.id for each in found if each.kind is Suggested.PRODUCT and each.id], locale)
    brand_ids = [each.id for each in found if each.kind is Suggested.BRAND]
    brands: dict[Any, str] = {}
    if brand_ids:
        brands = {
            row.id: row.slug for row in session.execute(select(Brand.id, Brand.slug).where(Brand.id.in_(brand_ids)))
        }
    views: list[SuggestionView] = []
    for each in found:
        if each.kind is Suggested.PRODUCT and each.id in cards:
            card = cards[each.id]
            views.append(SuggestionView(kind=each.kind, text=card.title, slug=card.slug))
        elif each.kind is not Suggested.PRODUCT:
            views.append(SuggestionView(kind=each.kind, text=each.text, slug=brands.get(each.id)))
    return views
