"""F6, F23: locks that are not had, deadlocks, serialization failures; keys that are old, and a key store that is gone."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest

from tests.faults.http import insisting
from tests.faults.running import RunningShop


def test_a_lock_that_is_not_had_in_time_is_busy_and_never_an_error(shop: RunningShop) -> None:
    mug, buyer, key = shop.market.product(stock_of=3), shop.buyer(), str(uuid4())
    buyer.fills_a_cart(mug)
    with shop.standing_in_the_way("SELECT FROM stock_levels WHERE variant_id = %s FOR UPDATE", mug):
        refused = buyer.asks_to_order(key=key)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "busy")
        assert refused.headers["retry-after"] == "1"
        assert shop.count("orders WHERE cart_id = %s", buyer.cart["id"]) == 0
    assert buyer.asks_to_order(key=key).status_code == 201


@pytest.mark.parametrize("patience", ["10s", "100ms"], ids=["the-shop-loses", "the-other-loses"])
def test_a_deadlock_with_somebody_else_is_tried_again_inside(shop: RunningShop, patience: str) -> None:
    """The other locks the two levels that the order needs the wrong way round, and one of both has to give way."""
    mugs = sorted(shop.market.product(stock_of=3) for _ in range(2))
    buyer = shop.buyer()
    buyer.fills_a_cart(mugs[0])
    buyer.takes(mugs[1])
    lock = "SELECT FROM stock_levels WHERE variant_id = %s FOR UPDATE"
    with ThreadPoolExecutor(1) as pool, shop.standing_in_the_way(lock, mugs[1]) as other:
        # Who waits longer than its `deadlock_timeout` looks for a deadlock, and ends its own statement.
        other.execute(f"SET LOCAL deadlock_timeout = '{patience}'")
        order = pool.submit(buyer.asks_to_order)
        shop.waits_for_a_lock("FROM stock_levels")
        try:
            other.execute(lock, [mugs[0]])
        except psycopg.errors.DeadlockDetected:
            assert patience == "100ms"
        else:
            assert patience == "10s"
        other.rollback()
        assert order.result(timeout=20).status_code == 201
    assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = ANY(%s)", mugs) == [(1,), (1,)]


def test_serialization_failures_are_tried_again_inside(shop: RunningShop) -> None:
    mug, buyer = shop.market.product(stock_of=50), shop.buyer()
    buyer.fills_a_cart(mug)
    [(role, database)] = shop.sql("SELECT current_user, current_database()")
    # The strictest level, which refuses what it cannot prove: every new session of the shop runs in it.
    setting = f'ALTER ROLE "{role}" IN DATABASE "{database}" {{}} default_transaction_isolation'
    shop.sql(setting.format("SET") + " = 'serializable'")
    try:
        _new_sessions(shop)
        before = _conflicts(shop)
        touch = "UPDATE stock_levels SET reserved = reserved WHERE variant_id = %s"
        with ThreadPoolExecutor(1) as pool, shop.standing_in_the_way(touch, mug) as other:
            order = pool.submit(buyer.asks_to_order)
            shop.waits_for_a_lock("FROM stock_levels")
            other.commit()  # what the order waits for is not what it saw when it began
            assert order.result(timeout=20).status_code == 201
        assert _conflicts(shop) > before, "nothing was refused, so nothing was shown"
    finally:
        shop.sql(setting.format("RESET"))
        _new_sessions(shop)
    assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = %s", mug) == [(1,)]


def _new_sessions(shop: RunningShop) -> None:
    shop.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
    )
    shop.forget_connections()
    shop.is_ready_within(10)


def _conflicts(shop: RunningShop) -> int:
    return dict(shop.logs())["postgres.log"].count("could not serialize access")


@pytest.mark.parametrize(("age", "is_replayed"), [(23, True), (25, False)])
def test_a_key_is_kept_for_a_day(shop: RunningShop, age: int, is_replayed: bool) -> None:
    buyer, key = shop.buyer(), str(uuid4())
    body = {"channel": shop.market.channel.code}
    first = buyer.send("POST", "/v1/carts", body, key=key)
    assert first.status_code == 201
    shop.sql(
        "UPDATE idempotency_keys SET created_at = created_at - make_interval(hours => %s)"
        " WHERE created_at = (SELECT max(created_at) FROM idempotency_keys)", age,
    )  # fmt: skip
    again = buyer.send("POST", "/v1/carts", body, key=key)
    assert again.status_code == 201
    assert (again.data == first.data) == is_replayed == ("idempotent-replayed" in again.headers)


def test_without_the_key_store_nothing_is_begun(shop: RunningShop) -> None:
    mug, buyer, key = shop.market.product(stock_of=3), shop.buyer(), str(uuid4())
    buyer.fills_a_cart(mug)
    shop.crash_database()
    try:
        started = time.monotonic()
        refused = buyer.asks_to_order(key=key)
        assert refused.end == "503 unavailable"
        assert refused.headers["retry-after"] == "2"
        assert time.monotonic() - started < 5
        assert shop.get("/livez").status_code == 200
        assert shop.get("/readyz").end == "503 unavailable"
    finally:
        shop.database.start()
    again = insisting(lambda: buyer.asks_to_order(key=key))
    assert again.end == "201"
    assert insisting(lambda: buyer.asks_to_order(key=key)).data == again.data
    assert shop.count("orders WHERE cart_id = %s", buyer.cart["id"]) == 1
