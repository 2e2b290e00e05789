"""Storing what the documents of a language are offered for: only what differs, most of it in its place."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, String, Uuid, any_, bindparam, delete, text

from shopwright.kit.db import session
from shopwright.kit.prepared import Prepared
from shopwright.listeners.search.backend import Document
from shopwright.listeners.search.backends.postgres.models import SearchOffer

# A full join is done by hashes or in order, however few rows PostgreSQL takes the sent ones for. Nobody else changes these
# meanwhile: who writes offers has changed their documents first.
_REPLACE = text("""
    WITH sent AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS each (
            product_id uuid, channel_id uuid, variant_id uuid, position int, price bigint, compare_at bigint,
            in_stock boolean, options text[])
    ), had AS MATERIALIZED (
        SELECT * FROM search_offers WHERE locale = :locale AND product_id = ANY(CAST(:ids AS uuid[]))
    ), differing AS MATERIALIZED (
        SELECT product_id, channel_id, variant_id, sent.position, sent.price, sent.compare_at, sent.in_stock, sent.options,
            sent.price IS NULL AS is_gone, had.price IS NULL AS is_new
        FROM sent FULL JOIN had USING (product_id, channel_id, variant_id)
        WHERE (sent.position, sent.price, sent.compare_at, sent.in_stock, sent.options)
            IS DISTINCT FROM (had.position, had.price, had.compare_at, had.in_stock, had.options)
    ), withdrawn AS (
        DELETE FROM search_offers o USING differing d WHERE d.is_gone
            AND o.locale = :locale AND (o.product_id, o.channel_id, o.variant_id) = (d.product_id, d.channel_id, d.variant_id)
    ), changed AS (
        UPDATE search_offers o SET position = d.position, price = d.price, compare_at = d.compare_at,
            in_stock = d.in_stock, options = d.options
        FROM differing d WHERE NOT d.is_gone AND NOT d.is_new
            AND o.locale = :locale AND (o.product_id, o.channel_id, o.variant_id) = (d.product_id, d.channel_id, d.variant_id)
    )
    INSERT INTO search_offers (locale, product_id, channel_id, variant_id, position, price, compare_at, in_stock, options)
    SELECT :locale, product_id, channel_id, variant_id, position, price, compare_at, in_stock, options
    FROM differing WHERE is_new""")
_WITHDRAW = Prepared(
    delete(SearchOffer).where(
        SearchOffer.locale == bindparam("locale", type_=String),
        SearchOffer.product_id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
    )
)


def replace(locale: str, documents: Sequence[Document]) -> None:
    """These documents are offered for what they say, and for nothing else."""
    if documents:
        rows = msgspec.json.encode([row for document in documents for row in _rows(document)]).decode()
        ids = [document.product_id for document in documents]
        session.execute(_REPLACE, {"locale": locale, "rows": rows, "ids": ids})


def withdraw(locale: str, product_ids: Iterable[UUID]) -> None:
    _WITHDRAW.run({"locale": locale, "ids": [*product_ids]})


def _rows(document: Document) -> Iterable[dict[str, Any]]:
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
