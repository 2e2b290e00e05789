"""What an engine answers, in the port's words."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from shopwright.listeners.search.backend import Ask, Hit, Level, Tier

Told = Mapping[str, Any]
_LEVELS = {tier: Level[tier.name] for tier in Tier}
#: So many of the best hits say which words are dropped.
BEST = 3


def total(told: Told) -> int:
    return int(told["hits"]["total"]["value"])


def hits(told: Told) -> tuple[Hit, ...]:
    return tuple(_hit(each) for each in told["hits"]["hits"])


def _hit(told: Told) -> Hit:
    shown = told["inner_hits"]["shown"]["hits"]["hits"]
    marked = told.get("highlight", {}).get("title")
    return Hit(
        product_id=UUID(told["fields"]["product_id"][0]),
        variant_id=UUID(shown[0]["fields"]["offers.variant_id"][0]) if shown else None,
        score=told["_score"] or 0.0,
        tier=_tier(told),
        highlights={"title": marked[0]} if marked else {},
    )


def _tier(told: Told) -> Tier:
    met = [int(name.partition(":")[2]) for name in told.get("matched_queries", ()) if name.startswith("tier:")]
    return Tier(min(met)) if met else Tier.PARTIAL


def level(ask: Ask, best: Sequence[Told]) -> Level:
    """Of the best hits, pins left aside."""
    if not ask.terms and ask.code is None:
        return Level.EVERYTHING
    return _LEVELS[_tier(best[0])] if best else Level.NONE


def dropped(ask: Ask, best: Sequence[Told]) -> tuple[str, ...]:
    """The words that none of the best hits has."""
    has = {name for hit in best[:BEST] for name in hit.get("matched_queries", ()) if name.startswith("term:")}
    if not has:
        return ()
    return tuple(term.text for place, term in enumerate(ask.terms) if f"term:{place}" not in has)


def corrected(suggested: Sequence[Told]) -> dict[str, str]:
    """Words that do not occur, with the nearest that do."""
    return {each["text"]: each["options"][0]["text"] for each in suggested if each["options"]}
