"""What an engine answers, in the port's words."""

from collections.abc import Sequence

from shopwright.listeners.search import slips
from shopwright.listeners.search.backend import Ask, Hit, Level, Tier
from shopwright.listeners.search.backends.elastic import answers
from shopwright.listeners.search.backends.elastic.answers import Answer

_LEVELS = {tier: Level[tier.name] for tier in Tier}
#: So many of the best hits say which words are dropped.
BEST = 3


def total(told: Answer) -> int:
    return told.hits.total.value if told.hits.total else 0


def hits(told: Answer) -> tuple[Hit, ...]:
    return tuple(_hit(each) for each in told.hits.hits)


def _hit(found: answers.Found) -> Hit:
    assert found.fields and found.inner_hits, "asked for with each page"
    shown = found.inner_hits.shown.hits.hits
    marked = found.highlight.title if found.highlight else None
    return Hit(
        product_id=found.fields.product_id[0],
        variant_id=shown[0].fields.variant_id[0] if shown else None,
        score=found.score or 0.0,
        tier=_tier(found),
        highlights={"title": marked[0]} if marked else {},
    )


def _tier(found: answers.Found) -> Tier:
    met = [int(name.partition(":")[2]) for name in found.matched_queries if name.startswith("tier:")]
    return Tier(min(met)) if met else Tier.PARTIAL


def level(ask: Ask, best: Sequence[answers.Found]) -> Level:
    """Of the best hits, pins left aside."""
    if not ask.terms and ask.code is None:
        return Level.EVERYTHING
    return _LEVELS[_tier(best[0])] if best else Level.NONE


def dropped(ask: Ask, best: Sequence[answers.Found]) -> tuple[str, ...]:
    """The words that none of the best hits has."""
    has = {name for hit in best[:BEST] for name in hit.matched_queries if name.startswith("term:")}
    if not has:
        return ()
    return tuple(term.text for place, term in enumerate(ask.terms) if f"term:{place}" not in has)


def corrected(ask: Ask, best: Sequence[answers.Found]) -> dict[str, str]:
    """What the best of all hits has in the place of words that it does not have as they were meant."""
    hit = best[0]
    has = {word for text in hit.source.values() for word in text.split()}
    meant = hit.matched_queries
    asked = [
        term.text for place, term in enumerate(ask.terms) if len(term.words) == 1 and f"meant:{place}" not in meant
    ]
    found = {word: slips.nearest(word, has) for word in asked}
    return {word: near for word, near in found.items() if near is not None}
