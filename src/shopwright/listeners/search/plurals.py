"""The other number of words whose singular and plural no engine's stemmer takes for one: `scarf` and `scarves`, `Sofa` and
`Sofas`."""

from collections.abc import Iterator

_IRREGULAR = (
    ("child", "children"), ("foot", "feet"), ("man", "men"), ("mouse", "mice"), ("tooth", "teeth"), ("woman", "women"),
)  # fmt: skip
_OTHERS = {one: other for pair in _IRREGULAR for one, other in (pair, pair[::-1])}
#: Shorter ones have no plural of this kind: `if`, `gas`.
SHORTEST = 4
#: German words from elsewhere take an s behind these, which its stemmers leave where it is.
_VOWELS = ("a", "i", "o", "y")


def others(word: str, locale: str) -> Iterator[str]:
    """What may be the other number of a folded word. Not all of them are words; those that are not occur nowhere."""
    if len(word) < SHORTEST and word not in _OTHERS:
        return
    match locale.partition("-")[0]:
        case "en":
            yield from _of_english(word)
        case "de" if word.endswith(_VOWELS):
            yield word + "s"
        case "de" if word.endswith("s") and word[:-1].endswith(_VOWELS):
            yield word[:-1]


def _of_english(word: str) -> Iterator[str]:
    if word in _OTHERS:
        yield _OTHERS[word]
    elif word.endswith("ves"):
        yield from (word[:-3] + ending for ending in ("f", "fe"))
    elif word.endswith(("f", "fe")) and not word.endswith("ff"):
        yield word.removesuffix("e")[:-1] + "ves"
