"""Words that the shop knows in its compounds alone: a `Leuchte` is any of its `Deckenleuchten`, and what is made for
`Induktion` is made for `Induktionsherde`."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from shopwright.listeners.search import words
from shopwright.listeners.search.backend import Term

#: Of languages that write compounds in one word, what makes their plurals, the longest first.
_ENDINGS = {"de": ("en", "er", "e", "n", "s"), "nl": ("en", "s"), "sv": ("ar", "er", "or", "n")}
SHORTEST_STEM = 4
#: With less before it a word ends so by chance: `Tasche` is no `Asche`. The beginning of one is short more often.
SHORTEST_REST, SHORTEST_BEGINNING = 3, 5
#: What a word may mean beside itself.
MOST = 20


class Said(Struct, frozen=True):
    """The words that categories are called by and those that attributes say, each with what it is compared by."""

    kinds: Mapping[str, str]
    values: Mapping[str, str]


def said(kinds: Iterable[str], values: Iterable[str], locale: str) -> Said:
    """Of the titles of categories, and of what attributes may answer; nothing where compounds are not written in one."""
    if locale.partition("-")[0] not in _ENDINGS:
        return Said({}, {})
    return Said(_stems(kinds, locale), _stems(values, locale))


def widened(terms: Sequence[Term], plain: Collection[Term], known: Said, locale: str) -> tuple[Term, ...]:
    """The terms; those that the shop does not say by themselves, with its compounds of them as alternatives.

    What is not among the `plain` has a synonym, by which the merchant said what is meant.
    """
    return tuple(_widened(term, known, locale) if term in plain else term for term in terms)


def _widened(term: Term, known: Said, locale: str) -> Term:
    word = _stem(term.text, locale)
    if len(word) < SHORTEST_STEM or word in known.kinds.values() or word in known.values.values():
        return term
    # What ends with it is one of its kind, and what begins with it has to do with it: a sofa's cushion is no sofa.
    found = [
        name for name, stem in known.kinds.items() if stem.endswith(word) and len(stem) - len(word) >= SHORTEST_REST
    ]
    if len(word) >= SHORTEST_BEGINNING:
        found += [name for name, stem in known.values.items() if stem.startswith(word)]
    return replace(term, alternatives=(*term.alternatives, *((name,) for name in found))[:MOST])


def _stems(texts: Iterable[str], locale: str) -> dict[str, str]:
    return {word: _stem(word, locale) for text in texts for word in words.words(text, locale)}


def _stem(word: str, locale: str) -> str:
    """In one number. What is cut off too much is cut off on both sides."""
    for ending in _ENDINGS.get(locale.partition("-")[0], ()):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word.removesuffix(ending)
    return word
