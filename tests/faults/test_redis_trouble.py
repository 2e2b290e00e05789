"""F8: Redis is killed, emptied, full of garbage. It makes the shop fast; nothing that matters is in it."""

import time
from collections.abc import Iterator

import pytest

from shopwright.kit.cache import redis
from tests.faults.conftest import end_of, opened
from tests.faults.http import Answer, until
from tests.faults.load import Load, copies, percentile
from tests.faults.running import RunningShop

LIMIT = 40


@pytest.fixture(scope="module")
def limited_shop(_nothing_is_left: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """One web process, so that what it grants by itself is exactly the limit."""
    folder = tmp_path_factory.mktemp("limited")
    yield from opened(RunningShop(folder, {"WRITES_PER_MINUTE": str(LIMIT)}, names=("web",), web_workers=1))


def test_without_redis_each_process_limits_by_itself(limited_shop: RunningShop) -> None:
    shop = limited_shop
    shop.step_inside()
    buyer = shop.buyer()

    def opens_until_refused() -> int:
        for number in range(2 * LIMIT):
            answer = buyer.send("POST", "/v1/carts", {"channel": shop.market.channel.code})
            if answer.status_code == 429:
                assert int(answer.headers["retry-after"]) <= 60
                return number
            assert answer.status_code == 201
        return 2 * LIMIT

    assert opens_until_refused() == LIMIT
    shop.crash_redis()
    try:
        assert opens_until_refused() == LIMIT
        assert shop.get("/readyz").get_json()["degraded"] is True
    finally:
        shop.redis.start()
    shop.step_inside()
    redis().flushall()  # the window of this minute is used up
    until(lambda: shop.get("/readyz").get_json()["degraded"] is False, 10, "Redis is asked again")
    end_of(shop)


def test_a_redis_that_is_killed_under_load_loses_no_order(shop: RunningShop) -> None:
    mug, first = shop.market.product(stock_of=1_000), shop.buyer()
    first.fills_a_cart(mug)
    buyers = copies(shop, first, 300)
    load = Load(lambda number: buyers[number % 300].asks_to_order(key=f"one-key-for-the-order-{number % 300}"), rate=50)
    with load.running():
        time.sleep(1)
        shop.crash_redis()
        time.sleep(2)
        shop.redis.start()
        time.sleep(2)
    assert set(load.outcomes) == {"201"}
    assert percentile((end.seconds for _, end in load.ends if isinstance(end, Answer)), 0.9) < 3
    count = min(300, len(load.ends))
    assert shop.count("orders WHERE cart_id = ANY(%s)", [buyer.cart["id"] for buyer in buyers]) == count
    assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = %s", mug) == [(count,)]


def test_a_redis_that_is_emptied_loses_no_cart_and_no_fact(shop: RunningShop) -> None:
    mug, buyer = shop.market.product(stock_of=3), shop.buyer()
    buyer.fills_a_cart(mug)
    redis().flushall()
    order = buyer.orders()
    redis().flushall()
    assert buyer.asks_to_order().get_json()["id"] == order["id"]
    buyer.pays()
    assert buyer.looks_at_the_order()["payment_status"] == "paid"


def test_a_redis_full_of_garbage_is_not_believed(shop: RunningShop) -> None:
    mug, buyer = shop.market.product(price=1900, stock_of=50), shop.buyer()
    shop.is_quiet_within(60)
    paths = [f"/v1/products?channel={shop.market.channel.code}", "/v1/channels"]
    before = [shop.get(path).data for path in paths]
    buyer.fills_a_cart(mug)
    for garbage in (b"", b"garbage", b"\x00" * 64, b"99999999999999999999"):
        _spoil(garbage)
        assert [shop.get(path).data for path in paths] == before
        time.sleep(0.6)  # beyond what a process remembers by itself
        assert [shop.get(path).data for path in paths] == before
    for key in redis().keys("*limit*") + redis().keys("*cache*"):
        redis().delete(key)
        redis().rpush(key, "of another type")
    assert [shop.get(path).data for path in paths] == before
    time.sleep(0.6)
    assert [shop.get(path).data for path in paths] == before
    buyer.orders()
    buyer.pays()
    until(lambda: shop.get("/readyz").get_json()["degraded"] is False, 5, "Redis is well")


def _spoil(garbage: bytes) -> None:
    spoiled = [key for key in redis().keys("*") if redis().type(key) == b"string"]
    assert spoiled
    for key in spoiled:
        redis().set(key, garbage)
