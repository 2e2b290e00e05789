"""The provider sends its webhooks itself: signed, again until they are taken, and after a restart too."""

import hashlib
import hmac
import os
import signal
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from shopwright.embedded.process import CannotStart, free_port
from shopwright.embedded.psp import server, settings
from shopwright.settings import SettingsFault
from tests.embedded.psp.listener import Heard, Listener, listening
from tests.paying import WEBHOOKS, Psp, said

SECRET = "a-secret-of-a-provider-of-its-own"
PAID = ["payment.authorized", "payment.captured"]


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
def sending(listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Psp]:
    timings = {"PSP_RETRY_SECONDS": "0.1", "PSP_LATE_SECONDS": "0.5", "PSP_SLOW_SECONDS": "2"}
    folder = tmp_path_factory.mktemp("psp")
    running = server.launch(folder, secret=SECRET, shop_url=listener.url, environment=timings)
    psp = Psp(running.url, SECRET)
    yield psp
    psp.http.close()
    running.stop()


@pytest.fixture(autouse=True)
def _listens_quickly(listener: Listener) -> None:
    listener.answers, listener.seconds, listener.most_at_once = [], 0.0, 0


def is_signed(heard: Heard) -> bool:
    key = hmac.new(SECRET.encode(), b"webhooks", hashlib.sha256).digest()
    signed = heard.headers["Webhook-Timestamp"].encode() + b"." + heard.body
    return hmac.new(key, signed, hashlib.sha256).hexdigest() == heard.headers["Webhook-Signature"]


def state_of(psp: Psp, payment: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(w["state"], w["attempts"], w["last_answer"]) for w in psp.webhooks(payment["reference"])]


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_webhooks_come_signed_and_in_order(sending: Psp, listener: Listener) -> None:
    payment = sending.pays()
    first, second = listener.waits_for(payment, 2)
    assert [first.event["type"], second.event["type"]] == PAID
    assert first.event["data"]["payment"]["captured"] == 0
    assert second.event["data"]["payment"]["captured"] == 1000
    for heard in (first, second):
        assert (heard.path, is_signed(heard)) == (WEBHOOKS, True)
        assert abs(heard.at - int(heard.headers["Webhook-Timestamp"])) < 60
        assert heard.headers["Webhook-Id"] == heard.event["id"]


def test_a_webhook_is_sent_until_it_is_taken(sending: Psp, listener: Listener) -> None:
    listener.answers = [500, 503, 409]
    payment = sending.pays("tok_decline")
    heard = listener.waits_for(payment, 4)
    eventually(lambda: state_of(sending, payment) == [("heard", 4, "200")])
    assert len({one.event["id"] for one in heard}) == 1
    waits = [later.at - earlier.at for earlier, later in pairwise(heard)]
    assert waits[0] >= 0.1 and waits[1] >= 0.2 and waits[2] >= 0.4
    time.sleep(0.5)
    assert len(listener.about(payment)) == 4


def test_twice_and_fifty_times_in_parallel(sending: Psp, listener: Listener) -> None:
    listener.seconds = 0.3
    twice, storm = sending.pays("tok_success~webhook-twice"), sending.pays("tok_success~webhook-storm")
    assert sorted(h.event["type"] for h in listener.waits_for(twice, 4)) == sorted(PAID * 2)
    assert sorted(h.event["type"] for h in listener.waits_for(storm, 100)) == sorted(PAID * 50)
    assert listener.most_at_once > 25


def test_late_out_of_order_and_lost(sending: Psp, listener: Listener) -> None:
    lost = sending.pays("tok_success~webhook-lost")
    started = time.time()
    late = sending.pays("tok_success~webhook-late")
    mixed = sending.pays("tok_success~webhook-out-of-order")
    said(sending.refunds(mixed, 100), 201)
    assert all(heard.at - started >= 0.5 for heard in listener.waits_for(late, 2))
    listener.waits_for(mixed, 4)
    assert listener.kinds(mixed) == ["refund.done", "payment.captured", "payment.authorized", "payment.declined"]
    assert listener.kinds(lost) == []


@pytest.mark.parametrize("flaw", ["forged", "ancient"])
def test_what_is_wrong_on_purpose_is_refused_once_and_given_up(sending: Psp, listener: Listener, flaw: str) -> None:
    listener.answers = [401]
    payment = sending.pays(f"tok_success~webhook-{flaw}")
    wrong, *_ = listener.waits_for(payment, 3)
    assert listener.kinds(payment) == ["payment.captured", *PAID]
    is_ancient = wrong.at - int(wrong.headers["Webhook-Timestamp"]) > 360 * 86_400
    assert (is_signed(wrong), is_ancient) == ((False, False) if flaw == "forged" else (True, True))
    eventually(lambda: state_of(sending, payment) == [("given_up", 1, "401"), ("heard", 1, "200"), ("heard", 1, "200")])


def test_the_webhook_comes_before_the_answer(sending: Psp, listener: Listener) -> None:
    listener.seconds = 0.2
    payment = sending.pays("tok_success~webhook-before-answer")
    assert listener.kinds(payment) == PAID


def test_what_is_pending_is_decided_when_its_time_has_come(sending: Psp, listener: Listener) -> None:
    payment = sending.pays("tok_pending~refund-pending")
    listener.waits_for(payment, 3)
    refund = said(sending.refunds(sending.payment(payment["reference"]), 1000), 201)
    assert (payment["state"], refund["state"]) == ("pending", "pending")
    listener.waits_for(payment, 5)
    assert listener.kinds(payment) == ["payment.pending", *PAID, "refund.pending", "refund.done"]
    assert sending.payment(payment["reference"])["refunded"] == 1000


def test_a_restart_sends_what_nobody_had_taken(tmp_path: Path) -> None:
    port = free_port()
    shop = f"http://127.0.0.1:{port}"
    timings = {"PSP_RETRY_SECONDS": "0.1"}
    running = server.launch(tmp_path, secret=SECRET, shop_url=shop, environment=timings)
    psp = Psp(running.url, SECRET)
    payment = psp.pays()
    eventually(lambda: state_of(psp, payment)[0][1:] >= (1, "ConnectError"))
    assert running.pid
    os.killpg(running.pid, signal.SIGKILL)
    running.stop()
    psp.http.close()
    with listening(port) as listener:
        running = server.launch(tmp_path, secret=SECRET, shop_url=shop, environment=timings)
        try:
            listener.waits_for(payment, 2)
            assert sorted(listener.kinds(payment)) == PAID
        finally:
            running.stop()


def test_s44_it_does_not_start_in_production(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="does not run in production"):
        server.launch(tmp_path, secret=SECRET, environment={"ENVIRONMENT": "production"})
    assert not (tmp_path / "psp-1.sqlite").exists()


@pytest.mark.parametrize(
    "environ",
    [{}, {"PSP_SECRET": "short", "PSP_DATA": "x"}, {"PSP_SECRET": SECRET, "PSP_DATA": "x", "PSP_LATE_SECONDS": "soon"}],
)
def test_settings_that_do_not_hold_are_said(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsFault, match="PSP_"):
        settings.read(environ)


def test_nothing_but_a_secret_and_a_folder_needs_to_be_set() -> None:
    made = settings.timings(settings.read({"PSP_SECRET": SECRET, "PSP_DATA": "somewhere"}))
    assert (made.slow_seconds, made.hold_seconds, made.late_seconds, made.retry_seconds) == (1.5, 8.0, 3.0, 1.0)
