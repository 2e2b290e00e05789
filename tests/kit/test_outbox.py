from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from shopwright.commerce.channels.models import Channel
from shopwright.kit import clock, events, ids, outbox
from shopwright.kit.db import session
from shopwright.kit.events import Event, OutboxEntry, emit, subscriber
from shopwright.kit.outbox import Failure, Receipt
from shopwright.kit.transaction import reading, transaction
from tests.make import make_channel
from tests.sent import statements

pytestmark = pytest.mark.usefixtures("app", "_rolled_back")


class Happened(Event):
    thing_id: UUID
    number: int


heard: list[tuple[UUID, int]] = []
left: list[list[UUID]] = []
sick: set[int] = set()


@pytest.fixture(autouse=True)
def _one_listener(app: Flask) -> Iterator[None]:
    heard.clear()
    left.clear()
    sick.clear()

    @subscriber(Happened)
    def listen(fact: Happened) -> None:
        left.append(events.still_to_make([fact.thing_id]))
        if fact.number in sick:
            raise RuntimeError("not today")
        heard.append((fact.thing_id, fact.number))

    yield
    events._subscribers.pop(events.name_of(Happened))


def announce(thing: UUID, *numbers: int) -> None:
    for number in numbers:
        with transaction():
            emit(Happened(thing_id=thing, number=number))


def undelivered() -> int:
    with reading():
        return len(session.scalars(select(OutboxEntry.id).where(OutboxEntry.delivered_at.is_(None))).all())


def test_a_fact_is_heard_once_however_often_it_is_sent() -> None:
    thing = ids.new()
    announce(thing, 1)
    sent: list[tuple[str, list[str]]] = []
    outbox.relay(lambda name, batch: sent.append((name, batch)))
    for name, batch in sent * 3:
        outbox.deliver(name, batch)
    assert heard == [(thing, 1)]
    assert undelivered() == 0


def test_what_a_subscriber_changed_is_written_before_the_fact_is_locked() -> None:
    channel = make_channel()

    @subscriber(Happened)
    def rename(fact: Happened) -> None:
        session.get_one(Channel, fact.thing_id).name = "Renamed"

    announce(channel.id, 1)
    with statements() as sent:
        outbox.drain()
    # Who heard the same fact waits for the entry: they must not have to wait for this row with the entry in hand.
    (renamed,) = (place for place, each in enumerate(sent) if each.startswith("UPDATE channels"))
    assert sent[renamed + 1].startswith("SELECT outbox.id") and "FOR NO KEY UPDATE" in sent[renamed + 1]
    assert undelivered() == 0


def test_a_fact_of_a_transaction_that_was_rolled_back_never_happened() -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        emit(Happened(thing_id=ids.new(), number=1))
        _ = 1 / 0
    assert outbox.drain() == 0
    assert heard == []


def test_an_emptied_broker_costs_a_delay_and_no_fact() -> None:
    announce(ids.new(), 1)
    outbox.relay(lambda *_: None)
    assert outbox.drain() == 0
    with clock.held_at(clock.now() + outbox.RESEND_AFTER + timedelta(seconds=1)):
        outbox.drain()
    assert len(heard) == 1


def test_facts_of_one_aggregate_keep_their_order_and_a_sick_one_holds_up_only_its_own() -> None:
    ill, well = ids.new(), ids.new()
    sick.add(2)
    announce(ill, 1, 2, 3)
    announce(well, 4, 5)
    outbox.drain()
    assert heard == [(ill, 1), (well, 4), (well, 5)]
    sick.clear()
    with clock.held_at(clock.now() + timedelta(minutes=1)):
        outbox.drain()
    assert heard == [(ill, 1), (well, 4), (well, 5), (ill, 2), (ill, 3)]
    assert undelivered() == 0


def test_what_many_facts_want_to_be_made_anew_is_made_once_a_batch_by_one_that_was_committed() -> None:
    thing, another = ids.new(), ids.new()
    sick.add(1)
    announce(thing, 1)
    announce(another, 2, 3)
    outbox.drain()
    # The first was rolled back, so nothing was made of it; the fact after the second finds its thing made.
    assert left == [[thing], [another], []]
    announce(another, 4)
    outbox.drain()
    assert left[3:] == [[another]]


def test_a_poison_fact_is_set_aside_and_can_be_replayed() -> None:
    sick.add(1)
    announce(ids.new(), 1)
    moment = clock.now()
    for _ in range(outbox.TRIES + 2):
        moment += timedelta(hours=2)
        with clock.held_at(moment):
            outbox.drain()
    with reading():
        failure = session.scalars(select(Failure)).one()
    assert failure.tries == outbox.TRIES
    assert failure.set_aside_at is not None
    assert "not today" in failure.reason
    sick.clear()
    with transaction():
        outbox.replay(failure.event_id, failure.subscriber)
    with clock.held_at(moment + timedelta(hours=2)):
        outbox.drain()
    assert len(heard) == 1
    with reading():
        assert len(session.scalars(select(Receipt)).all()) == 1
