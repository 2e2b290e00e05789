"""F5, F8, F31: the network between the shop and its database or its Redis is slow, cut, silent or loses connections."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from uuid import uuid4

import pytest

from tests.faults.conftest import end_of, opened
from tests.faults.http import Answer, Cut, insisting, until
from tests.faults.load import Load, copies, outcomes, percentile, repeated
from tests.faults.running import RunningShop
from tests.faults.toxiproxy import Toxiproxy
from tests.races.parallel import together


@pytest.fixture(scope="module")
def _far_shop(
    _nothing_is_left: object, toxiproxy: Toxiproxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningShop]:
    """Its programs reach database and Redis through Toxiproxy. A statement may take three seconds."""
    environment = {"DB_STATEMENT_TIMEOUT_MS": "3000", "DB_LOCK_TIMEOUT_MS": "2000"}
    folder = tmp_path_factory.mktemp("far")
    yield from opened(RunningShop(folder, environment, web_workers=1, through=toxiproxy))


@pytest.fixture
def far_shop(_far_shop: RunningShop) -> Iterator[RunningShop]:
    _far_shop.step_inside()
    yield _far_shop
    end_of(_far_shop)


def test_a_database_that_falls_silent_is_given_up_and_the_process_stays_alive(
    far_shop: RunningShop, toxiproxy: Toxiproxy
) -> None:
    shop, mug = far_shop, far_shop.market.product(stock_of=200)
    first = shop.buyer()
    first.fills_a_cart(mug)
    buyers = copies(shop, first, 60)
    with toxiproxy.poisoned("postgres", "timeout", timeout=0), ThreadPoolExecutor(8) as pool:
        held = [pool.submit(buyer.asks_to_order) for buyer in buyers[:8]]
        time.sleep(1.5)
        started = time.monotonic()
        answers = together([buyer.asks_to_order for buyer in buyers[8:]], threads=20)
        alive = shop.get("/livez")
        assert (alive.status_code, shop.get("/readyz").end) == (200, "503 unavailable")
        assert outcomes(answers) == {"503 unavailable": 52}
        assert time.monotonic() - started < 15
        assert alive.seconds < 1.5
        assert outcomes(future.result() for future in held) == {"503 unavailable": 8}
        assert max(future.result().seconds for future in held) < 6
    until(lambda: shop.get("/readyz").status_code == 200, 10, "the shop has recovered")
    ends = together([lambda buyer=buyer: insisting(buyer.asks_to_order) for buyer in buyers], threads=8)
    assert outcomes(ends) == {"201": 60}
    assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = %s", mug) == [(60,)]


def test_a_commit_whose_answer_is_lost_is_one_order_all_the_same(far_shop: RunningShop, toxiproxy: Toxiproxy) -> None:
    shop, mug, key = far_shop, far_shop.market.product(stock_of=5), str(uuid4())
    buyer = shop.buyer()
    buyer.fills_a_cart(mug)
    with ThreadPoolExecutor(1) as pool, shop.no_commit_answered() as comes:
        first = pool.submit(buyer.asks_to_order, key=key)
        comes()
        with toxiproxy.cut("postgres"):
            assert first.result(timeout=10).end == "503 unavailable"
    again = insisting(lambda: buyer.asks_to_order(key=key))
    assert again.end == "201"
    assert again.headers["idempotent-replayed"] == "true"
    assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = %s", mug) == [(1,)]


def test_a_partition_costs_nothing_but_its_own_time(far_shop: RunningShop, toxiproxy: Toxiproxy) -> None:
    shop, mug = far_shop, far_shop.market.product(stock_of=500)
    first = shop.buyer()
    first.fills_a_cart(mug)
    buyers = copies(shop, first, 250)
    load = Load(lambda number: buyers[number % 250].asks_to_order(key=f"one-key-for-the-order-{number % 250}"), rate=30)
    with load.running():
        time.sleep(1)
        with toxiproxy.cut("postgres"):
            time.sleep(2)
        is_back = time.monotonic()
        until(lambda: shop.get("/readyz").status_code == 200, 10, "the shop has recovered")
        time.sleep(1.5)
    assert set(load.outcomes) == {"201", "503 unavailable"}
    assert max(end.seconds for _, end in load.ends if isinstance(end, Answer)) < 6
    assert {end.end for at, end in load.ends if at > is_back + 1 and isinstance(end, Answer)} == {"201"}


def test_a_slow_network_is_slow_and_right(far_shop: RunningShop, toxiproxy: Toxiproxy) -> None:
    shop, mug = far_shop, far_shop.market.product(stock_of=20)
    first = shop.buyer()
    first.fills_a_cart(mug)
    buyers = copies(shop, first, 8)
    with toxiproxy.poisoned("postgres", "latency", latency=200):
        answers = together([buyer.asks_to_order for buyer in buyers], threads=4)
        # Those that wait for the same stock behind others may be told that it is busy.
        assert set(outcomes(answers)) <= {"201", "409 busy", "503 unavailable"}
        assert shop.get("/livez").seconds < 1
    ends = together([lambda buyer=buyer: insisting(buyer.asks_to_order) for buyer in buyers], threads=4)
    assert outcomes(ends) == {"201": 8}
    assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = %s", mug) == [(8,)]


def resets(toxiproxy: Toxiproxy, name: str) -> AbstractContextManager[None]:
    """Reset what connections there are, four times a second."""

    def reset() -> None:
        with toxiproxy.poisoned(name, "reset_peer", timeout=0):
            time.sleep(0.01)

    return repeated(reset, 0.25)


def test_connections_that_are_reset_are_opened_anew(far_shop: RunningShop, toxiproxy: Toxiproxy) -> None:
    shop, mug = far_shop, far_shop.market.product(stock_of=500)
    first = shop.buyer()
    first.fills_a_cart(mug)
    buyers = copies(shop, first, 150)
    with resets(toxiproxy, "postgres"):
        asks = [
            lambda buyer=buyer, number=number: insisting(lambda: buyer.asks_to_order(key=f"the-key-of-number-{number}"))
            for number, buyer in enumerate(buyers)
        ]
        answers = together(asks, threads=4)
    assert outcomes(answers) == {"201": 150}
    assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = %s", mug) == [(150,)]


def test_a_redis_that_takes_five_seconds_is_left_alone(far_shop: RunningShop, toxiproxy: Toxiproxy) -> None:
    shop, mug = far_shop, far_shop.market.product(stock_of=500)
    first = shop.buyer()
    first.fills_a_cart(mug)
    buyers = copies(shop, first, 100)
    listing = f"/v1/products?channel={shop.market.channel.code}"
    with toxiproxy.poisoned("redis", "latency", latency=5000):
        load = Load(lambda number: buyers[number].asks_to_order() if number < 100 else shop.get(listing), rate=30)
        with load.running():
            until(lambda: len(load.ends) > 150, 60, "customers go on")
    assert set(load.outcomes) == {"200", "201"}
    seconds = [end.seconds for _, end in load.ends if not isinstance(end, Cut)]
    # One request a second finds out anew that Redis is slow, and waits half a second for it.
    assert percentile(seconds, 0.5) < 1.5
    assert percentile(seconds, 0.9) < 3
    until(lambda: shop.get("/readyz").get_json()["degraded"] is False, 10, "Redis is well")
