"""F2, F33: what works behind the scenes is killed in the middle of a job, or handed something that cannot be done."""

import time
from uuid import UUID, uuid4

import pytest

from shopwright.commerce.pricing import service as pricing
from shopwright.kit import queue
from shopwright.kit.cache import redis
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction
from tests.faults.http import until
from tests.faults.running import RunningShop, tell_the_worker

RECEIPTS = """SELECT count(*) FROM outbox_receipts JOIN outbox ON outbox.id = event_id
    WHERE name = 'pricing.PriceChanged' AND payload->>'variant_id' = %s GROUP BY event_id, subscriber"""


def listed_at(shop: RunningShop, mug: UUID) -> int | None:
    listed = shop.sql("SELECT lowest_amount FROM listings JOIN variants USING (product_id) WHERE variants.id = %s", mug)
    return listed[0][0] if listed else None


def price(shop: RunningShop, mug: UUID, amount: int) -> None:
    with transaction():
        pricing.set_price(mug, shop.market.channel.id, Money(amount, "EUR"))


@pytest.mark.parametrize("all_of_it", [False, True], ids=["one-process", "the-whole-worker"])
def test_a_worker_killed_while_it_hears_a_fact(shop: RunningShop, all_of_it: bool) -> None:
    mug = shop.market.product(price=1900)
    shop.is_quiet_within(60)
    assert listed_at(shop, mug) == 1900
    with shop.standing_in_the_way("LOCK TABLE listings IN EXCLUSIVE MODE"):
        price(shop, mug, 2400)
        shop.waits_for_a_lock("listings")
        if all_of_it:
            shop.kill("worker")
        else:
            shop.kill_children("worker")
    if all_of_it:
        shop.start("worker")
    until(lambda: listed_at(shop, mug) == 2400, 60, "the fact is heard after all")
    shop.is_quiet_within(60)
    # Both facts, the first price and the second, were heard once by each who hears prices: the listings and search.
    assert shop.sql(RECEIPTS, str(mug)) == [(1,)] * 4


def test_a_worker_killed_in_the_midst_of_closing_an_unpaid_order(shop: RunningShop) -> None:
    mug, buyer = shop.market.product(stock_of=5), shop.buyer()
    buyer.fills_a_cart(mug, quantity=2)
    order_id = buyer.orders()["id"]
    with shop.standing_in_the_way("SELECT FROM stock_levels WHERE variant_id = %s FOR UPDATE", mug):
        shop.sql("UPDATE orders SET expires_at = now() - interval '1 minute' WHERE id = %s", order_id)
        tell_the_worker("shopwright.commerce.orders.tasks.expire_orders")
        shop.waits_for_a_lock("FROM stock_levels")
        shop.kill_children("worker")
        assert shop.sql("SELECT state FROM orders WHERE id = %s", order_id) == [("open",)]
    closed = "orders WHERE id = %s AND state = 'expired'"
    until(lambda: shop.count(closed, order_id), 60, "the order is closed after all")
    assert shop.count("order_events WHERE order_id = %s AND kind = 'expired'", order_id) == 1
    assert shop.sql("SELECT on_hand, reserved FROM stock_levels WHERE variant_id = %s", mug) == [(5, 0)]


def test_jobs_that_cannot_be_done_do_not_stop_the_worker(shop: RunningShop) -> None:
    for name in ("critical", "default"):
        tell_the_worker("shopwright.no.such.task", queue=name)
        tell_the_worker("shopwright.kit.outbox.deliver", args=["nobody", ["no-uuid"]], queue=name)
        tell_the_worker("shopwright.kit.outbox.relay", args=["one too many"], queue=name)
        with queue.celery.connection_for_write() as connection:
            connection.Producer().publish(
                "not JSON", routing_key=name, exchange=name, content_type="application/json", serializer=None
            )
    mug = shop.market.product(price=1700)
    until(lambda: listed_at(shop, mug) == 1700, 60, "the worker goes on with what it can do")
    until(lambda: redis().llen("critical") == redis().llen("default") == 0, 30, "nothing is in the way")
    assert shop.programs["worker"].is_alive()


def test_a_fact_that_cannot_be_heard_is_set_aside_and_holds_up_only_its_own(shop: RunningShop) -> None:
    poison, aggregate = uuid4(), uuid4()
    shop.sql(
        "INSERT INTO outbox (id, name, aggregate_id, payload, emitted_at)"
        " VALUES (%s, 'pricing.PriceChanged', %s, '{\"variant_id\": \"no-uuid\"}', now())",
        poison, aggregate,
    )  # fmt: skip
    failed = "outbox_failures WHERE event_id = %s"
    mug = shop.market.product(price=1600)
    until(lambda: listed_at(shop, mug) == 1600, 30, "others are heard meanwhile")
    deadline = time.monotonic() + 60
    while shop.count(failed + " AND set_aside_at IS NOT NULL", poison) < 2:
        assert time.monotonic() < deadline
        # The pauses between the tries grow to minutes: have them over at once.
        shop.sql("UPDATE outbox_failures SET try_again_at = now() WHERE event_id = %s", poison)
        shop.sql("UPDATE outbox SET sent_at = NULL WHERE id = %s", poison)
        time.sleep(0.5)
    # By each who hears it.
    assert shop.sql("SELECT tries FROM outbox_failures WHERE event_id = %s", poison) == [(8,), (8,)]
    price(shop, mug, 1500)
    until(lambda: listed_at(shop, mug) == 1500, 30, "and after it was set aside, too")
