"""Words that occur and are spelled nearly as the query's: slips of the finger, and words written together or apart."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from sqlalchemy import text

from shopwright.kit.db import session
from shopwright.listeners.search.backend import Term
from shopwright.listeners.search.backends.postgres.writing import LONGEST_VOCABULARY_WORD, known_words

MOST_NEAR = 8
#: From which length on one slip is forgiven, and two.
ONE_SLIP, TWO_SLIPS = 4, 8
SHORTEST_PART = 3
#: What joins the parts of a compound in German, Dutch and Swedish.
JOINTS = ("s", "n", "en", "es", "er")

# Two letters changed about count as two here and as one slip below, so a little more is read than is taken.
_NEAR = text("""
    SELECT asked.word AS asked, near.word
    FROM unnest(CAST(:words AS text[]), CAST(:most AS int[])) AS asked (word, most)
    CROSS JOIN LATERAL (
        SELECT word FROM search_words
        WHERE locale = :locale AND left(word, 1) = left(asked.word, 1)
            AND length(word) BETWEEN length(asked.word) - asked.most AND length(asked.word) + asked.most
            AND word <> asked.word AND levenshtein_less_equal(word, asked.word, asked.most + 1) <= asked.most + 1
        ORDER BY levenshtein_less_equal(word, asked.word, asked.most + 1), word LIMIT 50) AS near""")


def near(locale: str, words: Sequence[str]) -> dict[str, list[str]]:
    """By word those that it may have been meant for, the nearest first. Numbers are meant as they are."""
    slips = {word: allowed(word) for word in words if allowed(word)}
    if not slips:
        return {}
    rows = session.execute(_NEAR, {"locale": locale, "words": [*slips], "most": [*slips.values()]})
    found: dict[str, list[tuple[int, str]]] = {}
    for asked, word in rows:
        if (distance := slips_between(asked, word)) <= slips[asked]:
            found.setdefault(asked, []).append((distance, word))
    return {word: [each for _, each in sorted(ways)[:MOST_NEAR]] for word, ways in found.items()}


def allowed(word: str) -> int:
    """How many slips are forgiven."""
    if any(sign.isdigit() for sign in word) or not ONE_SLIP <= len(word) <= LONGEST_VOCABULARY_WORD:
        return 0
    return 2 if len(word) >= TWO_SLIPS else 1


def slips_between(one: str, other: str) -> int:
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


def joined_and_split(locale: str, terms: Sequence[Term]) -> tuple[Term, ...]:
    """The terms, a compound with its parts as an alternative, and neighbours that occur as one word in one term."""
    words = [term.words[0] if len(term.words) == 1 else "" for term in terms]
    pairs = {number: first + second for number, (first, second) in enumerate(pairwise(words)) if first and second}
    splits = {word: list(_splits(word)) for word in words if word}
    candidates = {*pairs.values(), *(part for ways in splits.values() for way in ways for part in way)}
    if not candidates:
        return tuple(terms)
    known = known_words(locale, candidates)
    found: list[Term] = []
    number = 0
    while number < len(terms):
        term = terms[number]
        if pairs.get(number) in known:
            found.append(Term((*term.words, *terms[number + 1].words), ((pairs[number],),)))
            number += 2
            continue
        ways = tuple(way for way in splits.get(words[number], ()) if known.issuperset(way))
        found.append(Term(term.words, (*term.alternatives, *ways)))
        number += 1
    return tuple(found)


def _splits(word: str) -> Iterable[tuple[str, str]]:
    for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        first, second = word[:cut], word[cut:]
        yield first, second
        for joint in JOINTS:
            if first.endswith(joint) and cut - len(joint) >= SHORTEST_PART:
                yield first[: -len(joint)], second
