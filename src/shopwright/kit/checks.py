"""What must hold of the kit's own ledgers: the audit log's chain, and that every fact was heard."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import text

from shopwright.kit import audit, clock, events
from shopwright.kit.db import session
from shopwright.kit.verification import Check, Finding

LONGEST_WAIT = timedelta(hours=1)

#: A subscriber is expected to have heard what was emitted since it first heard a fact of that name: what was
#: delivered before it existed has no receipt of it, and needs none.
_UNRECEIPTED = text("""
    WITH wanted AS (
      SELECT * FROM unnest(CAST(:names AS text[]), CAST(:subscribers AS text[])) AS w (name, subscriber)),
    listening AS (
      SELECT name, wanted.subscriber, min(at) AS since FROM wanted JOIN outbox USING (name)
      JOIN outbox_receipts ON event_id = id AND outbox_receipts.subscriber = wanted.subscriber GROUP BY 1, 2)
    SELECT id, 'delivered', 'no receipt of ' || subscriber,
           'a receipt of ' || name || ' was removed, or the fact was marked as delivered by hand'
    FROM outbox JOIN listening USING (name)
    WHERE delivered_at IS NOT NULL AND emitted_at >= since AND NOT EXISTS
      (SELECT FROM outbox_receipts AS r WHERE r.event_id = id AND r.subscriber = listening.subscriber)""")
_UNDELIVERED = text("""
    SELECT id, 'not delivered', 'emitted at ' || emitted_at,
           CASE WHEN sent_at IS NULL THEN 'no relay has taken it: the worker or the clock does not run'
                ELSE 'it was sent and never heard: no worker takes the queue, or its subscriber fails' END
    FROM outbox WHERE delivered_at IS NULL AND emitted_at < :long_ago AND NOT EXISTS
      (SELECT FROM outbox_failures JOIN outbox AS ahead ON ahead.id = event_id
       WHERE set_aside_at IS NOT NULL AND ahead.aggregate_id = outbox.aggregate_id AND ahead.sequence <= outbox.sequence)""")


def _broken_links() -> Iterator[Finding]:
    for entry_id in audit.broken_links():
        yield (
            entry_id, "another link", "the link that follows from the entry before",
            "this entry was changed, or one before it was changed or removed, by somebody who got past the trigger",
        )  # fmt: skip


def _unreceipted() -> Iterator[Finding]:
    names, subscribers = zip(*events.subscriptions(), strict=True)
    asked = {"names": list(names), "subscribers": list(subscribers)}
    yield from (tuple(row) for row in session.execute(_UNRECEIPTED, asked))


def _undelivered() -> Iterator[Finding]:
    yield from (tuple(row) for row in session.execute(_UNDELIVERED, {"long_ago": clock.now() - LONGEST_WAIT}))


CHECKS = (
    Check("audit log: every entry follows from the one before (S42)", _broken_links),
    Check("outbox: nothing is delivered without its receipts (I10)", _unreceipted),
    Check("outbox: nothing waits for longer than an hour, but for what is set aside (I10)", _undelivered),
)
