"""Words written together or apart: `Ledersofa` and `Leder Sofa`, `headphones` and `head phones`."""

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from shopwright.listeners.search import splitting
from shopwright.listeners.search.backend import Term
from shopwright.listeners.search.backends.elastic.bounds import MOST_PAIRS, share
from shopwright.listeners.search.backends.elastic.languages import SHORTEST_COMPOUND, SHORTEST_PART, language

#: Those of the words that the catalogue uses in this language.
Known = Callable[[str, Iterable[str]], set[str]]


def parts(terms: Sequence[Term], locale: str) -> list[list[tuple[str, str]]]:
    """For each term all pairs of words that it may be made of; which of them occur is for the index to say. Of many long
    words only those that are cut nearest to their middle."""
    found = [[*splitting.in_two(term.words[0], SHORTEST_PART)] if _is_compound(term, locale) else [] for term in terms]
    each = share(MOST_PAIRS, sum(map(bool, found)))
    return [sorted(pairs, key=lambda pair: abs(len(pair[0]) - len(pair[1])))[:each] for pairs in found]


def _is_compound(term: Term, locale: str) -> bool:
    """Whether it may be one."""
    is_long = len(term.words) == 1 and len(term.words[0]) >= SHORTEST_COMPOUND
    return is_long and language(locale) in splitting.COMPOUNDING and term.words[0].isalpha()


def taken_apart(terms: Sequence[Term], locale: str, known: Known) -> tuple[Term, ...]:
    """The terms; those that are made of three words that are known, with these as alternatives."""
    long = splitting.may_be_three([term.words[0] for term in terms if len(term.words) == 1], locale)
    if not long:
        return tuple(terms)
    parts = known(locale, {part for word in long for part in splitting.candidates(word, locale)})
    ways = {word: splitting.in_three(word, parts, locale) for word in long}
    return tuple(replace(term, alternatives=(*term.alternatives, *ways.get(term.text, ()))) for term in terms)


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
