"""How old what is kept may be: a copy, a page that the clock changes, what was begun too early, what Redis missed."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from redis import Redis, RedisError

from shopwright.kit import cache, clock, copies
from shopwright.kit.copies import Copy
from tests.kit.test_cache import Counted, another_process, fetch, keys

pytestmark = pytest.mark.usefixtures("own_cache")


def test_copies_are_bounded_by_count_and_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "COPIES", 3)
    monkeypatch.setattr(copies, "COPIES_BYTES", 10)
    kept = copies.Copies()

    def put(key: str, value: bytes) -> None:
        kept.put(("shop", key), Copy(value, time.monotonic(), None, len(value)), 0.0)

    def get(key: str) -> object:
        return kept.get(("shop", key), 0.0)

    for key in "abcd":
        put(key, b"1")
        get("b")
    assert [get(key) for key in "abcd"] == [None, b"1", b"1", b"1"]
    put("e", b"123456789")
    assert [get(key) for key in "bcde"] == [None, None, b"1", b"123456789"]
    put("huge", b"x" * 11)
    assert kept._bytes == len(kept._kept) == 0


def test_a_copy_that_is_too_old_to_be_taken_takes_no_room() -> None:
    kept, old, new = copies.Copies(), Copy(b"old", 1.0, None, 3), Copy(b"new", 2.0, None, 3)
    kept.put(("shop", "a"), old, 0.0)
    kept.put(("shop", "b"), new, 1.0)
    assert [kept.get(("shop", key), 0.0) for key in "ab"] == [b"old", b"new"]
    kept.put(("shop", "c"), new, 1.5)
    assert [kept.get(("shop", key), 0.0) for key in "abc"] == [None, b"new", b"new"]
    assert kept._bytes == 6


def test_nothing_outlives_the_moment_at_which_the_clock_changes_it() -> None:
    fill, noon = Counted(), datetime(2030, 1, 1, 12, tzinfo=UTC)
    with clock.held_at(noon - timedelta(microseconds=1)):
        assert [fetch("shop", "a", 60, fill, noon) for _ in range(2)] == [b"1", b"1"]
        another_process()
        assert fetch("shop", "a", 60, fill, noon) == b"1"
    with clock.held_at(noon):
        assert fetch("shop", "a", 60, fill, None) == b"2"
        another_process()
        assert fetch("shop", "a", 60, fill, None) == b"2"


def test_what_ran_out_while_it_was_filled_is_not_kept() -> None:
    fill, noon = Counted(), datetime(2030, 1, 1, 12, tzinfo=UTC)
    with clock.held_at(noon):
        assert [fetch("shop", "a", 60, fill, noon) for _ in range(2)] == [b"1", b"2"]
        another_process()
        assert fetch("shop", "a", 60, fill, noon) == b"3"


def test_a_copy_of_what_took_long_to_fill_is_as_old_as_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "GRACE_SECONDS", 0.05)
    fill = Counted(lambda: time.sleep(0.06))
    fetch("shop", "a", 60, fill)
    cache.redis().flushdb()
    assert fetch("shop", "a", 60, fill) == b"2"


def test_a_copy_that_was_begun_before_a_bump_of_this_process_is_none() -> None:
    fill = Counted(lambda: cache.bump("shop"))
    fetch("shop", "a", 60, fill)
    fill.work = lambda: None
    assert fetch("shop", "a", 60, fill) == b"2"


def test_who_asks_for_fresh_at_once_shares_what_was_begun_since() -> None:
    start = Barrier(8)
    fill = Counted(lambda: time.sleep(0.1))

    def ask(_: int) -> bytes:
        start.wait()
        return fetch("shop", "a", 60, fill, fresh=True)

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(ask, range(8)))
    assert answers <= {b"1", b"2"}
    assert fill.calls <= 2


def test_what_is_owed_is_told_though_nobody_asks_this_process(raw: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch("shop", "a", 60, Counted())
    (version,) = keys(raw, "version:shop")
    before = raw.get(version)
    monkeypatch.setattr(cache, "_rests_until", time.monotonic() + 0.2)
    cache.bump("shop")
    assert raw.get(version) == before
    deadline = time.monotonic() + 5
    while raw.get(version) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert raw.get(version) not in (None, before)
    assert cache._owed == set()


def test_who_can_try_again_is_told_that_redis_was_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_rests_until", time.monotonic() + 60)
    with pytest.raises(RedisError):
        cache.bump_now("shop")


def test_a_shop_without_redis_has_nothing_to_tell() -> None:
    cache.configure(None)
    cache.bump_now("shop")
    assert cache._owed == set()
