"""Parallel buyers against real commits: the promises of the checkout, watched being kept."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from shopwright.commerce.cart import service as carts
from shopwright.commerce.inventory import queries as inventory
from shopwright.commerce.orders import service as orders
from shopwright.kit import clock, db, ids
from shopwright.kit.principal import Principal, acting_as
from shopwright.kit.transaction import reading, transaction
from tests.races.parallel import together
from tests.shopping import Buyer, Shop, make_shop


@pytest.fixture
def shop(real_app: Flask) -> Shop:
    return make_shop()


def buyer_of(app: Flask, shop: Shop) -> Buyer:
    return Buyer(app.test_client(), shop)


def outcomes(answers: list[TestResponse | Exception]) -> Counter[str]:
    """How many had which end; an exception is one of its own."""
    return Counter(
        repr(answer) if isinstance(answer, Exception)
        else str(answer.status_code) if answer.status_code < 400
        else f"{answer.status_code} {answer.get_json()['code']}"
        for answer in answers
    )  # fmt: skip


def test_s18_of_two_hundred_buyers_of_the_last_unit_one_gets_it(real_app: Flask, shop: Shop) -> None:
    mug = shop.product(stock_of=1)
    buyers = [buyer_of(real_app, shop) for _ in range(200)]
    together([lambda buyer=buyer: buyer.fills_a_cart(mug) for buyer in buyers])
    answers = together([buyer.asks_to_order for buyer in buyers])
    assert outcomes(answers) == {"201": 1, "409 out-of-stock": 199}


def test_carts_that_overlap_in_opposite_orders_never_deadlock(real_app: Flask, shop: Shop) -> None:
    mugs = [shop.product(stock_of=20) for _ in range(5)]
    buyers = [buyer_of(real_app, shop) for _ in range(48)]

    def fill(number: int, buyer: Buyer) -> None:
        buyer.opens_a_cart()
        for mug in mugs if number % 2 else reversed(mugs):
            buyer.takes(mug)
        buyer.says_who_and_where()

    together([lambda number=number, buyer=buyer: fill(number, buyer) for number, buyer in enumerate(buyers)])
    answers = together([buyer.asks_to_order for buyer in buyers])
    assert outcomes(answers) == {"201": 20, "409 out-of-stock": 28}
    with reading():
        assert set(inventory.available(shop.channel.id, mugs).values()) == {0}


def test_the_same_key_fifty_times_at_once_has_one_effect_and_one_answer(real_app: Flask, shop: Shop) -> None:
    mug = shop.product(stock_of=100)
    buyer = buyer_of(real_app, shop)
    buyer.fills_a_cart(mug)
    answers = together([lambda: buyer_with(real_app, buyer).asks_to_order(key="one-key-for-all-fifty")] * 50)
    assert outcomes(answers) == {"201": 50}
    assert len({answer.data for answer in answers if isinstance(answer, TestResponse)}) == 1
    with reading():
        assert inventory.available(shop.channel.id, [mug])[mug] == 99


def buyer_with(app: Flask, other: Buyer) -> Buyer:
    """The same buyer in another tab."""
    return Buyer(app.test_client(), other.shop, cart=other.cart, order=other.order)


def test_one_cart_ordered_from_many_tabs_is_one_order(real_app: Flask, shop: Shop) -> None:
    buyer = buyer_of(real_app, shop)
    buyer.fills_a_cart(shop.product(stock_of=100))
    answers = together([lambda: buyer_with(real_app, buyer).asks_to_order() for _ in range(30)])
    assert outcomes(answers) == {"201": 30}
    assert len({answer.get_json()["id"] for answer in answers if isinstance(answer, TestResponse)}) == 1


def test_two_tabs_that_pay_at_once_charge_once(real_app: Flask, shop: Shop) -> None:
    buyer = buyer_of(real_app, shop)
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    answers = together([lambda: buyer_with(real_app, buyer).asks_to_pay() for _ in range(20)])
    ends = outcomes(answers)
    assert ends.pop("201") == 1
    assert set(ends) <= {"409 payment-under-way", "409 order-not-payable"}
    assert buyer.looks_at_the_order()["payment_status"] == "paid"


def test_the_same_payment_repeated_at_once_charges_once(real_app: Flask, shop: Shop) -> None:
    buyer = buyer_of(real_app, shop)
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    key = "one-key-for-all-the-payments"
    together([lambda: buyer_with(real_app, buyer).asks_to_pay(key=key) for _ in range(20)])
    # In a phased route a rival may hear that the first is at work; asked again, all hear the same.
    again = together([lambda: buyer_with(real_app, buyer).asks_to_pay(key=key) for _ in range(20)])
    assert outcomes(again) == {"201": 20}
    assert len({answer.data for answer in again if isinstance(answer, TestResponse)}) == 1


def test_expiry_against_payment_has_one_right_end(real_app: Flask, shop: Shop) -> None:
    buyers = [buyer_of(real_app, shop) for _ in range(16)]
    mug = shop.product(stock_of=16)
    for buyer in buyers:
        buyer.fills_a_cart(mug)
        buyer.orders()

    def expire() -> object:
        with transaction():
            return orders.expire_due()

    due = clock.now() + timedelta(minutes=30)
    with clock.held_at(due):
        answers = together([task for buyer in buyers for task in (buyer.asks_to_pay, expire)])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    for buyer in buyers:
        seen = buyer.looks_at_the_order()
        assert (seen["state"], seen["payment_status"]) in {
            ("open", "paid"),
            ("expired", "awaited"),
            ("open", "awaited"),
        }
    with clock.held_at(due + timedelta(hours=1)), transaction():
        orders.expire_due()


def test_an_order_that_waited_for_its_cart_sees_what_was_put_in_meanwhile(real_app: Flask, shop: Shop) -> None:
    buyer = buyer_of(real_app, shop)
    buyer.fills_a_cart(shop.product(stock_of=5))
    another = shop.product(stock_of=5)
    is_in, may_commit = Event(), Event()

    def puts_one_in() -> None:
        who = Principal(cart_token=ids.hashed(buyer.cart["token"]))
        with acting_as(who), transaction():
            carts.add_item(UUID(buyer.cart["id"]), another, 1)
            is_in.set()
            may_commit.wait(30)

    def orders_meanwhile() -> TestResponse:
        is_in.wait(30)
        return buyer.asks_to_order()

    def commits_when_waited_for() -> None:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        with db.engine().connect() as connection:
            while connection.scalar(waiting) == 0:
                connection.rollback()
        may_commit.set()

    tasks: list[Callable[[], Any]] = [puts_one_in, orders_meanwhile, commits_when_waited_for]
    put, answer, committed = together(tasks, threads=3)
    assert (put, committed) == (None, None)
    assert outcomes([answer]) == {"409 price-changed": 1}
    assert len(buyer.said(buyer.send("GET", f"/v1/carts/{buyer.cart['id']}"), 200)["items"]) == 2
