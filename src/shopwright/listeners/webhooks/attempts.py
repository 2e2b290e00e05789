"""One call of an endpoint, before and after: who may make it, and what follows from how it went."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, func, select, update

from shopwright.kit import clock, feed, ids
from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry
from shopwright.listeners.webhooks import queries, service
from shopwright.listeners.webhooks.errors import UnknownWebhookEndpoint
from shopwright.listeners.webhooks.models import DisabledFor, State, WebhookAttempt, WebhookDelivery, WebhookEndpoint

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
#: How long after the failure before each try is made.
SCHEDULE = (
    timedelta(0), timedelta(seconds=5), 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR,
    24 * HOUR,
)  # fmt: skip
JITTER = 0.1
FAILING_TOO_LONG = timedelta(days=5)
LONGEST_RETRY_AFTER = timedelta(hours=24)
GONE = 410
#: The receiver, or what stands before it, has too much to do: everything for it waits, not this delivery alone.
OVERLOADED = {429, 502, 504}
PAUSE = MINUTE
PING = "webhooks.Ping"
#: Longer than a call may take.
LEASE = timedelta(seconds=60)


class Claim(msgspec.Struct, frozen=True):
    """The right to make one call until `until`."""

    delivery_id: UUID
    endpoint_id: UUID
    url: str
    secrets: tuple[bytes, ...]
    message_id: str
    body: bytes
    until: datetime


class Outcome(msgspec.Struct, frozen=True):
    """What was answered, or the fault for which there is no answer."""

    at: datetime
    milliseconds: int
    status: int | None = None
    fault: str | None = None
    retry_after: str = ""
    answer: str = ""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def due() -> list[tuple[UUID, bool]]:
    """The endpoints that something could be sent to now, and whether each is failing; those that are not come first."""
    now = clock.now()
    is_failing = WebhookEndpoint.failing_since.is_not(None)
    waiting = select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == WebhookEndpoint.id, _is_due(now)).exists()
    found = (
        select(WebhookEndpoint.id, is_failing)
        .where(WebhookEndpoint.is_enabled, waiting)
        .where((WebhookEndpoint.paused_until.is_(None)) | (WebhookEndpoint.paused_until <= now))
        .order_by(is_failing, WebhookEndpoint.id)
    )
    return [(endpoint_id, failing) for endpoint_id, failing in session.execute(found)]


def claim(endpoint_id: UUID, most: int, at_once: int) -> list[Claim]:
    """Take up to `most` due deliveries of an endpoint, so that it has at most `at_once` calls at a time, whoever makes them."""
    now = clock.now()
    locked = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    # Whoever holds the endpoint is claiming, settling or changing it: another round will find what is left.
    endpoint = session.scalars(locked.with_for_update(key_share=True, skip_locked=True)).one_or_none()
    if endpoint is None or not endpoint.is_enabled:
        return []
    running = select(func.count()).where(
        WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.claimed_until > now
    )
    room = min(most, at_once - (session.scalar(running) or 0))
    if room <= 0:
        return []
    next_ones = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.endpoint_id == endpoint_id, _is_due(now))
        .order_by(WebhookDelivery.next_try_at, WebhookDelivery.position)
        .limit(room)
        .with_for_update(skip_locked=True)
        .cte()
    )
    taken = session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.id == next_ones.c.id)
        .values(claimed_until=now + LEASE)
        .returning(WebhookDelivery.id, WebhookDelivery.event_id)
        .execution_options(synchronize_session=False)
    )
    return _claims(endpoint, {event_id: delivery_id for delivery_id, event_id in taken}, now)


def _claims(endpoint: WebhookEndpoint, taken: dict[UUID, UUID], now: datetime) -> list[Claim]:
    entries = session.scalars(select(OutboxEntry).where(OutboxEntry.id.in_(taken)).order_by(OutboxEntry.position))
    secrets = service.secrets_in_force(endpoint)
    return [
        Claim(
            delivery_id=taken[entry.id], endpoint_id=endpoint.id, url=endpoint.url, secrets=secrets,
            message_id=str(entry.id), body=msgspec.json.encode(feed.EventOut.of(entry)), until=now + LEASE,
        )
        for entry in entries
    ]  # fmt: skip


def claim_of_ping(endpoint_id: UUID) -> Claim:
    """A call that tells nothing, to any endpoint, even a disabled one. Raises `UnknownWebhookEndpoint`."""
    endpoint = queries.endpoint(endpoint_id)
    message = feed.EventOut(
        id=ids.new(), position=0, type=PING, version=1, aggregate_id=endpoint_id, emitted_at=clock.now(), data={}
    )
    return Claim(
        delivery_id=message.id, endpoint_id=endpoint_id, url=endpoint.url, secrets=service.secrets_in_force(endpoint),
        message_id=str(message.id), body=msgspec.json.encode(message), until=clock.now(),
    )  # fmt: skip


def settle(claim: Claim, outcome: Outcome) -> None:
    """Write the call into the log and decide what follows. A claim that was lost meanwhile can only bring good news."""
    try:
        endpoint = service.lock(claim.endpoint_id)
    except UnknownWebhookEndpoint:
        return
    delivery = session.get(WebhookDelivery, claim.delivery_id, with_for_update=True, populate_existing=True)
    if delivery is None:
        return
    session.add(
        WebhookAttempt(
            delivery_id=delivery.id, at=outcome.at, status=outcome.status, fault=outcome.fault,
            milliseconds=outcome.milliseconds, answer=outcome.answer,
        )
    )  # fmt: skip
    is_ours = delivery.state == State.WAITING and delivery.claimed_until == claim.until
    if outcome.is_success:
        _succeed(endpoint, delivery)
    elif is_ours:
        _fail(endpoint, delivery, outcome)
    if is_ours:
        delivery.claimed_until = None


def _succeed(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> None:
    if delivery.state != State.DELIVERED:
        delivery.state, delivery.finished_at = State.DELIVERED, clock.now()
        delivery.tries += 1
    if endpoint.failing_since or endpoint.paused_until:
        _note(endpoint, failing_since=None, paused_until=None)


def _fail(endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: Outcome) -> None:
    now = clock.now()
    delivery.tries += 1
    delivery.failing_since = delivery.failing_since or now
    failing_since = endpoint.failing_since or now
    wait = asked_to_wait(outcome.retry_after, now)
    is_overloaded = outcome.status in OVERLOADED or wait is not None
    paused_until = now + (wait or PAUSE) if is_overloaded else endpoint.paused_until
    _note(endpoint, failing_since=failing_since, paused_until=paused_until)
    is_exhausted = delivery.tries >= len(SCHEDULE)
    if is_exhausted or outcome.status == GONE:
        delivery.state, delivery.finished_at = State.FAILED, now
    else:
        delivery.next_try_at = now + max(after_failures(delivery.tries), wait or timedelta(0))
    if not endpoint.is_enabled:
        return
    if outcome.status == GONE:
        service.disable(endpoint, DisabledFor.GONE)
    # If others got through meanwhile, it is this fact that it cannot bear, and the endpoint is well.
    elif (is_exhausted and failing_since <= delivery.failing_since) or failing_since <= now - FAILING_TOO_LONG:
        service.disable(endpoint, DisabledFor.FAILING)


def _note(endpoint: WebhookEndpoint, **health: datetime | None) -> None:
    """Say how it is doing without a new version: it was not edited."""
    session.execute(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint.id)
        .values(health)
        .execution_options(synchronize_session=False)
    )
    session.refresh(endpoint, list(health))


def after_failures(tries: int) -> timedelta:
    """How long until the next try, never less than the schedule says: jitter only adds."""
    return SCHEDULE[tries] * (1 + random.uniform(0, JITTER))  # noqa: S311  jitter is no secret


def asked_to_wait(retry_after: str, now: datetime) -> timedelta | None:
    """What `Retry-After` (RFC 9110 §10.2.3: seconds or a date) asks for, at most a day; None if it says nothing."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(timedelta(seconds=min(int(retry_after[:9]), 10**6)), LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    return min(max(until.replace(tzinfo=until.tzinfo or UTC) - now, timedelta(0)), LONGEST_RETRY_AFTER)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return (
        (WebhookDelivery.state == State.WAITING)
        & (WebhookDelivery.next_try_at <= now)
        & ((WebhookDelivery.claimed_until.is_(None)) | (WebhookDelivery.claimed_until <= now))
    )
