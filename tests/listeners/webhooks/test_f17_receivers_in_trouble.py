"""F17: a receiver that is down for days, gone, elsewhere, slow or private; and those beside it that are well."""

import time
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise

import msgspec
import pytest
from sqlalchemy import select

from shopwright import settings
from shopwright.kit import audit, clock
from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.webhooks import service, work
from shopwright.listeners.webhooks.attempts import FAILING_TOO_LONG, JITTER, PAUSE, SCHEDULE
from shopwright.listeners.webhooks.models import DisabledFor, State
from tests.listeners.webhooks.hooks import attempts, deliveries, endpoint, listens, passes, rings
from tests.receiver import Receiver, receiving

pytestmark = pytest.mark.usefixtures("app", "_rolled_back", "_held_clock")

SECOND = timedelta(seconds=1)


def notices() -> list[dict[str, object]]:
    told = select(OutboxEntry.payload).where(OutboxEntry.name == "webhooks.EndpointDisabled")
    with reading():
        return list(session.scalars(told))


def test_a_receiver_that_is_down_is_tried_by_the_schedule_for_three_days_and_then_disabled(receiver: Receiver) -> None:
    receiver.answers(500)
    endpoint_id, _ = listens(receiver)
    rings(1)
    assert work.run() == 1
    for tried, pause in enumerate(SCHEDULE[1:], start=1):
        [delivery] = deliveries(endpoint_id)
        assert (delivery.state, delivery.tries) == (State.WAITING, tried)
        assert pause <= delivery.next_try_at - clock.now() <= pause * (1 + JITTER)
        assert passes(pause - SECOND) == 0
        assert passes(pause * JITTER + SECOND) == 1
    [delivery] = deliveries(endpoint_id)
    assert (delivery.state, delivery.tries) == (State.FAILED, 10)
    log = attempts(delivery)
    assert [attempt.status for attempt in log] == [500] * 10
    assert log[-1].at - log[0].at > timedelta(days=3)
    assert [len(receiver.received), {got.headers["webhook-id"] for got in receiver.received}] == [
        10,
        {str(delivery.event_id)},
    ]
    found = endpoint(endpoint_id)
    assert (found.is_enabled, found.disabled_for) == (False, DisabledFor.FAILING)
    assert notices() == [{"endpoint_id": str(endpoint_id), "reason": "failing"}]
    with reading():
        entry = session.scalars(audit.entries()).one()
        assert audit.broken_links() == []
    assert (entry.action, entry.target) == (
        "webhooks.endpoint_disabled",
        f"/v1/admin/webhook-endpoints/{endpoint_id}",
    )
    rings(2)
    assert passes(timedelta(days=30)) == 0


def test_a_receiver_that_comes_back_gets_what_it_missed(receiver: Receiver) -> None:
    receiver.answers(500, 500, 500, 204)
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    assert endpoint(endpoint_id).failing_since == clock.now()
    for pause in SCHEDULE[1:4]:
        assert passes(pause * (1 + JITTER)) == 1
    assert [delivery.state for delivery in deliveries(endpoint_id)] == [State.DELIVERED]
    assert endpoint(endpoint_id).failing_since is None


def test_one_fact_that_a_receiver_cannot_bear_does_not_disable_it(receiver: Receiver) -> None:
    receiver.answer = lambda got: 500 if got.data["data"]["number"] == 1 else 204
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    for number, pause in enumerate(SCHEDULE[1:], start=2):
        rings(number)
        passes(pause * (1 + JITTER))
    states = [delivery.state for delivery in deliveries(endpoint_id)]
    assert states == [State.FAILED, *[State.DELIVERED] * 9]
    assert endpoint(endpoint_id).is_enabled
    assert notices() == []


def test_one_that_fails_for_five_days_is_disabled_however_its_schedule_was_stretched(receiver: Receiver) -> None:
    receiver.answer = lambda _: (503, {"Retry-After": "86400"}, b"")
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    days = 0
    while endpoint(endpoint_id).is_enabled:
        days += 1
        passes(timedelta(days=1) * (1 + JITTER))
    assert timedelta(days=days) <= FAILING_TOO_LONG
    [delivery] = deliveries(endpoint_id)
    assert (delivery.state, delivery.tries) == (State.WAITING, days + 1)
    assert endpoint(endpoint_id).disabled_for == DisabledFor.FAILING


def test_gone_disables_at_once(receiver: Receiver) -> None:
    receiver.answers(410)
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    assert endpoint(endpoint_id).disabled_for == DisabledFor.GONE
    assert [delivery.state for delivery in deliveries(endpoint_id)] == [State.FAILED]
    assert notices() == [{"endpoint_id": str(endpoint_id), "reason": "gone"}]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 304, 400, 404, 500, 503])
def test_what_is_not_2xx_is_a_failure_and_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.answer = lambda _: (status, {"Location": "/elsewhere"}, b"")
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    [delivery] = deliveries(endpoint_id)
    assert (delivery.state, delivery.tries) == (State.WAITING, 1)
    assert [got.path for got in receiver.received] == ["/hook"]
    assert endpoint(endpoint_id).is_enabled


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_a_success(receiver: Receiver, status: int) -> None:
    receiver.answers(status)
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    assert [delivery.state for delivery in deliveries(endpoint_id)] == [State.DELIVERED]


@pytest.mark.parametrize("status", [429, 502, 504])
def test_who_has_too_much_to_do_is_left_alone_with_everything(receiver: Receiver, status: int) -> None:
    receiver.answers(status, 204)
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    assert endpoint(endpoint_id).paused_until == clock.now() + PAUSE
    rings(2)
    assert passes(PAUSE - SECOND) == 0
    assert passes(SECOND) == 2
    assert endpoint(endpoint_id).paused_until is None


@pytest.mark.parametrize("is_date", [False, True])
def test_retry_after_is_honoured(receiver: Receiver, is_date: bool) -> None:
    clock.advance(timedelta(microseconds=-clock.now().microsecond))
    wait = timedelta(hours=3)
    said = format_datetime(clock.now() + wait, usegmt=True) if is_date else str(int(wait.total_seconds()))
    receiver.answers((503, {"Retry-After": said}, b""), 204)
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    assert passes(wait - SECOND) == 0
    assert passes(SECOND) == 1
    assert [delivery.state for delivery in deliveries(endpoint_id)] == [State.DELIVERED]


@pytest.mark.parametrize(
    "said",
    ["soon", "-5", "9" * 400, "", "1e3", "Wed, 99 Foo 2026 00:00:00 GMT", "Mon, 01 Jan 99999999999 00:00:00 GMT"],
)
def test_a_retry_after_that_makes_no_sense_or_asks_for_too_much_breaks_nothing(receiver: Receiver, said: str) -> None:
    receiver.answers((500, {"Retry-After": said}, b""))
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    [delivery] = deliveries(endpoint_id)
    assert delivery.tries == 1
    assert delivery.next_try_at <= clock.now() + timedelta(days=1)


def test_one_that_drips_holds_nobody_up(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "CALL_SECONDS", 4.0)
    arrived: list[float] = []
    receiver.answer = lambda _: arrived.append(time.monotonic()) or 204
    with receiving() as slow:
        slow.drips = 0.05
        slow_id, _ = listens(slow)
        well_id, _ = listens(receiver)
        rings(*range(20))
        began = time.monotonic()
        work.run(seconds=3)
        took = time.monotonic() - began
    # They did not wait for the slow one, and the run waited for it no longer than a call may take.
    assert max(arrived) - began < 4
    assert took < 8
    assert [delivery.state for delivery in deliveries(well_id)] == [State.DELIVERED] * 20
    tried = [delivery for delivery in deliveries(slow_id) if delivery.tries]
    assert len(tried) <= work.AT_ONCE
    assert [attempt.fault for attempt in attempts(tried[0])] == ["No whole answer within 4 seconds."]


def test_many_that_drip_leave_threads_for_those_that_are_well(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CALL_SECONDS", 0.3)
    monkeypatch.setattr(work, "THREADS", 4)
    monkeypatch.setattr(work, "THREADS_FOR_FAILING", 2)
    arrived: list[float] = []
    receiver.answer = lambda _: arrived.append(time.monotonic()) or 204
    with receiving() as slow:
        slow.drips = 0.05
        for _ in range(6):
            listens(slow)
        rings(1)
        # Now all of them are known to fail.
        work.run(seconds=5)
        monkeypatch.setattr(work, "CALL_SECONDS", 3.0)
        well_id, _ = listens(receiver)
        rings(2, 3, 4)
        clock.advance(timedelta(minutes=10))
        began = time.monotonic()
        work.run(seconds=2)
    assert [delivery.state for delivery in deliveries(well_id)] == [State.DELIVERED] * 3
    assert max(arrived) - began < 3


def test_a_second_run_leaves_the_first_alone_and_a_dead_one_is_followed_by_the_next(receiver: Receiver) -> None:
    listens(receiver)
    rings(1)
    with work._turn() as is_ours:
        assert is_ours
        assert work.run() == 0
        assert passes(work.RUN_LEASE) == 1


def test_a_private_address_is_never_called(receiver: Receiver) -> None:
    endpoint_id, _ = listens(receiver)
    rings(1)
    # As when the operator takes it off the list, or the name gets another address after it was registered.
    settings.use(msgspec.structs.replace(settings.current(), outbound_private_hosts=()))
    work.run()
    assert receiver.received == []
    [attempt] = attempts(deliveries(endpoint_id)[0])
    assert attempt.status is None
    assert attempt.fault is not None


def test_a_name_with_a_private_address_is_never_called(receiver: Receiver) -> None:
    with transaction():
        made, _ = service.create_endpoint("http://localhost:8080/hook", ["webhooks.Rang"], "")
    rings(1)
    work.run()
    [attempt] = attempts(deliveries(made.id)[0])
    assert attempt.fault == "The host has an address that is not public."


def test_one_that_was_enabled_again_gets_what_waited_with_its_whole_schedule(receiver: Receiver) -> None:
    receiver.answers(500)
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    for pause in SCHEDULE[1:]:
        rings(len(receiver.received) + 1)
        passes(pause * (1 + JITTER))
    assert not endpoint(endpoint_id).is_enabled
    assert {delivery.state for delivery in deliveries(endpoint_id)} == {State.FAILED, State.WAITING}
    receiver.answers(204)
    with transaction():
        service.change_endpoint(endpoint_id, {"is_enabled": True})
    work.run()
    states = [delivery.state for delivery in deliveries(endpoint_id)]
    assert states == [State.FAILED, *[State.DELIVERED] * (len(states) - 1)]


def test_the_times_between_tries_grow_and_are_those_of_standard_webhooks() -> None:
    assert [pause.total_seconds() for pause in SCHEDULE] == [
        0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]  # fmt: skip
    assert all(before < after for before, after in pairwise(SCHEDULE))
