"""Delivering facts: at least once to each subscriber, in order per aggregate, whatever dies in between.

The relay only sends; an entry counts as delivered when every subscriber's receipt exists. So an emptied broker costs
a delay and never a fact: what has no receipt after `RESEND_AFTER` is sent again.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    ForeignKey,
    String,
    Text,
    Uuid,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped

from shopwright.kit import clock, events
from shopwright.kit.db import Base, session, table_of
from shopwright.kit.events import OutboxEntry
from shopwright.kit.logging import get
from shopwright.kit.prepared import Prepared
from shopwright.kit.principal import SYSTEM, acting_as
from shopwright.kit.privacy import business
from shopwright.kit.transaction import transaction

BATCH = 500
RESEND_AFTER = timedelta(seconds=30)
TRIES = 8
RELAY_LOCK = 0x5410

log = get("outbox")


class Receipt(Base):
    """That a subscriber has heard a fact; written in the transaction of what it did about it."""

    __tablename__ = "outbox_receipts"

    event_id: Mapped[UUID] = business(ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True)
    subscriber: Mapped[str] = business(String(100), primary_key=True)
    at: Mapped[datetime] = business()


class Failure(Base):
    """A delivery that went wrong. After `TRIES` it is set aside: visible, replayable, and in the way of its aggregate only."""

    __tablename__ = "outbox_failures"

    event_id: Mapped[UUID] = business(ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True)
    subscriber: Mapped[str] = business(String(100), primary_key=True)
    tries: Mapped[int] = business(default=0)
    reason: Mapped[str] = business(Text)
    try_again_at: Mapped[datetime] = business()
    set_aside_at: Mapped[datetime | None] = business()


_entries, _receipts, _failures = table_of(OutboxEntry), table_of(Receipt), table_of(Failure)
_ID, _SUBSCRIBER = bindparam("id", type_=Uuid()), bindparam("subscriber", type_=String)
_NOW = bindparam("now", type_=DateTime(timezone=True))
#: One delivery at a time for a subscriber and an aggregate; the lock goes with the transaction.
_TURN = func.hashtextextended(bindparam("turn", type_=String), literal_column("0"))
_TURN_LOCK = Prepared(select(func.pg_advisory_xact_lock(_TURN)))
_earlier = _entries.alias("earlier")
_IS_HELD_UP = exists().where(
    _earlier.c.aggregate_id == bindparam("aggregate", type_=Uuid()),
    _earlier.c.sequence < bindparam("sequence", type_=BigInteger),
    _earlier.c.delivered_at.is_(None),
    _earlier.c.name == any_(bindparam("heard", type_=ARRAY(String))),
    ~exists().where(_receipts.c.event_id == _earlier.c.id, _receipts.c.subscriber == _SUBSCRIBER),
)
_IS_BACKING_OFF = exists().where(
    _failures.c.event_id == _ID,
    _failures.c.subscriber == _SUBSCRIBER,
    (_failures.c.try_again_at > _NOW) | _failures.c.set_aside_at.is_not(None),
)
_RECEIPT = Prepared(
    insert(_receipts)
    .from_select(["event_id", "subscriber", "at"], select(_ID, _SUBSCRIBER, _NOW).where(~_IS_HELD_UP, ~_IS_BACKING_OFF))
    .on_conflict_do_nothing().returning(_receipts.c.event_id)
)  # fmt: skip
#: Two subscribers may finish together: the lock makes the later one count both receipts. It lets the other's receipt hold on
#: to the entry's key; FOR UPDATE would not, and the two would wait for each other.
_ENTRY_LOCK = Prepared(select(_entries.c.id).where(_entries.c.id == _ID).with_for_update(key_share=True))
_HOW_MANY_HEARD = (
    select(func.count())
    .where(_receipts.c.event_id == _ID, _receipts.c.subscriber == any_(bindparam("wanted", type_=ARRAY(String))))
    .scalar_subquery()
)
_DELIVERED = Prepared(
    update(_entries)
    .where(_entries.c.id == _ID, bindparam("how_many", type_=BigInteger) == _HOW_MANY_HEARD)
    .values(delivered_at=_NOW)
)


def relay(send: Callable[[str, list[str]], object]) -> int:
    """Place what is new in the feed and send what waits, one call per subscriber and batch; answers how many were sent."""
    with transaction():
        now = clock.now()
        # One relay at a time: where facts stand in the feed must not depend on who was faster.
        session.execute(select(func.pg_advisory_xact_lock(RELAY_LOCK)))
        placed = _place(now)
        waiting = [*placed, *_unheard_for_long(now, BATCH - len(placed))]
        batches: dict[str, list[str]] = {}
        unheard = [entry_id for entry_id, name in waiting if not events.subscribers_of(name)]
        for entry_id, name in waiting:
            for subscriber in events.subscribers_of(name):
                batches.setdefault(subscriber, []).append(str(entry_id))
        if unheard:
            session.execute(update(OutboxEntry).where(OutboxEntry.id.in_(unheard)).values(delivered_at=now))
    # After the commit: a lost publish is sent again by a later round, a doubled one is stopped by its receipt.
    for subscriber, batch in batches.items():
        send(subscriber, batch)
    return len(waiting)


def _place(now: datetime) -> list[tuple[UUID, str]]:
    """Give what was committed since the last round its place in the feed, in the order of `sequence`, and call it sent.

    The lock is held until the commit, and this statement begins after it was had: it sees every place that was given
    before, and only rows that are committed. So nothing can ever appear below a place that somebody has read.
    """
    last = select(func.coalesce(func.max(OutboxEntry.position), 0)).scalar_subquery()
    new = (
        select(OutboxEntry.id, func.row_number().over(order_by=OutboxEntry.sequence).label("number"))
        .where(OutboxEntry.position.is_(None))
        .order_by(OutboxEntry.sequence)
        .limit(BATCH)
        .subquery()
    )
    placed = session.execute(
        update(OutboxEntry)
        .where(OutboxEntry.id == new.c.id)
        .values(position=last + new.c.number, sent_at=now)
        .returning(OutboxEntry.position, OutboxEntry.id, OutboxEntry.name)
        .execution_options(synchronize_session=False)
    )
    return [(entry_id, name) for _, entry_id, name in sorted(placed.all())]


def _unheard_for_long(now: datetime, limit: int) -> list[tuple[UUID, str]]:
    """What was sent, and not heard by all, or is to be tried again: to be sent once more."""
    waiting = (
        select(OutboxEntry.id)
        .where(OutboxEntry.delivered_at.is_(None), OutboxEntry.position.is_not(None))
        .where((OutboxEntry.sent_at.is_(None)) | (OutboxEntry.sent_at <= now - RESEND_AFTER))
        .order_by(OutboxEntry.sequence)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte()
    )
    sent = session.execute(
        update(OutboxEntry)
        .where(OutboxEntry.id == waiting.c.id)
        .values(sent_at=now)
        .returning(OutboxEntry.sequence, OutboxEntry.id, OutboxEntry.name)
        .execution_options(synchronize_session=False)
    )
    return [(entry_id, name) for _, entry_id, name in sorted(sent.all())]


def deliver(subscriber: str, entry_ids: Iterable[str]) -> int:
    """Have the subscriber hear these facts, each in a transaction of its own; answers how many it heard."""
    with events.batch():
        return sum(_deliver_one(subscriber, UUID(entry_id)) for entry_id in entry_ids)


def _deliver_one(subscriber: str, entry_id: UUID) -> bool:
    try:
        with acting_as(SYSTEM), transaction():
            entry = session.get(OutboxEntry, entry_id)
            if entry is None or not _take_turn(subscriber, entry):
                return False
            hear = events.subscribers_of(entry.name)[subscriber]
            hear(events.decode(entry.name, entry.payload))
            _note_delivery(entry)
    except Exception as fault:
        log.error("delivery failed", subscriber=subscriber, event_id=str(entry_id), exc_info=fault)
        _note_failure(subscriber, entry_id, fault)
        return False
    return True


def _take_turn(subscriber: str, entry: OutboxEntry) -> bool:
    """Whether it is this fact's turn; if so its receipt is written, which a second delivery runs into."""
    turn = {
        "turn": f"{subscriber}:{entry.aggregate_id}", "id": entry.id, "subscriber": subscriber,
        "aggregate": entry.aggregate_id, "sequence": entry.sequence, "heard": events.heard_by(subscriber),
        "now": clock.now(),
    }  # fmt: skip
    _TURN_LOCK.run(turn)
    # A statement of its own: it sees what whoever had the lock before has committed.
    return _RECEIPT.first(turn) is not None


def _note_delivery(entry: OutboxEntry) -> None:
    # What the subscriber did goes out first: it would wait for others with the entry in hand.
    session.flush()
    _ENTRY_LOCK.run({"id": entry.id})
    wanted = events.subscribers_of(entry.name)
    _DELIVERED.run({"id": entry.id, "wanted": wanted, "how_many": len(wanted), "now": clock.now()})


def _reason(fault: Exception) -> str:
    # The database's own words may quote a row, and a row may hold a customer.
    return type(fault).__name__ if isinstance(fault, DBAPIError) else repr(fault)[:2000]


def _note_failure(subscriber: str, entry_id: UUID, fault: Exception) -> None:
    now = clock.now()
    with transaction():
        failed = insert(Failure).values(
            event_id=entry_id, subscriber=subscriber, tries=1, reason=_reason(fault),
            try_again_at=now + timedelta(seconds=1),
        )  # fmt: skip
        tries = session.scalar(
            failed.on_conflict_do_update(
                index_elements=[Failure.event_id, Failure.subscriber],
                set_={
                    "tries": Failure.tries + 1,
                    "reason": failed.excluded.reason,
                    "try_again_at": now + func.least(func.power(2, Failure.tries), 3600) * text("interval '1 second'"),
                },
            ).returning(Failure.tries)
        )
        if tries is not None and tries >= TRIES:
            aside = update(Failure).where(Failure.event_id == entry_id, Failure.subscriber == subscriber)
            session.execute(aside.values(set_aside_at=now))
            log.error("delivery set aside", subscriber=subscriber, event_id=str(entry_id), tries=tries)


def replay(event_id: UUID, subscriber: str) -> None:
    """Try a fact that was set aside again, from the relay's next round on."""
    session.execute(
        update(Failure)
        .where(Failure.event_id == event_id, Failure.subscriber == subscriber)
        .values(tries=0, set_aside_at=None, try_again_at=clock.now())
    )
    session.execute(update(OutboxEntry).where(OutboxEntry.id == event_id).values(sent_at=None))


def drain() -> int:
    """Deliver all that waits, here and now: for tests, the seeder and the command line. Answers how many were sent."""
    sent = 0
    while batch := relay(deliver):
        sent += batch
    return sent


@shared_task(name="shopwright.kit.outbox.relay")
def relay_task() -> None:
    while relay(deliver_task.delay) == BATCH:
        pass


@shared_task(name="shopwright.kit.outbox.deliver")
def deliver_task(subscriber: str, entry_ids: list[str]) -> None:
    deliver(subscriber, entry_ids)
