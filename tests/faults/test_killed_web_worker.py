"""F1, the part of placing an order: a web worker is killed at each of its recovery points, and the client asks again."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from uuid import uuid4

import pytest

from tests.faults.http import Cut, insisting
from tests.faults.running import RunningShop
from tests.shopping import Buyer

#: Stops the next order at a point; what it gives waits until one has come there.
Point = Callable[[RunningShop, Buyer], AbstractContextManager[Callable[[], None]]]


@contextmanager
def before_the_cart(shop: RunningShop, buyer: Buyer) -> Iterator[Callable[[], None]]:
    with shop.standing_in_the_way("SELECT FROM carts WHERE id = %s FOR UPDATE", buyer.cart["id"]):
        yield lambda: shop.waits_for_a_lock("FROM carts")


@contextmanager
def before_reserving(shop: RunningShop, buyer: Buyer) -> Iterator[Callable[[], None]]:
    with shop.standing_in_the_way("SELECT FROM stock_levels FOR UPDATE"):
        yield lambda: shop.waits_for_a_lock("FROM stock_levels")


@contextmanager
def after_reserving(shop: RunningShop, buyer: Buyer) -> Iterator[Callable[[], None]]:
    """All that is written, and `COMMIT`, has been sent together: PostgreSQL goes through with it, whoever has asked is gone."""
    with shop.standing_in_the_way("LOCK TABLE orders IN SHARE MODE"):
        yield lambda: shop.waits_for_a_lock("INSERT INTO order_lines")


@contextmanager
def with_the_commit_on_its_way(shop: RunningShop, buyer: Buyer) -> Iterator[Callable[[], None]]:
    """The same, once the order has been written."""
    with shop.standing_in_the_way("LOCK TABLE outbox IN SHARE MODE"):
        yield lambda: shop.waits_for_a_lock("INSERT INTO outbox")


@contextmanager
def after_the_commit(shop: RunningShop, buyer: Buyer) -> Iterator[Callable[[], None]]:
    with shop.no_commit_answered() as comes:
        yield comes


@pytest.mark.parametrize(
    ("point", "is_done"),
    [
        (before_the_cart, False),
        (before_reserving, False),
        (after_reserving, True),
        (with_the_commit_on_its_way, True),
        (after_the_commit, True),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_web_worker_killed_while_an_order_is_placed(shop: RunningShop, point: Point, is_done: bool) -> None:
    mug, buyer, key = shop.market.product(stock_of=3), shop.buyer(), str(uuid4())
    buyer.fills_a_cart(mug, quantity=2)
    with ThreadPoolExecutor(1) as pool, point(shop, buyer) as comes:
        first = pool.submit(buyer.asks_to_order, key=key)
        comes()
        shop.kill_children("web")
        assert isinstance(first.exception(timeout=10), Cut)
    shop.comes_back_within(30)
    again = insisting(lambda: buyer.asks_to_order(key=key))
    assert again.end == "201", again.text
    assert ("idempotent-replayed" in again.headers) == is_done
    assert insisting(lambda: buyer.asks_to_order(key=key)).data == again.data
    assert shop.count("orders WHERE cart_id = %s", buyer.cart["id"]) == 1
    assert shop.sql("SELECT on_hand, reserved, claimed FROM stock_levels WHERE variant_id = %s", mug) == [(3, 2, 0)]
