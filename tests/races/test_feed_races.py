"""The feed while others write: whoever walks it by position misses nothing and sees each aggregate in order."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Signal
from threading import Thread
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from shopwright.kit import feed, ids, outbox
from shopwright.kit.db import session
from shopwright.kit.events import Event, OutboxEntry, emit
from shopwright.kit.transaction import reading, transaction
from tests.races.parallel import together


class Counted(Event):
    thing_id: UUID
    number: int


def hold(thing: UUID) -> None:
    """As a room holds the row that it changes, until its transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(thing), 0))))


def count(thing: UUID) -> int:
    """Announce the thing's next number."""
    with transaction():
        hold(thing)
        counted = session.scalar(select(func.count()).where(OutboxEntry.aggregate_id == thing)) or 0
        emit(Counted(thing_id=thing, number=counted))
    return counted


class Consumer:
    """A merchant's system: it keeps what it has seen and where it is."""

    def __init__(self) -> None:
        self.after = 0
        self.seen: list[feed.EventOut] = []

    def read(self, limit: int = 7) -> None:
        while True:
            with reading():
                page = feed.page(self.after, limit)
            self.seen += page.items
            self.after = page.next_after
            if not page.has_more:
                return

    def numbers(self) -> dict[UUID, list[int]]:
        found: dict[UUID, list[int]] = defaultdict(list)
        for item in self.seen:
            found[item.aggregate_id].append(item.data["number"])
        return found


@contextmanager
def held_open(thing: UUID, number: int) -> Iterator[None]:
    """Elsewhere a transaction has announced this and does not commit before the block ends."""
    emitted, may_end = Signal(), Signal()

    def write() -> None:
        with transaction():
            hold(thing)
            emit(Counted(thing_id=thing, number=number))
            session.scalar(select(1))  # an announcement goes out with the next statement
            emitted.set()
            may_end.wait(timeout=30)

    writer = Thread(target=write)
    writer.start()
    assert emitted.wait(timeout=30)
    try:
        yield
    finally:
        may_end.set()
        writer.join()


def test_what_commits_late_is_not_missed_by_who_has_read_on(real_app: Flask) -> None:
    late, other = ids.new(), ids.new()
    consumer = Consumer()
    with held_open(late, 0):
        for _ in range(20):
            count(other)
        outbox.drain()
        consumer.read()
        assert consumer.numbers() == {other: [*range(20)]}
    count(late)
    count(other)
    outbox.drain()
    consumer.read()
    assert consumer.numbers() == {other: [*range(21)], late: [0, 1]}
    with reading():
        late_one = session.scalars(select(OutboxEntry).order_by(OutboxEntry.sequence)).first()
    # It was announced first and is shown last: the order of `sequence` alone would have lost it.
    assert late_one is not None
    assert (late_one.aggregate_id, late_one.position) == (late, 21)


def test_many_writers_relays_and_readers_at_once_lose_nothing_and_keep_each_aggregate_in_order(real_app: Flask) -> None:
    things = [ids.new() for _ in range(6)]
    written, consumers = Signal(), [Consumer() for _ in range(3)]

    def write(thing: UUID) -> None:
        for _ in range(15):
            count(thing)

    def relay() -> None:
        while not written.is_set():
            outbox.relay(lambda *_: None)

    def consume(consumer: Consumer) -> None:
        while not written.is_set():
            consumer.read()

    helpers = [Thread(target=relay) for _ in range(2)]
    helpers += [Thread(target=consume, args=[consumer]) for consumer in consumers]
    for helper in helpers:
        helper.start()
    # Two writers a thing, so that they wait for one another.
    results = together([lambda thing=thing: write(thing) for thing in things * 2], threads=12)
    written.set()
    for helper in helpers:
        helper.join()
    assert results == [None] * 12
    outbox.drain()
    for consumer in consumers:
        consumer.read()
        assert consumer.numbers() == {thing: [*range(30)] for thing in things}
    with reading():
        positions = session.scalars(select(OutboxEntry.position).order_by(OutboxEntry.position)).all()
    assert positions == [*range(1, 181)]


def test_what_is_sent_at_once_by_many_relays_is_sent_by_one(real_app: Flask) -> None:
    thing = ids.new()
    for _ in range(10):
        count(thing)
    assert sorted(together([lambda: outbox.relay(lambda *_: None)] * 8)) == [0] * 7 + [10]


def test_a_fact_that_somebody_holds_for_delivery_does_not_hold_up_the_feed(real_app: Flask) -> None:
    count(ids.new())
    outbox.relay(lambda *_: None)
    locked, may_end = Signal(), Signal()

    def deliver_slowly() -> None:
        with transaction():
            session.scalars(select(OutboxEntry).with_for_update()).all()
            locked.set()
            may_end.wait(timeout=30)

    delivery = Thread(target=deliver_slowly)
    delivery.start()
    assert locked.wait(timeout=30)
    try:
        thing = ids.new()
        count(thing)
        outbox.relay(lambda *_: None)
        with reading():
            assert feed.page(1, 10).items[0].aggregate_id == thing
    finally:
        may_end.set()
        delivery.join()
