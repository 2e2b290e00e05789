"""Two who hear the same facts hear them at the same time, in two processes of the worker."""

from collections.abc import Iterator
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from shopwright.kit import events, ids, outbox
from shopwright.kit.db import session
from shopwright.kit.events import Event, OutboxEntry, emit, subscriber
from shopwright.kit.outbox import Failure
from shopwright.kit.transaction import reading, transaction
from tests.races.parallel import together


class HeardByTwo(Event):
    thing_id: UUID


@pytest.fixture
def _two_listeners(real_app: Flask) -> Iterator[None]:
    both = Barrier(2)

    # Each has taken its turn, and none has noted that it heard, when both go on.
    @subscriber(HeardByTwo)
    def first(_: HeardByTwo) -> None:
        both.wait(10)

    @subscriber(HeardByTwo)
    def second(_: HeardByTwo) -> None:
        both.wait(10)

    yield
    events._subscribers.pop(events.name_of(HeardByTwo))


@pytest.mark.usefixtures("_two_listeners")
def test_two_subscribers_that_hear_a_fact_at_once_are_in_nobodys_way() -> None:
    with transaction():
        for _ in range(20):
            emit(HeardByTwo(thing_id=ids.new()))
    sent: list[tuple[str, list[str]]] = []
    outbox.relay(lambda name, batch: sent.append((name, batch)))
    assert len(sent) == 2
    assert together([lambda name=name, batch=batch: outbox.deliver(name, batch) for name, batch in sent]) == [20, 20]
    with reading():
        assert session.scalar(select(func.count()).select_from(Failure)) == 0
        undelivered = select(func.count()).select_from(OutboxEntry).where(OutboxEntry.delivered_at.is_(None))
        assert session.scalar(undelivered) == 0
