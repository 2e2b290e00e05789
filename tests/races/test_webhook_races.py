"""I10: each fact reaches each endpoint at least once, whoever works at it and whatever dies, and can be put in order."""

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event as Signal
from threading import Thread
from uuid import UUID

import msgspec
import pytest
from flask import Flask
from sqlalchemy import func, select

from shopwright import settings
from shopwright.kit import clock, ids, outbox
from shopwright.kit.db import session
from shopwright.kit.events import Event, emit
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.webhooks import attempts, fanout, service, work
from shopwright.listeners.webhooks.models import State, WebhookDelivery
from tests.races.parallel import together
from tests.races.test_feed_races import count
from tests.receiver import Received, Receiver, receiving, until


class Struck(Event):
    gong_id: UUID


@pytest.fixture
def receiver(real_app: Flask) -> Iterator[Receiver]:
    settings.use(msgspec.structs.replace(settings.current(), outbound_private_hosts=("127.0.0.1",)))
    with receiving() as receiver:
        yield receiver


def listens(receiver: Receiver, *types: str) -> UUID:
    with transaction():
        endpoint, _ = service.create_endpoint(receiver.url, types, "")
    return endpoint.id


def states() -> Counter[str]:
    with reading():
        found = session.execute(select(WebhookDelivery.state, func.count()).group_by(WebhookDelivery.state))
        return Counter(dict(found.all()))


def test_all_that_happens_under_load_arrives_and_can_be_put_in_order(receiver: Receiver) -> None:
    seen: Counter[int] = Counter()

    def answer(got: Received) -> int:
        position = got.data["position"]
        seen[position] += 1
        return 500 if position % 5 == 0 and seen[position] == 1 else 204

    receiver.answer = answer
    listens(receiver, "races.Counted")
    things, written = [ids.new() for _ in range(5)], Signal()

    def keep_doing(work_once: Callable[[], object]) -> None:
        while not written.is_set():
            work_once()

    helpers = [Thread(target=keep_doing, args=[lambda: outbox.relay(lambda *_: None)]) for _ in range(2)]
    helpers += [Thread(target=keep_doing, args=[lambda: work.run(seconds=0.2)]) for _ in range(2)]
    for helper in helpers:
        helper.start()
    results = together([lambda thing=thing: [count(thing) for _ in range(12)] for thing in things], threads=5)
    written.set()
    for helper in helpers:
        helper.join()
    assert results == [[*range(12)]] * 5
    outbox.drain()
    with clock.held_at(clock.now() + timedelta(minutes=1)):
        work.run()
        clock.advance(timedelta(minutes=1))
        work.run()
    assert states() == {State.DELIVERED: 60}
    arrived: dict[str, list[int]] = defaultdict(list)
    by_position = {got.data["position"]: got.data for got in receiver.received}
    for _, fact in sorted(by_position.items()):
        arrived[fact["aggregate_id"]].append(fact["data"]["number"])
    assert arrived == {str(thing): [*range(12)] for thing in things}
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 60


def test_many_fan_outs_at_once_make_each_delivery_once(receiver: Receiver) -> None:
    listens(receiver, "races.Struck")
    listens(receiver, "*")
    for _ in range(40):
        with transaction():
            emit(Struck(gong_id=ids.new()))
    outbox.relay(lambda *_: None)

    def fan_out() -> int:
        with transaction():
            return fanout.fan_out()

    taken = together([fan_out] * 8)
    assert sorted(taken) == [0] * 7 + [40]
    assert states() == {State.WAITING: 80}


def test_many_claims_at_once_keep_to_what_an_endpoint_may_have(receiver: Receiver) -> None:
    endpoint_id = listens(receiver, "races.Struck")
    for _ in range(20):
        with transaction():
            emit(Struck(gong_id=ids.new()))
    outbox.relay(lambda *_: None)
    work._fan_out()

    def claim() -> list[attempts.Claim]:
        with transaction():
            return attempts.claim(endpoint_id, 3, 4)

    taken = [claim.delivery_id for claims in together([claim] * 8) for claim in claims]
    assert len(taken) == len(set(taken))
    assert 3 <= len(taken) <= 4


RUN = """
from shopwright import app, settings
app.configure(settings.current())
from shopwright.listeners.webhooks import work
work.run()
"""


def test_f2_what_a_killed_process_was_posting_is_posted_again(receiver: Receiver) -> None:
    may_answer = Signal()
    receiver.answer = lambda _: 204 if may_answer.wait(timeout=30) else 500
    listens(receiver, "races.Struck")
    with transaction():
        emit(Struck(gong_id=ids.new()))
    outbox.relay(lambda *_: None)
    in_force = settings.current()
    environ = {
        "ENVIRONMENT": "test", "DATABASE_URL": in_force.database_url, "SECRET_KEY": in_force.secret_key,
        "OUTBOUND_PRIVATE_HOSTS": "127.0.0.1", "PYTHONPATH": ":".join(sys.path),
    }  # fmt: skip
    with subprocess.Popen([sys.executable, "-c", RUN], env=environ) as process:
        until(lambda: len(receiver.received) == 1, seconds=30)
        process.kill()
    may_answer.set()
    assert states() == {State.WAITING: 1}
    assert work.run() == 0
    with clock.held_at(clock.now() + work.RUN_LEASE):
        assert work.run() == 1
    assert states() == {State.DELIVERED: 1}
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
