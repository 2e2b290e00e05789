"""Which documents match the words, by tiers, and how well. Tiers lie so far apart that nothing lifts a hit over one.

A score is its tier's step and, below a step, BM25 of the fields times what the business would like times the merchant's boosts.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from shopwright.listeners.search import slips
from shopwright.listeners.search.backend import Ask, Term, Tier
from shopwright.listeners.search.backends.elastic import compounds
from shopwright.listeners.search.backends.elastic.bounds import MOST_EXPANSIONS, MOST_NEAR, share
from shopwright.listeners.search.backends.elastic.choosing import Query, all_of

#: Text scores stay far below it, also with the highest of boosts, and a float of 32 bits still tells two of them apart.
STEP = 10_000.0
FIELDS = ["in_title^5", "in_brand^4", "in_category^4", "in_attributes^1.5"]
OF_SYNONYM = 0.8
#: What a word's other fields add to its best: a lamp by title and category is more of a lamp than one by its title alone.
OF_OTHER_FIELDS = 0.5
#: In titles found by more words those that are spelled nearly so are not marked.
MOST_MARKED = 4
MOST_FORGIVEN = 6


class Rung(NamedTuple):
    """A step of the ladder. `found` says what is found, and scores whole steps; `text` scores within one.

    `is_near`: words that are only spelled like the query's count, too.
    """

    found: Query
    text: Query
    is_near: bool = False


def everything() -> Rung:
    return Rung(_tier(Tier.EVERYTHING, {"match_all": {}}), {"match_all": {}})


def by_code(code: str) -> Rung:
    return Rung(_tier(Tier.CODE, {"term": {"codes": code}}), {"match_all": {}})


def by_words(ask: Ask) -> Rung:
    """Those that have all of the words: as they are spelled, stemmed, or by their synonyms."""
    synonyms = [all_of([_meant(term) for term in ask.terms])] if any(term.alternatives for term in ask.terms) else []
    return Rung(_best_of(_tiers(ask, synonyms)), _text(ask.terms))


def nearly_by_words(ask: Ask) -> Rung:
    """As `by_words`; with words written together or apart among the synonyms, and those spelled nearly so."""
    return Rung(_best_of(_near_tiers(ask)), _text(ask.terms, _loose(ask)), is_near=True)


def by_some_words(ask: Ask, needed: int) -> Rung:
    """As `nearly_by_words`, and below all of these those that have so many of the words; more of them always stand above
    fewer."""
    each = [_any([*ways, *near]) for ways, near in zip(_apart(ask), _slipped(ask), strict=True)]
    steps = [
        {"constant_score": {"filter": query, "boost": STEP, "_name": f"term:{place}"}}
        for place, query in enumerate(each)
    ]
    some = {"bool": {"should": steps, "minimum_should_match": needed}}
    return Rung(_best_of([some, *_near_tiers(ask, above=len(steps))]), _text(ask.terms, _loose(ask)), is_near=True)


def _near_tiers(ask: Ask, above: int = 0) -> list[Query]:
    apart = _apart(ask)
    # A word and its neighbour are both there where they are written in one.
    written = [
        _any([*ways, *(_match("all", word) for word in words)])
        for ways, words in zip(apart, compounds.joined(ask.terms), strict=True)
    ]
    # Named, so that a hit tells which words it has as they were meant.
    meant = [{"bool": {"filter": [_any(ways)], "_name": f"meant:{place}"}} for place, ways in enumerate(apart)]
    near = [_any([each, *slipped]) for each, slipped in zip(meant, _slipped(ask), strict=True)]
    return [*_tiers(ask, [all_of(written)], above), _tier(Tier.FUZZY, all_of(near), above)]


def _tiers(ask: Ask, synonyms: Sequence[Query], above: int = 0) -> list[Query]:
    """`above` so many steps."""
    stemmed = all_of([_said(term) for term in ask.terms])
    tiers = [_tier(Tier.EXACT, _exact(ask.terms), above), _tier(Tier.STEMMED, stemmed, above)]
    # In one: of two queries of the same name an engine tells of one.
    return [*tiers, _tier(Tier.SYNONYMS, _any(synonyms), above)] if synonyms else tiers


def _best_of(tiers: Sequence[Query]) -> Query:
    return {"dis_max": {"queries": list(tiers)}}


def _loose(ask: Ask) -> list[Query]:
    return [query for ways, near in zip(_apart(ask), _slipped(ask), strict=True) for query in (*near, *ways[1:])]


def _text(terms: Sequence[Term], more: Iterable[Query] = ()) -> Query:
    """BM25 of the fields, by word, so that long queries do not climb over a step."""
    said = " ".join(term.text for term in terms)
    synonyms = [
        {"multi_match": {
            "query": " ".join(words), "fields": FIELDS, "type": "cross_fields", "operator": "and", "boost": OF_SYNONYM,
            "tie_breaker": OF_OTHER_FIELDS,
        }}
        for term in terms for words in term.alternatives
    ]  # fmt: skip
    parts: list[Query] = [
        {"multi_match": {"query": said, "fields": FIELDS, "type": "cross_fields", "tie_breaker": OF_OTHER_FIELDS}},
        {"match": {"in_title.plain": {"query": said, "boost": 3}}},
        # A title that says all of it.
        {"constant_score": {"filter": _match("in_title", said), "boost": 4.0 * len(terms)}},
        {"match": {"in_description": {"query": said, "boost": 0.3}}},
        *synonyms,
        *more,
    ]
    return {"function_score": {
        "query": {"bool": {"should": parts}}, "functions": [{"weight": 1 / max(1, len(terms))}], "boost_mode": "multiply",
    }}  # fmt: skip


def _tier(tier: Tier, query: Query, above: int = 0) -> Query:
    boost = STEP * (len(Tier) - tier + above)
    return {"constant_score": {"filter": query, "boost": boost, "_name": f"tier:{tier.value}"}}


def _exact(terms: Sequence[Term]) -> Query:
    return _match("words", " ".join(term.text for term in terms))


def _said(term: Term) -> Query:
    return _match("all", term.text)


def _meant(term: Term) -> Query:
    return _any([_said(term), *(_match("all", " ".join(words)) for words in term.alternatives)])


def _apart(ask: Ask) -> list[list[Query]]:
    """For each term what is meant by it and, behind that, what is one word here and two there."""
    return [
        [_meant(term), *({"term": {"words.joined": word}} for word in term.words if len(term.words) == 1),
         *(_match("words.stemmed", " ".join(pair)) for pair in pairs)]
        for term, pairs in zip(ask.terms, compounds.parts(ask.terms, ask.locale), strict=True)
    ]  # fmt: skip


def _slipped(ask: Ask) -> list[list[Query]]:
    """For each term what is spelled nearly so. Of more words an engine would look for these longer than a shopper waits."""
    if len(ask.terms) > MOST_FORGIVEN:
        return [[] for _ in ask.terms]
    each = _expansions(ask.terms)
    return [
        [
            {"fuzzy": {"words": {
                "value": word, "fuzziness": slips.forgiven(word), "prefix_length": 1, "max_expansions": each,
            }}}
            for word in term.words if len(term.words) == 1 and slips.forgiven(word)
        ]
        for term in ask.terms
    ]  # fmt: skip


def _expansions(terms: Sequence[Term]) -> int:
    """How many words that are spelled nearly so count, for each word of the query."""
    return min(MOST_EXPANSIONS, share(MOST_NEAR, sum(len(term.words) for term in terms)))


def excluded(terms: Iterable[Term]) -> list[Query]:
    return [_match("words.stemmed", term.text) for term in terms]


def _match(field: str, text: str) -> Query:
    return {"match": {field: {"query": text, "operator": "and"}}}


def _any(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else {"bool": {"should": list(queries)}}


def marked(ask: Ask, *, is_near: bool) -> dict[str, Any]:
    """What to mark in a title: the words, their synonyms, and those spelled nearly so where these were looked for, but for
    long queries: an engine takes longer to mark these than to find them."""
    said = [{"match": {"title": " ".join(words)}} for term in ask.terms for words in (term.words, *term.alternatives)]
    each = _expansions(ask.terms)
    near = [
        {"match": {"title": {"query": word, "fuzziness": slips.forgiven(word), "prefix_length": 1, "max_expansions": each}}}
        for term in ask.terms for word in term.words if is_near and len(ask.terms) <= MOST_MARKED and slips.forgiven(word)
    ]  # fmt: skip
    return {"bool": {"should": [*said, *near]}}
