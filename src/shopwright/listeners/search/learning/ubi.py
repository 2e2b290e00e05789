"""What was noted, in the schema of User Behavior Insights 1.3 (o19s.com/ubi), as bulk lines for its two indexes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from shopwright.kit.db import session
from shopwright.listeners.search.learning.models import SearchAsked, SearchTold

APPLICATION = "shopwright"
AT_ONCE = 1_000


def lines(since: datetime) -> Iterator[bytes]:
    """Two a document: where it goes, and what it is. Queries first, each with those that follow after it in time."""
    asked = select(SearchAsked).where(SearchAsked.at >= since).order_by(SearchAsked.at, SearchAsked.search_id)
    for query in session.scalars(asked.execution_options(yield_per=AT_ONCE)):
        yield from _document("ubi_queries", _query(query))
    told = (
        select(SearchTold, SearchAsked)
        .join(SearchAsked, SearchAsked.search_id == SearchTold.search_id)
        .where(SearchAsked.at >= since)
        .order_by(SearchTold.at, SearchTold.search_id, SearchTold.kind, SearchTold.product_id)
    )
    for event, query in session.execute(told.execution_options(yield_per=AT_ONCE)):
        yield from _document("ubi_events", _event(event, query))


def _document(index: str, body: dict[str, Any]) -> tuple[bytes, bytes]:
    return msgspec.json.encode({"index": {"_index": index}}) + b"\n", msgspec.json.encode(body) + b"\n"


def _query(asked: SearchAsked) -> dict[str, Any]:
    return {
        "application": APPLICATION,
        "query_id": asked.search_id,
        "client_id": _client(asked),
        "user_query": asked.text,
        "query_attributes": {"locale": asked.locale, "level": asked.level, "total": asked.total},
        "timestamp": asked.at,
    }


def _event(told: SearchTold, asked: SearchAsked) -> dict[str, Any]:
    return {
        "application": APPLICATION,
        "action_name": told.kind,
        "query_id": told.search_id,
        "client_id": _client(asked),
        "user_query": asked.text,
        "message_type": None,
        "message": None,
        "event_attributes": {
            "object": {"object_id": told.product_id, "object_id_field": "product_id"},
            "position": {"ordinal": told.place},
        },
        "timestamp": told.at,
    }


def _client(asked: SearchAsked) -> str | None:
    return asked.visitor.hex() if asked.visitor else None
