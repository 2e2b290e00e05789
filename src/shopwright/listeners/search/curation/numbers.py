"""The other number of words, so that who says `couches` meets what is said of `couch`."""

from collections.abc import Iterator
from itertools import chain

from shopwright.listeners.search import plurals

#: What one and several end with, by language, folded.
_ENDINGS = {
    "en": (("", "s"), ("y", "ies"), ("ch", "ches"), ("sh", "shes"), ("s", "ses"), ("x", "xes"), ("z", "zes"), ("o", "oes")),
    "de": (("", "e"), ("", "en"), ("", "n"), ("", "er"), ("", "s")),
    "fr": (("", "s"), ("", "x"), ("al", "aux")),
    "es": (("", "s"), ("", "es"), ("z", "ces")),
    "it": (("o", "i"), ("a", "e"), ("e", "i")),
    "nl": (("", "en"), ("", "s")),
    "sv": (("", "ar"), ("", "er"), ("", "or"), ("", "n"), ("a", "or")),
    "pt": (("", "s"), ("", "es"), ("m", "ns"), ("ao", "oes")),
}  # fmt: skip
#: What is left of a shorter word says nothing: `gas` is not several of anything.
SHORTEST = 3


def phrases(said: tuple[str, ...], locale: str) -> Iterator[tuple[str, ...]]:
    """The phrase with one of its words in the other number. Not all of them are words; those that are not mean nothing."""
    for place, word in enumerate(said):
        for other in chain(plurals.others(word, locale), _regular(word, locale)):
            yield (*said[:place], other, *said[place + 1 :])


def _regular(word: str, locale: str) -> Iterator[str]:
    for one, several in _ENDINGS.get(locale.partition("-")[0], ()):
        if word.endswith(one) and len(word) >= SHORTEST:
            yield word.removesuffix(one) + several
        if word.endswith(several) and len(word) - len(several) + len(one) >= SHORTEST:
            yield word.removesuffix(several) + one
