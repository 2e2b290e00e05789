"""Storing documents: whole ones, in a few statements for hundreds, and never an older one over a newer one.

Most changes are of a price, of stock, or of what sells. Such a document keeps its words as they were weighed, and where nothing
changes that an index holds, PostgreSQL writes to none.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, String, any_, bindparam, select, text
from sqlalchemy.sql.elements import TextClause

from shopwright.commerce.storefront.service import title_key
from shopwright.kit.db import session
from shopwright.kit.prepared import Prepared
from shopwright.listeners.search.backend import Document, Gone, Outcome, Written
from shopwright.listeners.search.backends.postgres import offers
from shopwright.listeners.search.backends.postgres.languages import configuration
from shopwright.listeners.search.backends.postgres.models import SearchWord

LONGEST_VOCABULARY_WORD = 30

_WEIGHED = " || ".join(
    f"setweight(to_tsvector(CAST({{config}} AS regconfig), {column}), '{weight}')"
    for column, weight in (("in_title", "A"), ("in_brand", "B"), ("in_attributes", "C"), ("in_description", "D"))
)
_TYPES = {
    "version": "bigint", "is_found": "boolean", "title": "text", "title_key": "text", "brand_id": "uuid", "brand": "text",
    "category_ids": "uuid[]", "facets": "text[]", "codes": "text[]", "published_at": "timestamptz",
    "popularity": "float8", "margin": "float8", "digest": "text",
}  # fmt: skip
_VALUES = ", ".join(_TYPES)
_SENT = ", ".join(f"{name} {kind}" for name, kind in {"product_id": "uuid", **_TYPES, "words": "text"}.items())
_CHANGED = ", ".join(f"{name} = excluded.{name}" for name in [*_TYPES, "plain", "stemmed"])
_NEWER = f"""
    ON CONFLICT (product_id, locale) DO UPDATE SET {_CHANGED}
    WHERE search_documents.version <= excluded.version RETURNING product_id"""
_WRITE = text(f"""
    INSERT INTO search_documents (product_id, locale, {_VALUES}, plain, stemmed)
    SELECT product_id, :locale, {_VALUES}, {_WEIGHED.format(config="'simple'")}, {_WEIGHED.format(config=":config")}
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS sent (
        {_SENT}, in_title text, in_brand text, in_attributes text, in_description text)
    {_NEWER}""")  # noqa: S608  nothing of it comes from outside
# Codes that are many are stored otherwise than they are sent, which would be a change to their index.
_SET = ["codes = CASE WHEN d.codes = sent.codes THEN d.codes ELSE sent.codes END"]
_SET += [f"{name} = sent.{name}" for name in _TYPES if name != "codes"]
_CHANGE = text(f"""
    UPDATE search_documents d SET {", ".join(_SET)}
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS sent ({_SENT})
    WHERE d.product_id = sent.product_id AND d.locale = :locale AND d.version <= sent.version
        AND d.digest = d.version || ':' || sent.words
    RETURNING d.product_id""")  # noqa: S608  nothing of it comes from outside
_BURY = text(f"""
    INSERT INTO search_documents (product_id, locale, {_VALUES}, plain, stemmed)
    SELECT product_id, :locale, version, false, '', '', NULL, '', '{{}}', '{{}}', '{{}}', NULL, 0, 0, NULL, '', ''
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS sent (product_id uuid, version bigint)
    {_NEWER}""")  # noqa: S608  nothing of it comes from outside
_DISTRUST = text("UPDATE search_documents SET digest = NULL WHERE digest IS NOT NULL")
# What somebody writes at this moment is not to be forgotten. In an array, since a join may ask for the limited rows again.
_SWEEP = text("""
    DELETE FROM search_documents WHERE locale = :locale AND product_id = ANY(ARRAY(
        SELECT product_id FROM search_documents WHERE locale = :locale AND NOT is_found AND version < :before
        LIMIT :most FOR UPDATE SKIP LOCKED))
    RETURNING product_id""")
_LOCALE = bindparam("locale", type_=String)
# In one order, so that two writers of the same words do not wait for each other.
_LEARN = text("""
    INSERT INTO search_words (locale, word)
    SELECT :locale, word FROM unnest(CAST(:words AS text[])) AS word ORDER BY word
    ON CONFLICT DO NOTHING""")
_KNOWN = Prepared(
    select(SearchWord.word).where(
        SearchWord.locale == _LOCALE, SearchWord.word == any_(bindparam("words", type_=ARRAY(String)))
    )
)


def write(locale: str, documents: Sequence[Document]) -> list[Outcome]:
    way, texts = _way(locale), {document.product_id: _texts(document) for document in documents}
    rows = {document.product_id: _row(document, _digest(way, texts[document.product_id])) for document in documents}
    changed = _written(_CHANGE, locale, rows)
    new = {id_: row | texts[id_] for id_, row in rows.items() if id_ not in changed}
    weighed = _written(_WRITE, locale, new, config=configuration(locale))
    written = changed | weighed
    offers.replace(locale, [document for document in documents if document.product_id in written])
    _learn(locale, (said for id_ in weighed for name, said in texts[id_].items() if name != "in_description"))
    return _outcomes(rows, written)


def _written(statement: TextClause, locale: str, rows: Mapping[UUID, Any], **more: str) -> set[UUID]:
    if not rows:
        return set()
    # In one order, so that two writers of the same seldom wait for each other in a circle.
    asked = {"locale": locale, "rows": _json([rows[id_] for id_ in sorted(rows)])}
    return {row.product_id for row in session.execute(statement, asked | more)}


def bury(locale: str, gone: Sequence[Gone]) -> list[Outcome]:
    if not gone:
        return []
    rows = [{"product_id": each.product_id, "version": each.version} for each in gone]
    written = {row.product_id for row in session.execute(_BURY, {"rows": _json(rows), "locale": locale})}
    offers.withdraw(locale, written)
    return _outcomes((each.product_id for each in gone), written)


def distrust() -> None:
    session.execute(_DISTRUST)


def sweep(locale: str, before: int, most: int) -> int:
    return len(session.execute(_SWEEP, {"locale": locale, "before": before, "most": most}).all())


def _outcomes(asked: Iterable[UUID], written: set[UUID]) -> list[Outcome]:
    return [Outcome(id_, Written.DONE if id_ in written else Written.STALE) for id_ in asked]


def _texts(document: Document) -> dict[str, str]:
    said = document.said
    texts = {
        "in_title": said.title,
        "in_brand": f"{said.brand} {said.category}",
        "in_attributes": said.attributes,
        "in_description": said.description,
    }
    return {name: lexeme(text) for name, text in texts.items()}


def lexeme(word: str) -> str:
    """A word, or several, as PostgreSQL's parser leaves it in one piece: it would take a number with a point and a unit apart."""
    return word.replace(".", "p")


def _way(locale: str) -> str:
    """How words are weighed. Another PostgreSQL may stem them otherwise."""
    return f"{session.connection().dialect.server_version_info} {configuration(locale)} {_WEIGHED}"


def _digest(way: str, texts: Mapping[str, str]) -> str:
    return blake2b("\n".join((way, *texts.values())).encode(), digest_size=16).hexdigest()


def _row(document: Document, words: str) -> dict[str, Any]:
    facets = [f"{code}:{value}" for code, values in document.attributes.items() for value in values]
    return {
        "product_id": document.product_id,
        "version": document.version,
        "is_found": True,
        "title": document.title,
        "title_key": title_key(document.title),
        "brand_id": document.brand_id,
        "brand": document.brand,
        "category_ids": document.category_ids,
        "facets": facets,
        "codes": document.codes,
        "published_at": document.published_at,
        "popularity": document.signals.popularity,
        "margin": document.signals.margin,
        "words": words,
        "digest": f"{document.version}:{words}",
    }


def _learn(locale: str, texts: Iterable[str]) -> None:
    met = {word for each in texts for word in each.split() if len(word) <= LONGEST_VOCABULARY_WORD}
    known = known_words(locale, met)
    if new := met - known:
        session.execute(_LEARN, {"locale": locale, "words": sorted(new)})


def known_words(locale: str, words: Iterable[str]) -> set[str]:
    """Those of the words that occur in some product."""
    return {word for (word,) in _KNOWN.all({"locale": locale, "words": [*words]})}


def _json(rows: Any) -> str:
    return msgspec.json.encode(rows).decode()
