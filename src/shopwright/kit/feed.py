"""The feed: every fact of the shop, in one order that never changes, to be read from any place on.

`kit.outbox` gives each fact its position once it is committed. Nothing can appear below a position that was read, so who
walks on from the last one misses nothing; facts of one aggregate stand in the order in which they happened.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, func, or_, select, true

from shopwright.kit import events
from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry
from shopwright.kit.wire import In, Out

LARGEST = 2**63 - 1
#: How many positions one page looks at: a rare type is found page by page, in a bounded time each.
WINDOW = 10_000

Pattern = Annotated[
    str,
    Meta(
        pattern=r"^(\*|[a-z_]{1,40}\.(\*|[A-Za-z0-9]{1,58}))$(?!\n)",
        examples=["orders.*"],
        description="a type (`orders.OrderPlaced`), all of a room (`orders.*`) or all (`*`)",
    ),
]
Position = Annotated[int, Meta(ge=0, le=LARGEST, description="where in the feed; rises, and may have gaps")]


class EventOut(Out):
    """One fact. The JSON Schema of `data` is that of its type and version: `GET /v1/admin/events/types`."""

    id: UUID
    position: Position
    type: str
    version: int
    aggregate_id: UUID
    emitted_at: datetime
    data: dict[str, Any]

    @classmethod
    def of(cls, entry: OutboxEntry) -> "EventOut":
        return cls(
            id=entry.id, position=entry.position or 0, type=entry.name, version=entry.version,
            aggregate_id=entry.aggregate_id, emitted_at=entry.emitted_at, data=entry.payload,
        )  # fmt: skip


class FeedQuery(In):
    after: Annotated[int, Meta(ge=0, le=LARGEST, description="`next_after` of the page before; 0 is the beginning")] = 0
    limit: Annotated[int, Meta(ge=1, le=100, description="How many at most")] = 100
    type: Annotated[list[Pattern], Meta(max_length=50, description="Only these; may be repeated")] = []


class FeedPage(Out):
    """Go on with `after=next_after`, now if `has_more`, else later. With `type` a page may be empty and have more behind it."""

    items: list[EventOut]
    next_after: Position
    has_more: bool


class EventType(Out):
    """A kind of fact, and what its `data` looks like."""

    type: str
    version: int
    description: str
    schema: Annotated[dict[str, Any], Meta(description="JSON Schema 2020-12", examples=[{"type": "object"}])]


class EventTypes(Out):
    items: list[EventType]


def page(after: int, limit: int, types: Sequence[str] = ()) -> FeedPage:
    """What stands behind this position, at most `limit` and at most `WINDOW` positions on."""
    seen = (
        select(OutboxEntry.position).where(OutboxEntry.position > after).order_by(OutboxEntry.position).limit(WINDOW)
    ).subquery()
    looked_at, end = session.execute(select(func.count(), func.max(seen.c.position))).one()
    found = session.scalars(
        select(OutboxEntry)
        .where(OutboxEntry.position > after, OutboxEntry.position <= (end or after), is_one_of(types))
        .order_by(OutboxEntry.position)
        .limit(limit + 1)
    ).all()
    items = [EventOut.of(entry) for entry in found[:limit]]
    if len(found) > limit:
        return FeedPage(items=items, next_after=items[-1].position, has_more=True)
    return FeedPage(items=items, next_after=end or after, has_more=looked_at == WINDOW)


def newest() -> int:
    """The highest position so far."""
    return session.scalar(select(func.coalesce(func.max(OutboxEntry.position), 0))) or 0


def is_one_of(patterns: Sequence[str]) -> ColumnElement[bool]:
    """Whether a row's type is meant by one of these; by no patterns every type is."""
    if not patterns or "*" in patterns:
        return true()
    rooms = [pattern.removesuffix("*") for pattern in patterns if pattern.endswith(".*")]
    named = OutboxEntry.name.in_([pattern for pattern in patterns if not pattern.endswith("*")])
    return or_(named, *(OutboxEntry.name.startswith(room, autoescape=True) for room in rooms))


def means(pattern: str, name: str) -> bool:
    """Whether this pattern means this type."""
    return pattern in ("*", name, f"{name.partition('.')[0]}.*")


def types() -> list[EventType]:
    """Every kind of fact that may stand in the feed from now on."""
    return [
        EventType(
            type=name, version=event.version, description=_said_of(event), schema=msgspec.json.schema(event),
        )
        for name, event in events.all_types().items()
    ]  # fmt: skip


def _said_of(event: type[events.Event]) -> str:
    return " ".join((event.__doc__ or "").split())
