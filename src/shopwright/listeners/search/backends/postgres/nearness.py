"""Words that occur and are spelled nearly as the query's: slips of the finger, and words written together or apart."""

from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID

from sqlalchemy import text

from shopwright.kit.db import session
from shopwright.listeners.search import slips, splitting
from shopwright.listeners.search.backend import Ask, Term
from shopwright.listeners.search.backends.postgres.languages import configuration
from shopwright.listeners.search.backends.postgres.matching import Near, meant
from shopwright.listeners.search.backends.postgres.writing import LONGEST_VOCABULARY_WORD, known_words

MOST_NEAR = 8
SHORTEST_PART = 3

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
# What says nothing in its language is asked of nobody, so nothing stands in its place.
_READ_AS = text("""
    SELECT near.place, near.word FROM search_documents d
    CROSS JOIN unnest(CAST(:places AS int[]), CAST(:asked AS text[]), CAST(:words AS text[]))
        WITH ORDINALITY AS near (place, asked, word, nth)
    WHERE d.locale = :locale AND d.product_id = :product_id AND d.plain @@ CAST(quote_literal(near.word) AS tsquery)
        AND numnode(to_tsquery(CAST(:config AS regconfig), near.asked)) > 0
        AND NOT d.stemmed @@ to_tsquery(CAST(:config AS regconfig), near.asked)
    ORDER BY near.nth""")


def near(locale: str, words: Sequence[str]) -> dict[str, list[str]]:
    """By word those that it may have been meant for, the nearest first. Numbers are meant as they are."""
    most = {word: slips.forgiven(word) for word in words if len(word) <= LONGEST_VOCABULARY_WORD}
    most = {word: count for word, count in most.items() if count}
    if not most:
        return {}
    rows = session.execute(_NEAR, {"locale": locale, "words": [*most], "most": [*most.values()]})
    found: dict[str, list[tuple[int, str]]] = {}
    for asked, word in rows:
        if (distance := slips.between(asked, word)) <= most[asked]:
            found.setdefault(asked, []).append((distance, word))
    return {word: [each for _, each in sorted(ways)[:MOST_NEAR]] for word, ways in found.items()}


def read_as(ask: Ask, near: Near, product_id: UUID) -> dict[str, str]:
    """The words of the query that the product does not have as they were meant, with the nearest that it has instead."""
    likely = [(place, meant(ask.terms[place]), word) for place, words in near.items() for word in words]
    places, asked, words = zip(*likely, strict=True) if likely else ((), (), ())
    parameters = {
        "locale": ask.locale, "product_id": product_id, "config": configuration(ask.locale),
        "places": [*places], "asked": [*asked], "words": [*words],
    }  # fmt: skip
    read: dict[str, str] = {}
    for place, word in session.execute(_READ_AS, parameters):
        read.setdefault(ask.terms[place].text, word)
    return read


def joined_and_split(locale: str, terms: Sequence[Term]) -> tuple[Term, ...]:
    """The terms, a compound with its parts as an alternative, and neighbours that occur as one word in one term."""
    words = [term.words[0] if len(term.words) == 1 else "" for term in terms]
    pairs = {number: first + second for number, (first, second) in enumerate(pairwise(words)) if first and second}
    splits = {word: [*splitting.in_two(word, SHORTEST_PART)] for word in words if word}
    long = splitting.may_be_three(words, locale)
    candidates = {*pairs.values(), *(part for ways in splits.values() for way in ways for part in way)}
    candidates |= {part for word in long for part in splitting.candidates(word, locale)}
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
        three = splitting.in_three(words[number], known, locale) if words[number] in long else ()
        found.append(Term(term.words, (*term.alternatives, *ways, *three)))
        number += 1
    return tuple(found)
