"""From the feed to deliveries: a row for each endpoint and fact, committed with the cursor's step, so that none is missed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert

from shopwright.kit import clock, feed, ids
from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry
from shopwright.listeners.webhooks import queries, service
from shopwright.listeners.webhooks.errors import WebhookEndpointDisabled
from shopwright.listeners.webhooks.models import State, WebhookCursor, WebhookDelivery, WebhookEndpoint

STEP = 500
MOST_REPLAYED = 10_000

#: Id, position and name of a fact.
Fact = tuple[UUID, int, str]


def fan_out() -> int:
    """Take the next facts of the feed and intend to tell each endpoint those that it hears; answers how many were taken."""
    cursor = session.scalar(select(WebhookCursor.position).with_for_update(skip_locked=True))
    if cursor is None:  # there never was an endpoint, or somebody else is at it
        return 0
    facts = _facts(OutboxEntry.position > cursor, STEP)
    if not facts:
        return 0
    # Read after the facts: an endpoint that was there before a fact is certainly seen.
    listening = session.execute(select(WebhookEndpoint.id, WebhookEndpoint.types).where(WebhookEndpoint.is_enabled))
    _intend([(endpoint_id, fact) for endpoint_id, types in listening for fact in facts if _hears(types, fact)])
    session.execute(update(WebhookCursor).values(position=facts[-1][1]))
    return len(facts)


def replay_delivery(delivery_id: UUID) -> tuple[WebhookDelivery, OutboxEntry]:
    """Send this once more, with its whole schedule, whatever came of it."""
    delivery, entry = queries.delivery(delivery_id)
    if not service.lock(delivery.endpoint_id).is_enabled:
        raise WebhookEndpointDisabled()
    session.execute(update(WebhookDelivery).where(WebhookDelivery.id == delivery_id).values(_anew(clock.now())))
    session.refresh(delivery)
    return delivery, entry


def replay_since(endpoint_id: UUID, after: int | None, since: datetime | None) -> tuple[int, int | None]:
    """Send an endpoint again what stands in the feed behind a position or was announced since a time, as far as it hears it.

    Answers how many deliveries that makes, and the position to go on after if there were too many for once.
    """
    endpoint = service.lock(endpoint_id)
    if not endpoint.is_enabled:
        raise WebhookEndpointDisabled()
    if after is None:
        first = session.scalar(select(func.min(OutboxEntry.position)).where(OutboxEntry.emitted_at >= since))
        if first is None:
            return 0, None
        after = first - 1
    # What lies behind the cursor comes by itself.
    cursor = select(WebhookCursor.position).scalar_subquery()
    meant = (OutboxEntry.position > after) & (OutboxEntry.position <= cursor) & feed.is_one_of(endpoint.types)
    facts = _facts(meant, MOST_REPLAYED)
    _intend([(endpoint_id, fact) for fact in facts], again=True)
    return len(facts), facts[-1][1] if len(facts) == MOST_REPLAYED else None


def _facts(meant: ColumnElement[bool], most: int) -> list[Fact]:
    found = select(OutboxEntry.id, OutboxEntry.position, OutboxEntry.name).where(meant)
    return [
        (fact_id, position or 0, name)
        for fact_id, position, name in session.execute(found.order_by(OutboxEntry.position).limit(most))
    ]


def _hears(types: Sequence[str], fact: Fact) -> bool:
    return any(feed.means(pattern, fact[2]) for pattern in types)


def _intend(pairs: Sequence[tuple[UUID, Fact]], *, again: bool = False) -> None:
    if not pairs:
        return
    now = clock.now()
    rows = [
        {
            "id": ids.new(), "endpoint_id": endpoint_id, "event_id": event_id, "position": position,
            "state": State.WAITING, "tries": 0, "next_try_at": now, "created_at": now,
        }
        for endpoint_id, (event_id, position, _) in pairs
    ]  # fmt: skip
    intended = insert(WebhookDelivery)
    unique = [WebhookDelivery.endpoint_id, WebhookDelivery.event_id]
    if again:
        session.execute(intended.on_conflict_do_update(index_elements=unique, set_=_anew(now)), rows)
    else:
        session.execute(intended.on_conflict_do_nothing(index_elements=unique), rows)


def _anew(now: datetime) -> dict[str, object]:
    return {"state": State.WAITING, "tries": 0, "next_try_at": now, "failing_since": None, "finished_at": None}
