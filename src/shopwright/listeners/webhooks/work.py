"""Posting, between transactions: threads wait for the receivers, and this one alone speaks to the database."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update

from shopwright.kit import clock, outbound
from shopwright.kit.db import session
from shopwright.kit.logging import get
from shopwright.kit.principal import SYSTEM, acting_as
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.webhooks import attempts, fanout, signing
from shopwright.listeners.webhooks.attempts import Claim, Outcome
from shopwright.listeners.webhooks.models import WebhookCursor, WebhookDelivery

#: For one call, from the first question to the name server to the last byte of the answer.
CALL_SECONDS = 15.0
LARGEST_BODY = 20_000
EXCERPT = 500

THREADS = 32
AT_ONCE = 4
#: Those that fail get one thread each, and all together at most so many: the others never wait for them.
AT_ONCE_IF_FAILING = 1
THREADS_FOR_FAILING = THREADS // 2
#: After which a run begins nothing new; it ends when what it began has ended.
RUN_SECONDS = 20.0
RUN_LEASE = timedelta(seconds=90)
LOOK_AGAIN = 0.2

KEPT_FOR = timedelta(days=30)

log = get("webhooks")

InFlight = dict[Future[Outcome], tuple[Claim, bool]]


def run(seconds: float = RUN_SECONDS) -> int:
    """Turn the feed into deliveries and make those that are due; answers how many calls were made."""
    with _turn() as is_ours:
        if not is_ours:
            return 0
        with ThreadPoolExecutor(THREADS, thread_name_prefix="webhooks") as pool:
            return _deliver(pool, time.monotonic() + seconds)


@contextmanager
def _turn() -> Iterator[bool]:
    now = clock.now()
    free = (WebhookCursor.running_until.is_(None)) | (WebhookCursor.running_until <= now)
    with transaction():
        take = update(WebhookCursor).where(free).values(running_until=now + RUN_LEASE).returning(WebhookCursor.id)
        is_ours = session.execute(take).one_or_none() is not None
    try:
        yield is_ours
    finally:
        if is_ours:
            with transaction():
                mine = update(WebhookCursor).where(WebhookCursor.running_until == now + RUN_LEASE)
                session.execute(mine.values(running_until=None))


def _deliver(pool: ThreadPoolExecutor, end: float) -> int:
    in_flight: InFlight = {}
    calls = 0
    while True:
        if time.monotonic() < end:
            _fan_out()
            for claim, is_failing in _claims(in_flight):
                in_flight[pool.submit(post, claim)] = claim, is_failing
                calls += 1
        if not in_flight:
            return calls
        done, _ = wait(in_flight, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
        for future in done:
            claim, _ = in_flight.pop(future)
            with _alone(claim.endpoint_id), acting_as(SYSTEM), transaction():
                attempts.settle(claim, future.result())


@contextmanager
def _alone(endpoint_id: UUID) -> Iterator[None]:
    """What goes wrong with one endpoint must not keep the others from their turn; its lease runs out, and it is tried again."""
    try:
        yield
    except Exception as fault:
        log.error("webhook endpoint not served", endpoint_id=str(endpoint_id), exc_info=fault)


def _fan_out() -> None:
    taken = fanout.STEP
    while taken == fanout.STEP:
        with transaction():
            taken = fanout.fan_out()


def _claims(in_flight: InFlight) -> Iterator[tuple[Claim, bool]]:
    """What may be begun now, a few of each endpoint."""
    busy = Counter(claim.endpoint_id for claim, _ in in_flight.values())
    room = THREADS - len(in_flight)
    room_for_failing = THREADS_FOR_FAILING - sum(is_failing for _, is_failing in in_flight.values())
    with reading():
        found = attempts.due()
    for endpoint_id, is_failing in found:
        most = min(room, room_for_failing) if is_failing else room
        at_once = AT_ONCE_IF_FAILING if is_failing else AT_ONCE
        if most <= 0 or busy[endpoint_id] >= at_once:
            continue
        claims: list[Claim] = []
        with _alone(endpoint_id), transaction():
            claims = attempts.claim(endpoint_id, most, at_once)
        room -= len(claims)
        room_for_failing -= len(claims) * is_failing
        yield from ((claim, is_failing) for claim in claims)


def post(claim: Claim) -> Outcome:
    """Make one call. Never raises: whatever goes wrong is an outcome."""
    at, began = clock.now(), time.monotonic()
    try:
        reply = _call(claim, at)
    except (outbound.AddressRefused, outbound.NotReached) as fault:
        return Outcome(at=at, milliseconds=_since(began), fault=str(fault))
    except Exception as fault:
        log.error("webhook not posted", delivery_id=str(claim.delivery_id), exc_info=fault)
        return Outcome(at=at, milliseconds=_since(began), fault=type(fault).__name__)
    return Outcome(
        at=at, milliseconds=_since(began), status=reply.status, retry_after=reply.headers.get("retry-after", ""),
        # PostgreSQL stores every character but this one.
        answer=reply.body[:EXCERPT].decode(errors="replace").replace("\x00", "\ufffd"),
    )  # fmt: skip


def _call(claim: Claim, at: datetime) -> outbound.Reply:
    if not claim.secrets:
        raise outbound.AddressRefused("The endpoint's secret cannot be read any more: rotate it.")
    if len(claim.body) >= LARGEST_BODY:
        raise outbound.AddressRefused(f"The message has more than {LARGEST_BODY} bytes.")
    timestamp = int(at.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Shopwright-Webhooks/1",
        "webhook-id": claim.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signing.signatures(claim.secrets, claim.message_id, timestamp, claim.body),
    }
    return outbound.call(
        "POST", claim.url, headers=headers, body=claim.body, seconds=CALL_SECONDS, largest=EXCERPT
    )  # fmt: skip


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def sweep() -> int:
    """Delete the deliveries that ended long ago, with their log; answers how many."""
    with transaction():
        old = WebhookDelivery.finished_at <= clock.now() - KEPT_FOR
        return len(session.execute(delete(WebhookDelivery).where(old).returning(WebhookDelivery.id)).all())


def ping(endpoint_id: UUID) -> Outcome:
    """Call an endpoint here and now with a message that says nothing."""
    with reading():
        claim = attempts.claim_of_ping(endpoint_id)
    return post(claim)
