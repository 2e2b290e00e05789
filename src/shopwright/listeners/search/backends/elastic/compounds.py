"""Words written together or apart: `Ledersofa` and `Leder Sofa`, `headphones` and `head phones`."""

from collections.abc import Iterator, Sequence

from shopwright.listeners.search.backend import Term
from shopwright.listeners.search.backends.elastic.bounds import MOST_PAIRS, share
from shopwright.listeners.search.backends.elastic.languages import (
    COMPOUNDING,
    JOINTS,
    SHORTEST_COMPOUND,
    SHORTEST_PART,
    language,
)


def parts(terms: Sequence[Term], locale: str) -> list[list[tuple[str, str]]]:
    """For each term all pairs of words that it may be made of; which of them occur is for the index to say. Of many long
    words only those that are cut nearest to their middle."""
    found = [[*_parts(term.words[0])] if _is_compound(term, locale) else [] for term in terms]
    each = share(MOST_PAIRS, sum(map(bool, found)))
    return [sorted(pairs, key=lambda pair: abs(len(pair[0]) - len(pair[1])))[:each] for pairs in found]


def _is_compound(term: Term, locale: str) -> bool:
    """Whether it may be one."""
    is_long = len(term.words) == 1 and len(term.words[0]) >= SHORTEST_COMPOUND
    return is_long and language(locale) in COMPOUNDING and term.words[0].isalpha()


def _parts(word: str) -> Iterator[tuple[str, str]]:
    for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        first, second = word[:cut], word[cut:]
        yield first, second
        for joint in JOINTS:
            if first.endswith(joint) and cut - len(joint) >= SHORTEST_PART:
                yield first.removesuffix(joint), second


def joined(terms: Sequence[Term]) -> list[list[str]]:
    """For each term, in one word with the neighbour before it and with the one behind."""
    found: list[list[str]] = [[] for _ in terms]
    for place in range(len(terms) - 1):
        one, other = terms[place : place + 2]
        if len(one.words) == len(other.words) == 1:
            word = one.words[0] + other.words[0]
            found[place].append(word)
            found[place + 1].append(word)
    return found
