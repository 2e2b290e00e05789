"""Search in the shop's own PostgreSQL: what one machine needs, and what answers while an engine is away."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import Integer, String, Uuid, bindparam, select

from shopwright.kit.prepared import Prepared
from shopwright.listeners.search import ladder
from shopwright.listeners.search.backend import (
    Ask,
    Capabilities,
    Document,
    Found,
    Gone,
    Hit,
    Level,
    Outcome,
    SuggestAsk,
    Suggestion,
    Term,
    Tier,
)
from shopwright.listeners.search.backends.postgres import facets, matching, nearness, paging, suggesting, writing
from shopwright.listeners.search.backends.postgres.highlighting import highlight
from shopwright.listeners.search.backends.postgres.matching import Matching, Near
from shopwright.listeners.search.backends.postgres.models import SearchDocument
from shopwright.listeners.search.backends.postgres.paging import PageHit

#: So many of the best hits say which words are dropped.
BEST = 3
_LEVELS = {
    Tier.CODE: Level.CODE, Tier.EXACT: Level.EXACT, Tier.STEMMED: Level.STEMMED, Tier.SYNONYMS: Level.SYNONYMS,
    Tier.FUZZY: Level.FUZZY, Tier.PARTIAL: Level.PARTIAL, Tier.EVERYTHING: Level.EVERYTHING,
}  # fmt: skip
_VERSIONS = Prepared(
    select(SearchDocument.product_id, SearchDocument.version)
    .where(
        SearchDocument.locale == bindparam("locale", type_=String),
        SearchDocument.product_id > bindparam("after", type_=Uuid()),
        SearchDocument.is_found,
    )
    .order_by(SearchDocument.product_id)
    .limit(bindparam("count", type_=Integer))
)


class _Answer:
    """What a rung of the ladder found."""

    def __init__(self, ask: Ask, rung: Matching, near: Near) -> None:
        self.ask, self.rung, self.near = ask, rung, near
        page = paging.page(ask, rung)
        self.total, self.best, self.hits = page.total, page.best, page.hits or []


class PostgresBackend:
    name = "postgres"
    capabilities = Capabilities(is_transactional=True, exact_up_to=facets.EXACT_UP_TO)

    def search(self, ask: Ask) -> Found:
        """As the port promises; runs in the caller's read."""
        # How far to go is told by what matches; pins are found whatever they match.
        answer = self._climb(replace(ask, pins=()))
        return _found(ask, answer, _pinned(answer, ask) if ask.pins else answer)

    def _climb(self, ask: Ask) -> _Answer:
        """The first rung of the ladder that finds enough."""
        if ask.code is not None:
            by_code = _Answer(ask, matching.by_code(ask), {})
            if by_code.total or not ask.terms:
                return by_code
        if not ask.terms:
            return _Answer(ask, matching.everything(ask), {})
        answer = _Answer(ask, matching.by_words(ask, {}), {})
        return answer if answer.total >= ladder.enough(ask) else self._climb_on(ask)

    def _climb_on(self, ask: Ask) -> _Answer:
        answer = self._nearly(ask)
        for needed in ladder.fewer(answer.ask):
            if not ladder.goes_on(answer.ask, answer.total, needed):
                break
            answer = _Answer(answer.ask, matching.by_some_words(answer.ask, answer.near, needed), answer.near)
        return answer

    def _nearly(self, ask: Ask) -> _Answer:
        wider = replace(ask, terms=nearness.joined_and_split(ask.locale, ask.terms))
        near = _near(wider)
        return _Answer(wider, matching.by_words(wider, near), near)

    def suggest(self, ask: SuggestAsk) -> list[Suggestion]:
        return suggesting.suggest(ask)

    def correct(self, ask: Ask) -> tuple[str, ...] | None:
        near = _near(ask)
        meant = tuple(near[number][0] if number in near else term.text for number, term in enumerate(ask.terms))
        if not near:
            return None
        # A pin is found whatever it matches.
        wanted = replace(ask, terms=tuple(Term(tuple(said.split())) for said in meant), pins=(), size=1)
        return meant if paging.page(wanted, matching.by_words(wanted, {})).total else None

    def write(self, locale: str, documents: Sequence[Document], index: str | None = None) -> list[Outcome]:
        """In the caller's transaction."""
        return writing.write(locale, documents)

    def delete(self, locale: str, gone: Sequence[Gone], index: str | None = None) -> list[Outcome]:
        return writing.bury(locale, gone)

    def distrust(self) -> None:
        """Have all words weighed, and learnt, anew by the next writes."""
        writing.distrust()

    def sweep(self, locale: str, before: int, most: int, index: str | None = None) -> int:
        """In the caller's transaction."""
        return writing.sweep(locale, before, most)

    def versions(self, locale: str, after: UUID | None, count: int, index: str | None = None) -> list[tuple[UUID, int]]:
        asked = {"locale": locale, "after": after or UUID(int=0), "count": count}
        return [(product_id, version) for product_id, version in _VERSIONS.all(asked)]

    def refresh(self, locale: str, index: str | None = None) -> None:
        """Found with the commit."""


def _near(ask: Ask) -> dict[int, list[str]]:
    singles = {number: term.words[0] for number, term in enumerate(ask.terms) if len(term.words) == 1}
    found = nearness.near(ask.locale, [*singles.values()])
    return {number: found[word] for number, word in singles.items() if word in found}


def _pinned(answer: _Answer, ask: Ask) -> _Answer:
    """The same rung with the pins."""
    wanted = replace(answer.ask, pins=ask.pins)
    return _Answer(wanted, answer.rung.pinning(wanted), answer.near)


def _found(ask: Ask, organic: _Answer, answer: _Answer) -> Found:
    """The page with its pins, and how what matches by itself was found."""
    words = _words(answer) if ask.has_highlights else set[str]()
    marked = highlight(ask.locale, [hit.title for hit in answer.hits], words)
    hits = tuple(
        Hit(
            product_id=hit.product_id, variant_id=hit.variant_id, score=hit.score, tier=Tier(hit.tier),
            highlights={"title": title} if title else {},
        )
        for hit, title in zip(answer.hits, marked, strict=True)
    )  # fmt: skip
    level = _level(ask, organic)
    return Found(
        level=level,
        hits=hits,
        total=answer.total,
        dropped=_dropped(organic.ask, organic.hits) if level is Level.PARTIAL else (),
        corrected=_corrected(organic) if level is Level.FUZZY else {},
        facets=facets.count(answer.ask, answer.rung),
    )


def _level(ask: Ask, answer: _Answer) -> Level:
    if not ask.terms and ask.code is None:
        return Level.EVERYTHING
    return Level.NONE if answer.best is None else _LEVELS[Tier(answer.best.tier)]


def _words(answer: _Answer) -> set[str]:
    said = {word for term in answer.ask.terms for words in (term.words, *term.alternatives) for word in words}
    return said | {word for words in answer.near.values() for word in words}


def _dropped(ask: Ask, hits: Sequence[PageHit]) -> tuple[str, ...]:
    """What none of the best hits of the page has."""
    has = [hit.has for hit in hits[:BEST] if hit.has]
    if not has:
        return ()
    return tuple(term.text for number, term in enumerate(ask.terms) if not any(each[number] for each in has))


def _corrected(answer: _Answer) -> dict[str, str]:
    """By the best of all hits: what else is near may be another channel's, and is not told."""
    return nearness.read_as(answer.ask, answer.near, answer.best.product_id) if answer.best else {}
