"""Which documents match, and how well."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from shopwright.listeners.search.backend import Ask, Order, Term
from shopwright.listeners.search.backends.postgres.conditions import Parameters
from shopwright.listeners.search.backends.postgres.languages import configuration
from shopwright.listeners.search.backends.postgres.writing import lexeme

#: By term's place, words that are spelled nearly so, and occur.
Near = Mapping[int, Sequence[str]]

#: Of D, C, B and A: the description, attributes, brand and categories, the title.
_WEIGHTS = "'{0.05, 0.3, 0.6, 1.0}'"
_BASE = """
    d.locale = :locale AND d.is_found AND d.product_id <> ALL(CAST(:hides AS uuid[]))
    AND (:excluded = '' OR NOT d.stemmed @@ to_tsquery(CAST(:config AS regconfig), :excluded))"""
_EXACT = "to_tsquery('simple', :exact)"


class Matching(NamedTuple):
    """What is asked of a document `d`, its tier, and how well it matches within that; where not all of the terms are asked
    for, which of them it `has`, and how many: more always stand above fewer, whatever signals and boosts add."""

    condition: str
    parameters: Parameters
    tier: str
    rank: str = "1.0"
    has: str = "CAST(NULL AS boolean[])"
    number: str = "0"

    def pinning(self, ask: Ask) -> "Matching":
        return self._replace(parameters=self.parameters | {"pins": _pins(ask)})

    @property
    def where(self) -> str:
        """With what no document is found without; pins are found whatever they match."""
        return f"{_BASE} AND (({self.condition}) OR d.product_id = ANY(CAST(:pins AS uuid[])))"


def by_code(ask: Ask) -> Matching:
    condition = "d.codes @> ARRAY[:code]"
    # What else is found by it is pinned.
    return Matching(condition, _base(ask) | {"code": ask.code}, tier=f"CASE WHEN {condition} THEN 0 ELSE 5 END")


def everything(ask: Ask) -> Matching:
    return Matching("true", _base(ask), tier="6")


def by_words(ask: Ask, near: Near) -> Matching:
    """Those that have all of the terms, to be exact not in the description alone."""
    stemmed, synonyms, widest = _query("stemmed"), _query("synonyms"), _query("widest")
    return Matching(
        condition=f"d.plain @@ {_EXACT} OR d.stemmed @@ {widest}",
        parameters=_base(ask) | _queries(ask, near),
        tier=f"""CASE WHEN d.plain @@ {_EXACT} THEN 1 WHEN d.stemmed @@ {stemmed} THEN 2
            WHEN d.stemmed @@ {synonyms} THEN 3 WHEN d.stemmed @@ {widest} THEN 4 ELSE 5 END""",
        # A title that says all of it counts more than one that says a part, and that more than what stands elsewhere. So do
        # category and brand, which say what a thing is; a title may be stuffed with words.
        rank=f"""ts_rank({_WEIGHTS}, d.stemmed, {widest}, 1)
            + CASE WHEN d.stemmed @@ {_query("titled")} THEN 1.0 ELSE 0.0 END
            + CASE WHEN d.stemmed @@ {_query("shelved")} THEN 0.5 ELSE 0.0 END""",
    )


def by_some_words(ask: Ask, near: Near, needed: int) -> Matching:
    """As `by_words`, and below all of these those that have so many of the terms; a word that says nothing is had by all."""
    whole = by_words(ask, near)
    each = [_query(f"term_{number}") for number in range(len(ask.terms))]
    has = [f"(numnode({term}) = 0 OR d.stemmed @@ {term})" for term in each]
    count = "(" + " + ".join(f"CAST({one} AS int)" for one in has) + ")"
    terms = {f"term_{number}": meant(term, near.get(number, ())) for number, term in enumerate(ask.terms)}
    return Matching(
        condition=f"{whole.condition} OR (d.stemmed @@ {_query('any_of')} AND {count} >= :needed)",
        parameters=whole.parameters | terms | {"any_of": _any(terms.values()), "needed": needed},
        tier=f"CASE WHEN {whole.condition} THEN {whole.tier} ELSE 5 END",
        rank=f"""CASE WHEN {whole.condition} THEN {whole.rank}
            ELSE 1.0 + 0.5 * ts_rank({_WEIGHTS}, d.stemmed, {_query("any_of")}, 1) END""",
        has=f"ARRAY[{', '.join(has)}]",
        number=f"CASE WHEN {whole.condition} THEN 0 ELSE {count} END",
    )


def _query(name: str) -> str:
    return f"to_tsquery(CAST(:config AS regconfig), :{name})"


def _base(ask: Ask) -> Parameters:
    excluded = _any(_all(term.words, ":ABC") for term in ask.excluded) if ask.excluded else ""
    return {
        "locale": ask.locale,
        "channel_id": ask.channel_id,
        "config": configuration(ask.locale),
        "pins": _pins(ask),
        "hides": [*ask.hides],
        "excluded": excluded,
    }


def _pins(ask: Ask) -> list[UUID]:
    """Who sorts otherwise wants that order, and no product lifted over it."""
    return [*ask.pins] if ask.order is Order.RELEVANCE else []


def _queries(ask: Ask, near: Near) -> Parameters:
    said = [term.words for term in ask.terms]
    return {
        "exact": " & ".join(_all(words, ":ABC") for words in said),
        "titled": " & ".join(_all(words, ":A") for words in said),
        "shelved": " & ".join(_all(words, ":B") for words in said),
        "stemmed": " & ".join(_all(words) for words in said),
        "synonyms": " & ".join(meant(term) for term in ask.terms),
        "widest": " & ".join(meant(term, near.get(number, ())) for number, term in enumerate(ask.terms)),
    }


def meant(term: Term, near: Iterable[str] = ()) -> str:
    return _any(_all(words) for words in (term.words, *term.alternatives, *((word,) for word in near)))


def _all(words: Iterable[str], weights: str = "") -> str:
    return "(" + " & ".join(f"'{lexeme(word)}'{weights}" for word in words) + ")"


def _any(queries: Iterable[str]) -> str:
    return "(" + " | ".join(queries) + ")"
