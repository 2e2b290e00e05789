"""Slips of the finger: how many are forgiven in a word, and how many lie between two; the same for every engine."""

from collections.abc import Iterable

#: From which length on one slip is forgiven, and two.
ONE_SLIP, TWO_SLIPS = 4, 8


def forgiven(word: str) -> int:
    """How many. Numbers are meant as they are."""
    if any(sign.isdigit() for sign in word) or len(word) < ONE_SLIP:
        return 0
    return 2 if len(word) >= TWO_SLIPS else 1


def nearest(word: str, others: Iterable[str]) -> str | None:
    """The one of these that the word may be a slip of. The first letter is always right."""
    most = forgiven(word)
    likely = [other for other in others if other[0] == word[0] and abs(len(other) - len(word)) <= most]
    ways = sorted((between(word, other), other) for other in likely)
    return ways[0][1] if ways and ways[0][0] <= most else None


def between(one: str, other: str) -> int:
    """Letters that are missing, too many or wrong; two neighbours changed about are one slip (Damerau)."""
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        row = [i]
        for j, facing in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (sign != facing))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == facing:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]
