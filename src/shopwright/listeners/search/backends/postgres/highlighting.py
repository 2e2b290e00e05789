"""Marks what matched in titles: words that are spelled as asked, or that the language's stemmer takes for the same."""

import re
from collections.abc import Collection, Sequence

from sqlalchemy import text

from shopwright.kit.db import session
from shopwright.listeners.search.backend import MARK, UNMARK
from shopwright.listeners.search.backends.postgres.languages import dictionary
from shopwright.listeners.search.words import fold

_WORD = re.compile(r"[^\W_]+")
_STEMS = text("""
    SELECT word, (ts_lexize(CAST(:dictionary AS regdictionary), word))[1] AS stem
    FROM unnest(CAST(:words AS text[])) AS word""")


def highlight(locale: str, titles: Sequence[str], words: Collection[str]) -> list[str | None]:
    """Each title whole, with marks; None where nothing is marked."""
    if not titles or not words:
        return [None] * len(titles)
    spelled = {word: fold(word) for title in titles for word in _WORD.findall(title)}
    asked = {"dictionary": dictionary(locale), "words": [*{*spelled.values(), *words}]}
    stems = {row.word: row.stem for row in session.execute(_STEMS, asked)}
    wanted = {stems.get(word) for word in words} - {None, ""}
    marked = {word for word, plain in spelled.items() if plain in words or stems.get(plain) in wanted}
    return [_marked(title, marked) for title in titles]


def _marked(title: str, words: Collection[str]) -> str | None:
    plain = title.replace(MARK, "").replace(UNMARK, "")
    said = _WORD.sub(lambda found: f"{MARK}{found[0]}{UNMARK}" if found[0] in words else found[0], plain)
    return said if MARK in said else None
