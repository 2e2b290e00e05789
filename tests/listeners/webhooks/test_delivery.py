from datetime import timedelta

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from shopwright import settings
from shopwright.kit import cache, clock, feed, ids, outbox
from shopwright.kit.events import emit
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.webhooks import attempts as calls
from shopwright.listeners.webhooks import service, work
from shopwright.listeners.webhooks.models import State
from tests.listeners.webhooks.hooks import Broke, attempts, deliveries, endpoint, listens, passes, rings
from tests.receiver import Receiver, receiving

pytestmark = pytest.mark.usefixtures("app", "_rolled_back")


def test_a_message_is_the_fact_of_the_feed_and_verifies(receiver: Receiver) -> None:
    endpoint_id, secret = listens(receiver)
    bell = rings(7)
    assert work.run() == 1
    [got] = receiver.received
    with reading():
        [fact] = feed.page(0, 10).items
    assert Webhook(secret).verify(got.body, got.headers) == msgspec.to_builtins(fact)
    assert got.data["data"] == {"bell_id": str(bell), "number": 7}
    assert (got.headers["webhook-id"], got.headers["content-type"]) == (str(fact.id), "application/json")
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(got.body.replace(b"7", b"8"), got.headers)
    [delivery] = deliveries(endpoint_id)
    assert (delivery.state, delivery.tries, delivery.claimed_until) == (State.DELIVERED, 1, None)
    [attempt] = attempts(delivery)
    assert (attempt.status, attempt.fault, attempt.answer) == (204, None, "")
    assert work.run() == 0


def test_an_endpoint_hears_the_types_that_it_named_and_nothing_from_before_it(receiver: Receiver) -> None:
    rings(0)
    with receiving() as other, receiving() as all_ears:
        listens(receiver, "webhooks.Rang")
        listens(other, "orders.*", "webhooks.Broke")
        listens(all_ears, "*")
        bell = rings(1)
        with transaction():
            emit(Broke(bell_id=bell))
        outbox.relay(lambda *_: None)
        assert work.run() == 4
        assert [got.data["type"] for got in receiver.received] == ["webhooks.Rang"]
        assert [got.data["type"] for got in other.received] == ["webhooks.Broke"]
        assert sorted(got.data["type"] for got in all_ears.received) == ["webhooks.Broke", "webhooks.Rang"]
        assert [got.data["data"]["number"] for got in receiver.received] == [1]


def test_nothing_is_missed_when_redis_is_emptied(receiver: Receiver) -> None:
    endpoint_id, _ = listens(receiver)
    rings(*range(5))
    cache.redis().flushdb()
    assert work.run() == 5
    assert sorted(got.data["data"]["number"] for got in receiver.received) == [*range(5)]
    assert [delivery.state for delivery in deliveries(endpoint_id)] == [State.DELIVERED] * 5


def test_more_facts_than_one_step_takes_are_all_told_once(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work.fanout, "STEP", 4)
    listens(receiver)
    rings(*range(11))
    assert work.run() == 11
    assert sorted(got.data["position"] for got in receiver.received) == [*range(1, 12)]


@pytest.mark.usefixtures("_held_clock")
def test_a_rotated_secret_signs_beside_the_new_one_for_24_hours(receiver: Receiver) -> None:
    endpoint_id, old = listens(receiver)
    with transaction():
        _, new = service.rotate_secret(endpoint_id)
    rings(1)
    work.run()
    clock.advance(timedelta(hours=24))
    rings(2)
    work.run()
    both, one = receiver.received
    assert [signed_by(secret, both.headers, both.body) for secret in (new, old)] == [True, True]
    assert [signed_by(secret, one.headers, one.body) for secret in (new, old)] == [True, False]


def signed_by(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As the library signs it; its `verify` looks at the real time, which is held here."""
    moment = clock.datetime.fromtimestamp(int(headers["webhook-timestamp"]), clock.UTC)
    made = Webhook(secret).sign(headers["webhook-id"], moment, body.decode())
    return made in headers["webhook-signature"].split(" ")


@pytest.mark.usefixtures("_held_clock")
def test_what_a_killed_worker_had_begun_is_done_when_its_lease_is_over(receiver: Receiver) -> None:
    endpoint_id, _ = listens(receiver)
    rings(1)
    work._fan_out()
    with transaction():
        [lost] = calls.claim(endpoint_id, 1, work.AT_ONCE)
    assert work.run() == 0
    assert passes(calls.LEASE) == 1
    [delivery] = deliveries(endpoint_id)
    assert (delivery.state, delivery.tries) == (State.DELIVERED, 1)
    # The killed one was only slow: its bad news comes too late to undo the good.
    with transaction():
        calls.settle(lost, calls.Outcome(at=clock.now(), milliseconds=1, status=500))
    [delivery] = deliveries(endpoint_id)
    assert (delivery.state, delivery.tries) == (State.DELIVERED, 1)
    assert [attempt.status for attempt in attempts(delivery)] == [204, 500]


def test_an_endpoint_never_has_more_calls_at_a_time_than_it_may(receiver: Receiver) -> None:
    endpoint_id, _ = listens(receiver)
    rings(*range(10))
    work._fan_out()
    claims = []
    for _ in range(3):
        with transaction():
            claims.append(calls.claim(endpoint_id, 100, work.AT_ONCE))
    assert [len(taken) for taken in claims] == [work.AT_ONCE, 0, 0]
    assert [msgspec.json.decode(claim.body)["position"] for claim in claims[0]] == [1, 2, 3, 4]


def test_a_secret_that_cannot_be_read_any_more_is_a_fault_that_is_named(receiver: Receiver) -> None:
    endpoint_id, _ = listens(receiver)
    rings(1)
    settings.use(msgspec.structs.replace(settings.current(), secret_key="another secret of the shop 0123456789"))
    work.run()
    assert receiver.received == []
    [attempt] = attempts(deliveries(endpoint_id)[0])
    assert (attempt.status, attempt.fault) == (None, "The endpoint's secret cannot be read any more: rotate it.")


def test_a_message_that_is_too_large_is_not_sent(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "LARGEST_BODY", 100)
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    assert receiver.received == []
    assert "more than 100 bytes" in (attempts(deliveries(endpoint_id)[0])[0].fault or "")


@pytest.mark.usefixtures("_held_clock")
def test_the_log_is_kept_for_30_days(receiver: Receiver) -> None:
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    clock.advance(work.KEPT_FOR - timedelta(seconds=1))
    assert work.sweep() == 0
    rings(2)
    work.run()
    clock.advance(timedelta(seconds=1))
    assert work.sweep() == 1
    assert [delivery.position for delivery in deliveries(endpoint_id)] == [2]


def test_what_the_receiver_said_is_kept_in_part(receiver: Receiver) -> None:
    endpoint_id, _ = listens(receiver)
    receiver.answer = lambda _: (500, {}, b"no\x00t \xff" + b"x" * 5000)
    rings(1)
    work.run()
    [attempt] = attempts(deliveries(endpoint_id)[0])
    assert attempt.answer == "no\ufffdt \ufffd" + "x" * 494
    assert endpoint(endpoint_id).failing_since is not None


def test_ids_of_facts_are_those_of_messages_also_in_a_second_endpoint(receiver: Receiver) -> None:
    with receiving() as other:
        listens(receiver)
        listens(other)
        rings(1, bell=ids.new())
        assert work.run() == 2
        [one], [two] = receiver.received, other.received
        assert one.headers["webhook-id"] == two.headers["webhook-id"]
        assert one.headers["webhook-signature"] != two.headers["webhook-signature"]
