"""A search from the shopper's words to the cards that they see."""

from collections.abc import Sequence
from html import escape
from typing import cast
from uuid import UUID

from msgspec.structs import asdict, replace

from shopwright.commerce.storefront import audiences, pages
from shopwright.commerce.storefront import queries as storefront
from shopwright.commerce.storefront.queries import Market
from shopwright.kit import clock, ids, paging, principal
from shopwright.listeners.search import answering, engines, facet_views, fitting
from shopwright.listeners.search.asking import Asked
from shopwright.listeners.search.backend import MARK, UNMARK, Found, Hit, Level
from shopwright.listeners.search.curation.curated import Curated
from shopwright.listeners.search.curation.curated import current as in_force
from shopwright.listeners.search.engines import Answered
from shopwright.listeners.search.learning import journal
from shopwright.listeners.search.learning.models import REDIRECTED
from shopwright.listeners.search.schemas import (
    BannerView,
    FoundProduct,
    QueryView,
    Search,
    SearchResult,
)

#: Of a list that is searched so far nobody looks further.
LAST = 10_000
#: What was found so may not be what was meant.
_DOUBTFUL = (Level.PARTIAL, Level.NONE)


def search(wanted: Search) -> SearchResult:
    """What is found, with what is curated; and noted, as what somebody looked for. Raises as `as_if` does."""
    asked, result = _search(wanted, in_force())
    if wanted.cursor is None:
        journal.note(
            journal.Asked(
                search_id=result.search_id,
                at=clock.now(),
                channel_id=asked.where.channel.id,
                locale=asked.where.locale,
                text=asked.text[: journal.LONGEST_TEXT],
                words=" ".join(asked.said)[: journal.LONGEST_WORDS],
                level=REDIRECTED if result.redirect else str(result.query.level),
                total=result.total,
                visitor=journal.visitor(),
            )
        )
    return result


def as_if(wanted: Search, curated: Curated) -> SearchResult:
    """What would be found if this were curated. Raises `UnknownChannel`, `InvalidCursor` and `NothingRated`."""
    return _search(wanted, curated)[1]


def _search(wanted: Search, curated: Curated) -> tuple[Asked, SearchResult]:
    where = storefront.market(wanted.channel, wanted.locale)
    # A cursor is good for the same words, filters and order, whatever the size of the page.
    purpose = f"search {replace(wanted, cursor=None, limit=1)}"
    search_id, offset = _began(wanted.cursor, purpose)
    asked, answered = answering.answer(wanted, where, offset, curated)
    following = offset + wanted.limit
    has_more = following < answered.found.total and following + wanted.limit <= LAST
    cursor = paging.encode([following, search_id], purpose) if has_more else None
    return asked, _result(search_id, asked, answered, cursor)


def _began(cursor: str | None, purpose: str) -> tuple[UUID, int]:
    """All pages of a search have its id, and the place at which they begin."""
    if cursor is None:
        return ids.new(), 0
    offset, search_id = cast("tuple[int, UUID]", paging.decode(cursor, purpose, 2))  # signed by us
    return search_id, offset


def _result(search_id: UUID, asked: Asked, answered: Answered, next_cursor: str | None) -> SearchResult:
    found, steering = answered.found, asked.steering
    return SearchResult(
        search_id=search_id,
        query=_query(asked, found),
        items=_items(found.hits, asked.where),
        next_cursor=next_cursor,
        total=found.total,
        is_total_exact=found.is_exact,
        facets=facet_views.views(found.facets, asked.ask, asked.known, asked.where),
        degraded=answered.is_degraded,
        rules=[*steering.rule_ids],
        redirect=steering.redirect,
        banners=[BannerView(text=banner.text, url=banner.url) for banner in steering.banners],
    )


def _query(asked: Asked, found: Found) -> QueryView:
    understood, ask = asked.understood, asked.ask
    is_led_away = asked.steering.redirect is not None
    meant = engines.correct(ask) if not is_led_away and ask.terms and found.level in _DOUBTFUL else None
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
            **asdict(card),
            variant=variants.get(hit.variant_id) if hit.variant_id else None,
            highlights={name: marked(text) for name, text in hit.highlights.items()},
        )
        for hit in hits
        if (card := cards.get(hit.product_id))
    ]


def marked(text: str) -> str:
    """Safe HTML of a highlighted text: escaped first, then marked, so that no text can bring markup of its own."""
    return escape(text).replace(MARK, "<mark>").replace(UNMARK, "</mark>")
