"""F18, F19, F22: everybody at once, over HTTP, against two web workers."""

import os
import random
from uuid import uuid4

from tests.faults.http import Answer
from tests.faults.load import copies, outcomes, percentile
from tests.faults.running import RunningShop
from tests.races.parallel import together
from tests.shopping import Buyer

LONGEST_REFUSAL = 1.0


def test_of_a_thousand_buyers_of_ten_units_ten_get_one(shop: RunningShop) -> None:
    # What else this machine does can only add to the time: the quickest of three rounds is nearest to the shop's own.
    # Where others keep every core busy more than twice over, the second grows with them.
    limit = LONGEST_REFUSAL * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1) / 2)
    p99s: list[float] = []
    while len(p99s) < 3 and min(p99s, default=limit) >= limit:
        p99s.append(rush(shop))
    assert min(p99s) < limit, p99s


def rush(shop: RunningShop) -> float:
    """A thousand buyers, fifty at a time; in how many seconds 99 of 100 that went away empty-handed knew it."""
    mug = shop.market.product(stock_of=10)
    first = shop.buyer()
    first.fills_a_cart(mug)
    buyers = copies(shop, first, 1_000)
    answers = together([buyer.asks_to_order for buyer in buyers], threads=50)
    assert outcomes(answers) == {"201": 10, "409 out-of-stock": 990}
    assert shop.sql("SELECT on_hand, reserved FROM stock_levels WHERE variant_id = %s", mug) == [(10, 10)]
    refusals = [answer.seconds for answer in answers if isinstance(answer, Answer) and answer.status_code == 409]
    p99 = percentile(refusals, 0.99)
    print(f"F18: of 990 refusals at 50 in parallel, p50 {percentile(refusals, 0.5):.3f} s, p99 {p99:.3f} s")  # noqa: T201
    return p99


def test_a_hundred_carts_over_five_products_in_any_order_never_meet_a_deadlock(shop: RunningShop) -> None:
    mugs = [shop.market.product(stock_of=100) for _ in range(5)]
    scarce = shop.market.product(stock_of=60)

    def filled(number: int) -> Buyer:
        buyer, order = shop.buyer(), random.Random(number)
        buyer.opens_a_cart()
        for mug in order.sample([*mugs, scarce], 6):
            buyer.takes(mug)
        buyer.says_who_and_where()
        return buyer

    # Ten carts of different orders, ten times each.
    buyers = [copy for buyer in map(filled, range(10)) for copy in copies(shop, buyer, 10)]
    answers = together([buyer.asks_to_order for buyer in random.Random(1).sample(buyers, 100)], threads=50)
    assert outcomes(answers) == {"201": 60, "409 out-of-stock": 40}
    levels = "SELECT reserved FROM stock_levels WHERE variant_id = ANY(%s)"
    assert shop.sql(levels, [*mugs, scarce]) == [(60,)] * 6


def test_one_key_fifty_times_at_once_has_one_effect(shop: RunningShop) -> None:
    mug, buyer, key = shop.market.product(stock_of=100), shop.buyer(), str(uuid4())
    buyer.fills_a_cart(mug)
    answers = together([lambda: buyer.asks_to_order(key=key)] * 50, threads=50)
    assert outcomes(answers) == {"201": 50}
    assert len({answer.data for answer in answers if isinstance(answer, Answer)}) == 1
    assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = %s", mug) == [(1,)]


def test_one_key_fifty_times_at_once_with_other_bodies_is_used_by_one(shop: RunningShop) -> None:
    mug, buyer, key = shop.market.product(stock_of=100), shop.buyer(), str(uuid4())
    buyer.opens_a_cart()
    path = f"/v1/carts/{buyer.cart['id']}/items"

    def take(quantity: int) -> Answer:
        body = {"variant_id": str(mug), "quantity": quantity}
        return buyer.send("POST", path, body, key=key)  # type: ignore[return-value]  # over HTTP

    answers = together([lambda quantity=1 + number: take(quantity) for number in range(50)], threads=50)
    assert outcomes(answers) == {"201": 1, "422 idempotency-key-reused": 49}
    won = next(number for number, answer in enumerate(answers, 1) if getattr(answer, "status_code", 0) == 201)
    assert shop.sql("SELECT quantity FROM cart_lines WHERE cart_id = %s", buyer.cart["id"]) == [(won,)]


def test_one_key_of_fifty_people_is_fifty_keys(shop: RunningShop) -> None:
    mug, first, key = shop.market.product(stock_of=100), shop.buyer(), str(uuid4())
    first.fills_a_cart(mug)
    buyers = copies(shop, first, 50)
    answers = together([lambda buyer=buyer: buyer.asks_to_order(key=key) for buyer in buyers], threads=50)
    assert outcomes(answers) == {"201": 50}
    assert len({answer.get_json()["id"] for answer in answers if isinstance(answer, Answer)}) == 50


def test_one_key_on_two_routes_is_two_keys(shop: RunningShop) -> None:
    mug, buyer, key = shop.market.product(stock_of=100), shop.buyer(), str(uuid4())
    buyer.fills_a_cart(mug)
    item = {"variant_id": str(mug), "quantity": 1}
    cart = buyer.send("POST", f"/v1/carts/{buyer.cart['id']}/items", item, key=key)
    assert cart.status_code == 201
    buyer.cart |= {"total": cart.get_json()["total"]}
    answers = together([lambda: buyer.asks_to_order(key=key)] * 50, threads=50)
    assert outcomes(answers) == {"201": 50}
    assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = %s", mug) == [(2,)]
