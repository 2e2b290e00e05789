"""F3, F4: a rolling restart and a crash of the database, each in the midst of buying."""

import time
from collections.abc import Callable
from uuid import uuid4

from tests.faults.http import Answer, Cut, insisting, until
from tests.faults.load import Load, copies
from tests.faults.running import RunningShop


def after_cuts(ask: Callable[[], Answer]) -> Answer:
    """What a client gets that opens its connection anew, as all do: its library or its proxy."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return ask()
        except Cut:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_a_rolling_restart_under_load_fails_nobody(shop: RunningShop) -> None:
    mug = shop.market.product(stock_of=1_000)
    opened: list[str] = []

    def visit(number: int) -> Answer:
        if number % 5:
            return after_cuts(lambda: shop.get("/v1/channels"))
        key = str(uuid4())
        buyer = shop.buyer()
        answer = after_cuts(lambda: buyer.send("POST", "/v1/carts", {"channel": shop.market.channel.code}, key=key))
        opened.append(answer.get_json()["id"])
        return answer

    load = Load(visit, rate=200)
    with load.running():
        time.sleep(1)
        shop.stop("web")
        shop.start("web")
        until(lambda: len(load.ends) > 800, 60, "customers go on")
    assert set(load.outcomes) == {"200", "201"}
    assert shop.programs["web"].exit_code is None
    assert shop.count("carts WHERE id = ANY(%s)", opened) == len(opened) == load.outcomes["201"]
    buyer = shop.buyer()
    buyer.fills_a_cart(mug)
    buyer.orders()


def test_a_database_that_crashes_under_load_costs_a_few_seconds_and_no_order(shop: RunningShop) -> None:
    mug, first = shop.market.product(stock_of=1_000), shop.buyer()
    first.fills_a_cart(mug)
    buyers = copies(shop, first, 400)
    placed: dict[int, str] = {}

    def order(number: int) -> Answer:
        answer = buyers[number % 400].asks_to_order(key=f"one-key-for-the-order-{number % 400}")
        if answer.status_code == 201:
            placed[number % 400] = answer.get_json()["id"]
        return answer

    load = Load(order, rate=40)
    with load.running():
        time.sleep(1.5)
        shop.crash_database()
        time.sleep(1)
        shop.database.start()
        is_back = time.monotonic()
        until(lambda: shop.get("/readyz").status_code == 200, 10, "the shop has recovered")
        print(f"F4: ready {time.monotonic() - is_back:.2f} s after the database was")  # noqa: T201
        time.sleep(2)
    assert set(load.outcomes) == {"201", "503 unavailable"}
    unavailable = [end for _, end in load.ends if isinstance(end, Answer) and end.status_code == 503]
    assert all(end.headers["retry-after"] == "2" for end in unavailable)
    # Those that were told 503, or were never asked again: the same key once more.
    for number, buyer in enumerate(buyers[: max(placed) + 1]):
        again = insisting(lambda buyer=buyer, number=number: buyer.asks_to_order(key=f"one-key-for-the-order-{number}"))
        assert again.end == "201"
        assert placed.setdefault(number, again.get_json()["id"]) == again.get_json()["id"]
    found = shop.sql("SELECT id::text FROM orders WHERE cart_id = ANY(%s)", [buyer.cart["id"] for buyer in buyers])
    assert {order_id for (order_id,) in found} == set(placed.values())
    assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = %s", mug) == [(len(placed),)]
