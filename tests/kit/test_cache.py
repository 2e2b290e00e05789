import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from socket import create_server
from threading import Barrier, Event
from typing import cast

import pytest
from redis import Redis, RedisError

from shopwright.kit import cache, copies
from shopwright.kit.cache import Made

pytestmark = pytest.mark.usefixtures("own_cache")

NOWHERE = "redis://127.0.0.1:1/0"


class Counted:
    """A fill that counts its calls and says which one it was."""

    def __init__(self, work: Callable[[], None] = lambda: None) -> None:
        self.calls = 0
        self.work = work

    def __call__(self) -> bytes:
        self.calls += 1
        call = self.calls
        self.work()
        return b"%d" % call


def fetch(
    namespace: str, key: str, ttl: float, fill: Callable[[], bytes], until: datetime | None = None, fresh: bool = False
) -> bytes:
    return cache.fetch(namespace, key, ttl, lambda: Made(fill(), until), lambda made: made.value, fresh)


def another_process() -> None:
    """Forget the copies, as if the next call came from elsewhere."""
    cache._copies = copies.Copies()


def keys(raw: Redis, kind: str) -> list[bytes]:
    return sorted(cast(list[bytes], raw.keys(f"{cache._prefix}cache:{kind}*")))


def test_what_was_filled_is_kept_for_all_processes() -> None:
    fill = Counted()
    assert [fetch("shop", "a", 60, fill) for _ in range(3)] == [b"1"] * 3
    another_process()
    assert fetch("shop", "a", 60, fill) == b"1"
    assert fetch("shop", "b", 60, fill) == b"2"
    assert fetch("other", "a", 60, fill) == b"3"


def test_a_copy_in_the_process_costs_no_round_trip(raw: Redis) -> None:
    fetch("shop", "a", 60, Counted())
    before = raw.info("stats")["total_commands_processed"]
    assert [fetch("shop", "a", 60, Counted()) for _ in range(50)] == [b"1"] * 50
    assert raw.info("stats")["total_commands_processed"] - before == 1


def test_a_copy_from_redis_costs_one_round_trip(raw: Redis) -> None:
    fetch("shop", "a", 60, Counted())
    another_process()
    before = raw.info("stats")["total_commands_processed"]
    fetch("shop", "a", 60, Counted())
    assert raw.info("stats")["total_commands_processed"] - before == 2


def test_a_copy_is_given_up_after_its_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "GRACE_SECONDS", 0.05)
    fill = Counted()
    fetch("shop", "a", 60, fill)
    cache.redis().flushdb()
    assert fetch("shop", "a", 60, fill) == b"1"
    time.sleep(0.06)
    assert fetch("shop", "a", 60, fill) == b"2"


def test_values_live_about_as_long_as_asked(raw: Redis) -> None:
    for key in range(40):
        fetch("shop", str(key), 100, Counted())
    lives = [raw.pttl(key) for key in keys(raw, "value:shop")]
    assert len(lives) == 40
    assert all(89_000 < life <= 110_000 for life in lives)
    assert max(lives) - min(lives) > 2_000


def test_a_bump_outdates_its_namespaces_and_no_other() -> None:
    fill = Counted()
    for namespace in ("a", "b", "c"):
        fetch(namespace, "x", 60, fill)
    cache.bump("a", "b")
    assert [fetch(namespace, "x", 60, fill) for namespace in ("a", "b", "c")] == [b"4", b"5", b"3"]


def test_what_was_begun_before_a_bump_is_not_kept_after_it() -> None:
    fill = Counted(lambda: cache.bump("shop"))
    fetch("shop", "a", 60, fill)
    another_process()
    fill.work = lambda: None
    assert fetch("shop", "a", 60, fill) == b"2"
    another_process()
    assert fetch("shop", "a", 60, fill) == b"2"


def test_an_evicted_version_does_not_bring_old_values_back(raw: Redis) -> None:
    fill = Counted()
    fetch("shop", "a", 60, fill)
    raw.delete(*keys(raw, "version:shop"))
    another_process()
    assert fetch("shop", "a", 60, fill) == b"2"


def test_fresh_fills_anew_and_keeps_it() -> None:
    fill = Counted()
    fetch("shop", "a", 60, fill)
    assert fetch("shop", "a", 60, fill, fresh=True) == b"2"
    assert fetch("shop", "a", 60, fill) == b"2"
    another_process()
    assert fetch("shop", "a", 60, fill) == b"2"


def test_one_thread_fills_for_all() -> None:
    start = Barrier(16)
    fill = Counted(lambda: time.sleep(0.1))

    def ask(_: int) -> bytes:
        start.wait()
        return fetch("shop", "a", 60, fill)

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(ask, range(16))) == {b"1"}
    assert fill.calls == 1


def test_one_process_fills_for_all(raw: Redis) -> None:
    # Another process is an own lease and a value that comes while we wait.
    fill = Counted()
    fetch("shop", "a", 60, Counted())
    (value,) = keys(raw, "value:shop")
    kept = raw.getdel(value)
    another_process()
    raw.set(value.replace(b":value:", b":lease:"), b"")
    threading.Timer(0.1, raw.set, (value, kept)).start()
    assert fetch("shop", "a", 60, fill) == b"1"
    assert fill.calls == 0


def test_a_filler_that_died_is_waited_for_only_briefly(raw: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "PATIENCE_SECONDS", 0.1)
    fetch("shop", "a", 60, Counted())
    (value,) = keys(raw, "value:shop")
    raw.delete(value)
    another_process()
    raw.set(value.replace(b":value:", b":lease:"), b"")
    started = time.monotonic()
    assert fetch("shop", "a", 60, Counted()) == b"1"
    assert 0.1 <= time.monotonic() - started < 0.5


def test_a_filler_of_another_process_that_found_nothing_is_not_waited_for(raw: Redis) -> None:
    fetch("shop", "a", 60, Counted())
    (value,) = keys(raw, "value:shop")
    raw.delete(value)
    another_process()
    lease = value.replace(b":value:", b":lease:")
    raw.set(lease, b"")
    threading.Timer(0.1, raw.delete, (lease,)).start()
    started = time.monotonic()
    assert fetch("shop", "a", 60, Counted()) == b"1"
    assert time.monotonic() - started < cache.PATIENCE_SECONDS


def test_what_fill_raises_is_not_kept_and_holds_nobody_up(raw: Redis) -> None:
    def fail() -> bytes:
        raise LookupError("no such product")

    with pytest.raises(LookupError):
        fetch("shop", "a", 60, fail)
    assert keys(raw, "lease:shop") == keys(raw, "value:shop") == []
    assert fetch("shop", "a", 60, Counted()) == b"1"


@pytest.mark.parametrize("garbage", [b"", b"x", b"\x00" * 40, b"\xff" * 500])
def test_garbage_in_redis_is_replaced(raw: Redis, garbage: bytes) -> None:
    fill = Counted()
    fetch("shop", "a", 60, fill)
    (value,) = keys(raw, "value:shop")
    raw.set(value, garbage)
    another_process()
    assert fetch("shop", "a", 60, fill) == b"2"
    another_process()
    assert fetch("shop", "a", 60, fill) == b"2"


@pytest.mark.parametrize("kind", ["value", "version", "lease"])
def test_a_list_where_a_string_should_be_is_survived(raw: Redis, kind: str) -> None:
    fetch("shop", "a", 60, Counted())
    (value,) = keys(raw, "value:shop")
    (version,) = keys(raw, "version:shop")
    name = {"value": value, "version": version, "lease": value.replace(b":value:", b":lease:")}[kind]
    raw.delete(value, name)
    raw.rpush(name, "x")
    another_process()
    assert fetch("shop", "a", 60, Counted()) == b"1"


@pytest.mark.parametrize("key", ["x" * 100_000, "ä\n\r\x00", "\udc80", ""])
def test_any_text_is_a_key(key: str) -> None:
    fetch("shop", key, 60, Counted())
    another_process()
    assert fetch("shop", key, 60, Counted()) == b"1"


def test_a_disabled_cache_keeps_nothing(redis_url: str) -> None:
    cache.configure(redis_url, enabled=False)
    fill = Counted()
    assert [fetch("shop", "a", 60, fill) for _ in range(2)] == [b"1", b"2"]
    assert cache.redis().ping() is True


@pytest.mark.parametrize("url", [NOWHERE, None, "unix:///nowhere/redis.sock"])
def test_without_redis_the_copies_and_fill_still_answer(url: str | None) -> None:
    cache.configure(url)
    fill = Counted()
    assert [fetch("shop", "a", 60, fill) for _ in range(2)] == [b"1", b"1"]
    cache.bump("shop")
    assert fetch("shop", "a", 60, fill) == b"2"
    with pytest.raises(RedisError):
        cache.redis().ping()


def test_a_bump_that_redis_missed_is_made_up_for(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fill = Counted()
    fetch("shop", "a", 60, fill)
    monkeypatch.setattr(cache, "_rests_until", time.monotonic() + 60)
    cache.bump("shop")
    monkeypatch.setattr(cache, "_rests_until", 0.0)
    assert fetch("shop", "a", 60, fill) == b"2"


def test_a_redis_that_hangs_costs_one_request_its_time_and_no_other() -> None:
    # It takes connections and never answers, as a stopped process does.
    with create_server(("127.0.0.1", 0)) as deaf:
        cache.configure(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        started = time.monotonic()
        with pytest.raises(RedisError):
            cache.redis().ping()
        assert time.monotonic() - started < 1.0
        started = time.monotonic()
        for key in range(100):
            assert fetch("shop", str(key), 60, Counted()) == b"1"
        assert time.monotonic() - started < 0.2


def test_redis_is_asked_again_after_its_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "REST_SECONDS", 0.05)
    monkeypatch.setattr(cache, "_rests_until", time.monotonic() + 0.05)
    with pytest.raises(RedisError):
        cache.redis().ping()
    time.sleep(0.06)
    assert cache.redis().ping() is True


def test_a_slow_fill_holds_up_only_its_own_key() -> None:
    begun, go_on = Event(), Event()

    def slow() -> bytes:
        begun.set()
        go_on.wait(5)
        return b"slow"

    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(fetch, "shop", "slow", 60, slow)
        begun.wait(5)
        assert fetch("shop", "quick", 60, Counted()) == b"1"
        go_on.set()
        assert answer.result() == b"slow"
