"""Compounds taken apart: `Ledersofa` is `Leder` and `Sofa`, `Kinderbücherregal` is `Kinder`, `Bücher` and `Regal`."""

from collections.abc import Collection, Iterator

from shopwright.listeners.search.curation import numbers

#: Languages that write compounds in one word.
COMPOUNDING = ("de", "nl", "sv")
#: What may stand between the parts.
JOINTS = ("s", "n", "en", "es", "er")
#: Of three parts none is shorter, since shorter words are found in all others. Nobody searches for a longer compound.
SHORTEST_OF_THREE, LONGEST_OF_THREE = 4, 40
#: The longest part that is looked for, as long as the words that are known.
LONGEST_PART = 30
#: Of how many words of a query three parts are looked for, and in how many ways each.
MOST_WORDS, MOST_WAYS = 4, 4


def in_two(word: str, shortest: int) -> Iterator[tuple[str, str]]:
    """All pairs that it may be made of, with a joint between them or without."""
    for cut in range(shortest, len(word) - shortest + 1):
        for first in _unjoined(word[:cut], shortest):
            yield first, word[cut:]


def may_be_three(words: Collection[str], locale: str) -> list[str]:
    """Those of the words that are long enough, as many as are looked into."""
    if locale.partition("-")[0].lower() not in COMPOUNDING:
        return []
    long = [word for word in words if 3 * SHORTEST_OF_THREE <= len(word) <= LONGEST_OF_THREE and word.isalpha()]
    return long[:MOST_WORDS]


def candidates(word: str, locale: str) -> set[str]:
    """What of the word is to be known for `in_three`."""
    longest = min(LONGEST_PART, len(word) - SHORTEST_OF_THREE)
    last = (word[begin:] for begin in range(2 * SHORTEST_OF_THREE, len(word) - SHORTEST_OF_THREE + 1))
    return {way for part in last for way in numbers.ways(part, locale)} | {
        word[begin:end]
        for begin in range(len(word) - SHORTEST_OF_THREE + 1)
        for end in range(begin + SHORTEST_OF_THREE, min(begin + longest, len(word)) + 1)
    }


def in_three(word: str, known: Collection[str], locale: str) -> list[tuple[str, str, str]]:
    """The ways to make it of three known words, the last in either number, the most even first; none where two of them are
    one known word: a compound that is known is taken apart no further."""
    found = [
        (first, second, third)
        for first, rest in in_two(word, SHORTEST_OF_THREE)
        if first in known and rest not in known
        for second, third in in_two(rest, SHORTEST_OF_THREE)
        if second in known and any(way in known for way in numbers.ways(third, locale))
        if _is_unknown(word.removesuffix(third), known)
    ]
    return sorted(dict.fromkeys(found), key=lambda parts: -min(map(len, parts)))[:MOST_WAYS]


def _is_unknown(word: str, known: Collection[str]) -> bool:
    """Neither with a joint at its end nor without."""
    return not any(way in known for way in _unjoined(word, SHORTEST_OF_THREE))


def _unjoined(word: str, shortest: int) -> Iterator[str]:
    """The word, and without each joint that it may end with."""
    yield word
    for joint in JOINTS:
        if word.endswith(joint) and len(word) - len(joint) >= shortest:
            yield word.removesuffix(joint)
