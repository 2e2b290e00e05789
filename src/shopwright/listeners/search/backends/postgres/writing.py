"""Storing documents: whole ones, in a few statements for hundreds, and never an older one over a newer one."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, String, Uuid, any_, bindparam, delete, select, text

from shopwright.commerce.storefront.service import title_key
from shopwright.kit.db import session
from shopwright.kit.prepared import Prepared
from shopwright.listeners.search.backend import Document, Gone, Outcome, Written
from shopwright.listeners.search.backends.postgres.languages import configuration
from shopwright.listeners.search.backends.postgres.models import SearchOffer, SearchWord

LONGEST_VOCABULARY_WORD = 30

_WEIGHED = " || ".join(
    f"setweight(to_tsvector(CAST({{config}} AS regconfig), {column}), '{weight}')"
    for column, weight in (("in_title", "A"), ("in_brand", "B"), ("in_attributes", "C"), ("in_description", "D"))
)
_COLUMNS = (
    "product_id, locale, version, is_found, title, title_key, brand_id, brand, category_ids, facets, codes,"
    " published_at, popularity, margin"
)
_CHANGED = ", ".join(
    f"{name} = excluded.{name}" for name in [*_COLUMNS.replace(" ", "").split(",")[2:], "plain", "stemmed"]
)
_NEWER = f"""
    ON CONFLICT (product_id, locale) DO UPDATE SET {_CHANGED}
    WHERE search_documents.version <= excluded.version RETURNING product_id"""
_WRITE = text(f"""
    INSERT INTO search_documents ({_COLUMNS}, plain, stemmed)
    SELECT {_COLUMNS}, {_WEIGHED.format(config="'simple'")}, {_WEIGHED.format(config=":config")}
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS sent (
        product_id uuid, locale text, version bigint, is_found boolean, title text, title_key text, brand_id uuid,
        brand text, category_ids uuid[], facets text[], codes text[], published_at timestamptz, popularity float8,
        margin float8, in_title text, in_brand text, in_attributes text, in_description text)
    {_NEWER}""")  # noqa: S608  nothing of it comes from outside
_BURY = text(f"""
    INSERT INTO search_documents ({_COLUMNS}, plain, stemmed)
    SELECT product_id, :locale, version, false, '', '', NULL, '', '{{}}', '{{}}', '{{}}', NULL, 0, 0, '', ''
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS sent (product_id uuid, version bigint)
    {_NEWER}""")  # noqa: S608  nothing of it comes from outside
# What somebody writes at this moment is not to be forgotten. In an array, since a join may ask for the limited rows again.
_SWEEP = text("""
    DELETE FROM search_documents WHERE locale = :locale AND product_id = ANY(ARRAY(
        SELECT product_id FROM search_documents WHERE locale = :locale AND NOT is_found AND version < :before
        LIMIT :most FOR UPDATE SKIP LOCKED))
    RETURNING product_id""")
_LOCALE = bindparam("locale", type_=String)
_WITHDRAW = Prepared(
    delete(SearchOffer).where(
        SearchOffer.locale == _LOCALE, SearchOffer.product_id == any_(bindparam("ids", type_=ARRAY(Uuid())))
    )
)
_OFFER = text("""
    INSERT INTO search_offers (product_id, locale, channel_id, variant_id, position, price, compare_at, in_stock, options)
    SELECT product_id, :locale, channel_id, variant_id, position, price, compare_at, in_stock, options
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS sent (
        product_id uuid, channel_id uuid, variant_id uuid, position int, price bigint, compare_at bigint, in_stock boolean,
        options text[])""")
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
    texts = {document.product_id: _texts(document) for document in documents}
    rows = [_row(document, texts[document.product_id]) for document in documents]
    asked = {"rows": _json(rows), "config": configuration(locale)}
    written = {row.product_id for row in session.execute(_WRITE, asked)} if rows else set()
    _WITHDRAW.run({"locale": locale, "ids": [*written]})
    offers = [offer for document in documents if document.product_id in written for offer in _offers(document)]
    if offers:
        session.execute(_OFFER, {"locale": locale, "rows": _json(offers)})
    _learn(locale, (said for id_ in written for name, said in texts[id_].items() if name != "in_description"))
    return _outcomes((document.product_id for document in documents), written)


def bury(locale: str, gone: Sequence[Gone]) -> list[Outcome]:
    if not gone:
        return []
    rows = [{"product_id": each.product_id, "version": each.version} for each in gone]
    written = {row.product_id for row in session.execute(_BURY, {"rows": _json(rows), "locale": locale})}
    _WITHDRAW.run({"locale": locale, "ids": [*written]})
    return _outcomes((each.product_id for each in gone), written)


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


def _row(document: Document, texts: dict[str, str]) -> dict[str, Any]:
    facets = [f"{code}:{value}" for code, values in document.attributes.items() for value in values]
    return texts | {
        "product_id": document.product_id,
        "locale": document.locale,
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
    }


def _offers(document: Document) -> Iterable[dict[str, Any]]:
    for offer in document.offers:
        yield {
            "product_id": document.product_id,
            "channel_id": offer.channel_id,
            "variant_id": offer.variant_id,
            "position": offer.position,
            "price": offer.price,
            "compare_at": offer.compare_at,
            "in_stock": offer.in_stock,
            "options": [f"{code}:{value}" for code, value in offer.options.items()],
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
