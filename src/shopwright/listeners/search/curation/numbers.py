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


def ways(word: str, locale: str) -> Iterator[str]:
    """The word, and what may be its other number. Not all of that are words; what is none means nothing."""
    return chain((word,), plurals.others(word, locale), _regular(word, locale))


def _regular(word: str, locale: str) -> Iterator[str]:
    for one, several in _ENDINGS.get(locale.partition("-")[0], ()):
        if word.endswith(one) and len(word) >= SHORTEST:
            yield word.removesuffix(one) + several
        if word.endswith(several) and len(word) - len(several) + len(one) >= SHORTEST:
            yield word.removesuffix(several) + one
