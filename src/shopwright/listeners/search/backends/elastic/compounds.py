"""Words written together or apart: `Ledersofa` and `Leder Sofa`, `headphones` and `head phones`."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from shopwright.listeners.search.backend import Term
from shopwright.listeners.search.backends.elastic.languages import (
    COMPOUNDING,
    JOINTS,
    SHORTEST_COMPOUND,
    SHORTEST_PART,
    language,
)

#: A word has one place to be cut at for each letter; of a very long one only so many are tried.
MOST_CUTS = 16


def parts(word: str, locale: str) -> Iterator[tuple[str, str]]:
    """All pairs of words that this one may be made of; which of them occur is for the index to say."""
    if language(locale) not in COMPOUNDING or len(word) < SHORTEST_COMPOUND or not word.isalpha():
        return
    for cut in range(SHORTEST_PART, min(len(word) - SHORTEST_PART + 1, SHORTEST_PART + MOST_CUTS)):
        first, second = word[:cut], word[cut:]
        yield first, second
        for joint in JOINTS:
            if first.endswith(joint) and cut - len(joint) >= SHORTEST_PART:
                yield first.removesuffix(joint), second


def joined(terms: Sequence[Term]) -> Iterator[tuple[int, str]]:
    """Neighbours in one word, each with the place of the first."""
    for place, (one, other) in enumerate(pairwise(terms)):
        if len(one.words) == len(other.words) == 1:
            yield place, one.words[0] + other.words[0]
