"""A search from the shopper's words to the cards that they see."""

from collections.abc import Sequence
from html import escape

from msgspec.structs import asdict, replace

from shopwright.commerce.storefront import audiences, pages
from shopwright.commerce.storefront import queries as storefront
from shopwright.commerce.storefront.queries import Market
from shopwright.kit import ids, paging, principal
from shopwright.listeners.search import asking, engines, facet_views, fitting, taxonomy, understanding
from shopwright.listeners.search.backend import MARK, UNMARK, Ask, Found, Hit, Level
from shopwright.listeners.search.schemas import (
    FoundProduct,
    QueryView,
    Search,
    SearchResult,
)
from shopwright.listeners.search.understanding import Understood

#: Of a list that is searched so far nobody looks further.
LAST = 10_000
#: What was found so may not be what was meant.
_DOUBTFUL = (Level.PARTIAL, Level.NONE)


def search(wanted: Search) -> SearchResult:
    """Raises `UnknownChannel`, `InvalidCursor` and `NothingRated`."""
    where = storefront.market(wanted.channel, wanted.locale)
    # A cursor is good for the same words, filters and order, whatever the size of the page.
    purpose = f"search {replace(wanted, cursor=None, limit=1)}"
    offset = int(paging.decode(wanted.cursor, purpose, 1)[0]) if wanted.cursor else 0  # type: ignore[arg-type]  # signed by us
    understood = understanding.understand(wanted.q, where.locale, where.channel.currency)
    known = taxonomy.known(where.locale)
    ask = asking.ask(wanted, where, understood, known, offset)
    found, is_degraded = engines.search(ask)
    following = offset + wanted.limit
    has_more = following < found.total and following + wanted.limit <= LAST
    return SearchResult(
        search_id=ids.new(),
        query=_query(understood, ask, found),
        items=_items(found.hits, where),
        next_cursor=paging.encode([following], purpose) if has_more else None,
        total=found.total,
        is_total_exact=found.is_exact,
        facets=facet_views.views(found.facets, ask, known, where),
        degraded=is_degraded,
    )


def _query(understood: Understood, ask: Ask, found: Found) -> QueryView:
    meant = engines.correct(ask) if ask.terms and found.level in _DOUBTFUL else None
    return QueryView(
        text=understood.text,
        level=found.level,
        dropped=[*found.dropped],
        corrected=found.corrected,
        did_you_mean=" ".join(meant) if meant else None,
        excluded=[term.text for term in understood.excluded],
        price_min=understood.price_min,
        price_max=understood.price_max,
    )


def _items(hits: Sequence[Hit], where: Market) -> list[FoundProduct]:
    """What is true now: a hit that is not offered there any more is left out, whatever the index says."""
    buyer = audiences.buyer(where.channel) if principal.current().customer_id else None
    cards = pages.cards([hit.product_id for hit in hits], where, buyer)
    shown = [hit.variant_id for hit in hits if hit.variant_id and hit.product_id in cards]
    variants = fitting.variants(shown, where, buyer)
    return [
        FoundProduct(
            **asdict(cards[hit.product_id]),
            variant=variants.get(hit.variant_id) if hit.variant_id else None,
            highlights={name: marked(text) for name, text in hit.highlights.items()},
        )
        for hit in hits
        if hit.product_id in cards
    ]


def marked(text: str) -> str:
    """Safe HTML of a highlighted text: escaped first, then marked, so that no text can bring markup of its own."""
    return escape(text).replace(MARK, "<mark>").replace(UNMARK, "</mark>")
