import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shopwright.kit import cache, ids, ratelimit
from shopwright.kit.ratelimit import Limit, Verdict, headers, take

THREE = Limit("test", 3, 60)


@pytest.fixture(params=["with Redis", "without Redis"])
def _counted(request: pytest.FixtureRequest, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("_is_reachable", "_rests_until", "_prefix", "_enabled"):
        monkeypatch.setattr(cache, name, getattr(cache, name))
    monkeypatch.setattr(cache, "_redis", None)
    monkeypatch.setattr(ratelimit, "_own", ratelimit._OwnWindows())
    monkeypatch.setattr(ratelimit, "_lots", ratelimit._Lots())
    cache.configure(redis_url if request.param == "with Redis" else None, prefix=f"test:{ids.new()}:")
    yield
    cache.configure(None)


pytestmark = pytest.mark.usefixtures("_counted")


def test_a_quota_is_granted_and_no_more() -> None:
    assert [take(THREE, "a") for _ in range(4)] == [
        Verdict(True, 2, 60, THREE),
        Verdict(True, 1, 60, THREE),
        Verdict(True, 0, 60, THREE),
        Verdict(False, 0, 60, THREE),
    ]


def test_each_key_and_each_limit_counts_for_itself() -> None:
    take(THREE, "a", cost=3)
    assert take(THREE, "b").remaining == 2
    assert take(Limit("other", 3, 60), "a").remaining == 2


def test_what_costs_more_than_is_left_is_refused_and_costs_nothing() -> None:
    assert take(THREE, "a", cost=2).remaining == 1
    assert take(THREE, "a", cost=2) == Verdict(False, 1, 60, THREE)
    assert take(THREE, "a", cost=1) == Verdict(True, 0, 60, THREE)
    assert take(THREE, "b", cost=4) == Verdict(False, 3, 60, THREE)


def test_after_its_window_the_quota_is_whole_again() -> None:
    short = Limit("short", 1, 1)
    assert [take(short, "a").allowed for _ in range(2)] == [True, False]
    time.sleep(1.05)
    assert [take(short, "a").allowed for _ in range(2)] == [True, False]


def test_many_at_once_get_exactly_the_quota() -> None:
    fifty = Limit("many", 50, 60)
    with ThreadPoolExecutor(16) as threads:
        granted = list(threads.map(lambda _: take(fifty, "a").allowed, range(200)))
    assert granted.count(True) == 50


LARGE = Limit("large", 600, 60)


def test_of_a_large_quota_exactly_the_quota_is_granted() -> None:
    with ThreadPoolExecutor(16) as threads:
        granted = list(threads.map(lambda _: take(LARGE, "a").allowed, range(800)))
    assert granted.count(True) == 600
    assert not take(LARGE, "a").allowed


def test_what_is_left_of_a_large_quota_is_told_one_by_one() -> None:
    assert [take(LARGE, "a").remaining for _ in range(30)] == [*range(599, 569, -1)]


def test_two_processes_grant_no_more_than_the_quota_and_lose_less_than_a_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    if not cache._is_reachable:
        pytest.skip("without Redis each process grants the quota by itself")
    take(LARGE, "a")
    monkeypatch.setattr(ratelimit, "_lots", ratelimit._Lots())
    granted = [take(LARGE, "a").allowed for _ in range(700)].count(True)
    # The first process sits on the rest of its lot of 12.
    assert granted == 600 - 12


def test_redis_is_asked_once_for_a_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    if not cache._is_reachable:
        pytest.skip("without Redis nobody is asked")
    take(LARGE, "a")
    monkeypatch.setattr(cache, "_is_reachable", False)
    assert [take(LARGE, "a").remaining for _ in range(11)] == [*range(598, 587, -1)]


def test_a_lot_ends_with_its_window() -> None:
    short = Limit("short-large", 100, 1)
    take(short, "a")
    time.sleep(1.05)
    assert take(short, "a").remaining == 99


@pytest.mark.parametrize("started", [119.05, 8142.7, 0.1])  # of the first two, started + 60 - started > 60
def test_a_window_is_never_told_longer_than_it_is(monkeypatch: pytest.MonkeyPatch, started: float) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: started)
    assert take(THREE, "a").reset_seconds == 60


@pytest.mark.parametrize("key", ["", "\udc80", "x" * 10**6, "a\r\nSET b c"])
def test_any_text_is_a_key(key: str) -> None:
    assert take(THREE, key) == Verdict(True, 2, 60, THREE)


def test_a_script_that_redis_forgot_is_sent_again() -> None:
    take(THREE, "a")
    if cache._is_reachable:
        cache.redis().script_flush()
    assert take(THREE, "a").remaining == 1


def test_garbage_under_the_key_opens_nothing() -> None:
    take(THREE, "a", cost=3)
    if cache._is_reachable:
        (name,) = cache.redis().keys(f"{cache._prefix}limit:*")
        cache.redis().delete(name)
        cache.redis().rpush(name, "x")
    take(THREE, "a", cost=3)
    assert not take(THREE, "a").allowed


def test_a_redis_that_goes_leaves_the_same_limit_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    take(THREE, "a", cost=3)
    monkeypatch.setattr(cache, "_is_reachable", False)
    granted = [take(THREE, "a").allowed for _ in range(5)]
    assert granted.count(True) <= 3
    assert granted[-2:] == [False, False]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_is_reachable", False)
    monkeypatch.setattr(ratelimit, "WINDOWS", 10)
    for key in range(50):
        take(THREE, str(key))
    assert len(ratelimit._own._windows) == 10


def test_a_client_is_told_its_limit() -> None:
    assert headers(Verdict(True, 42, 17, Limit("default", 100, 60))) == {
        "RateLimit-Policy": '"default";q=100;w=60',
        "RateLimit": '"default";r=42;t=17',
    }


def test_a_refused_client_is_told_when_to_come_again() -> None:
    assert headers(Verdict(False, 0, 17, Limit("default", 100, 60))) == {
        "RateLimit-Policy": '"default";q=100;w=60',
        "RateLimit": '"default";r=0;t=17',
        "Retry-After": "17",
    }


TRUSTED = Limit("trusted", 500, 60, on_trust=True)


def test_the_first_lot_on_trust_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "redis", lambda: pytest.fail("Redis was asked"))
    assert [take(TRUSTED, "a").remaining for _ in range(10)] == [*range(499, 489, -1)]


def test_what_was_granted_on_trust_is_counted_with_the_next_lot() -> None:
    with ThreadPoolExecutor(16) as threads:
        granted = list(threads.map(lambda _: take(TRUSTED, "a").allowed, range(700)))
    if cache._is_reachable:
        assert granted.count(True) == 500
    else:
        # The lot on trust lies beside what a process grants by itself while Redis is gone.
        assert granted.count(True) == 500 + 10


def test_each_process_grants_one_lot_on_trust_beyond_the_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    if not cache._is_reachable:
        pytest.skip("without Redis each process grants the quota by itself")
    assert [take(TRUSTED, "a").allowed for _ in range(501)].count(True) == 500
    monkeypatch.setattr(ratelimit, "_lots", ratelimit._Lots())
    assert [take(TRUSTED, "a").allowed for _ in range(700)].count(True) == 10


def test_lots_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "WINDOWS", 10)
    for key in range(50):
        take(TRUSTED, str(key))
    assert len(ratelimit._lots._kept) == 10
