"""How much an engine is asked at most, whatever somebody types.

Lucene refuses a query of more than 1,024 clauses, and OpenSearch comes with that bound (Elasticsearch takes more). The
costliest rung of the ladder holds each of a query's words, of its synonyms' words, of the pairs that its words may be made
of, and of the words that are spelled nearly so, as many times as said here: together never more than `MOST_CLAUSES`. What
is left of the 1,024 is for pins and filters.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from shopwright.listeners.search.backend import Ask, Term

MOST_CLAUSES = 920
OF_WORD, OF_SYNONYM, OF_PAIR, OF_NEAR = 18, 7, 8, 3
#: Of all words together. A word alone may have all of them.
MOST_PAIRS, MOST_NEAR = 24, 80
#: Of one word.
MOST_EXPANSIONS = 50


def bounded(ask: Ask) -> Ask:
    """With as many synonyms as there is room for, the first of each word before the second of any."""
    words = sum(len(term.words) for term in ask.terms)
    room = (MOST_CLAUSES - OF_WORD * words - OF_PAIR * MOST_PAIRS - OF_NEAR * MOST_NEAR) // OF_SYNONYM
    kept: list[list[tuple[str, ...]]] = [[] for _ in ask.terms]
    for place in range(max((len(term.alternatives) for term in ask.terms), default=0)):
        for term, into in zip(ask.terms, kept, strict=True):
            room -= sum(map(len, term.alternatives[place : place + 1]))
            if room < 0:
                return replace(ask, terms=_with(ask.terms, kept))
            into += term.alternatives[place : place + 1]
    return ask


def _with(terms: Sequence[Term], kept: Sequence[Sequence[tuple[str, ...]]]) -> tuple[Term, ...]:
    return tuple(Term(term.words, tuple(alternatives)) for term, alternatives in zip(terms, kept, strict=True))


def share(most: int, count: int) -> int:
    """What each of so many gets, and one at least."""
    return max(1, most // max(1, count))
