"""Credit that many spend, show and take at the same moment."""

from collections.abc import Iterator
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from shopwright.commerce.credit import service
from shopwright.commerce.credit.errors import GiftCardShown
from shopwright.kit import ids, outbox
from shopwright.kit.money import Money
from shopwright.kit.transaction import atomically
from tests.commerce.credit.cards import account, booked, make_card, moved
from tests.races.parallel import together
from tests.shopping import SHIPPING_PRICE, Buyer, Shop, make_shop

PRICE = 1000
TOTAL = PRICE + SHIPPING_PRICE
BUYERS = 50


@pytest.fixture
def shop(real_app: Flask) -> Iterator[Shop]:
    yield make_shop()
    outbox.drain()


def ordered(real_app: Flask, shop: Shop, count: int) -> list[Buyer]:
    """So many buyers with an order each that is not paid."""
    mug = shop.product(price=PRICE, stock_of=1_000)
    buyers = [Buyer(real_app.test_client(), shop) for _ in range(count)]
    together([partial(buyer.fills_a_cart, mug) for buyer in buyers])
    together([buyer.orders for buyer in buyers])
    assert all(buyer.order["total"]["amount"] == TOTAL for buyer in buyers)
    return buyers


def test_f21_one_gift_card_spent_fifty_times_at_once_pays_what_it_has(real_app: Flask, shop: Shop) -> None:
    worth = 7 * TOTAL + 500
    card, code = make_card(worth)
    buyers = ordered(real_app, shop, BUYERS)

    answers = together([partial(buyer.asks_to_pay, code, provider="credit") for buyer in buyers])

    said = [answer.get_json() for answer in answers if isinstance(answer, TestResponse)]
    assert len(said) == BUYERS
    assert {answer.status_code for answer in answers if isinstance(answer, TestResponse)} <= {201, 409}
    captured = sorted(each["captured"]["amount"] for each in said if each.get("state") == "captured")
    assert captured == [500] + [TOTAL] * 7
    assert {each.get("code") or each["decline_code"] for each in said if each.get("state") != "captured"} == {
        "credit-used-up"
    }
    assert account(card).balance_amount == 0
    assert sorted(moved(card)) == sorted([("issued", worth), ("spent", -500), *[("spent", -TOTAL)] * 7])
    assert "liabilities" not in booked()


def test_f21_one_order_paid_fifty_times_at_once_by_one_card_is_paid_once(real_app: Flask, shop: Shop) -> None:
    card, code = make_card(10 * TOTAL)
    (buyer,) = ordered(real_app, shop, 1)
    tabs = [Buyer(real_app.test_client(), shop, order=buyer.order) for _ in range(20)]

    answers = together([partial(tab.asks_to_pay, code, provider="credit") for tab in tabs])

    statuses = sorted(answer.status_code for answer in answers if isinstance(answer, TestResponse))
    assert statuses == [201] + [409] * 19
    assert account(card).balance_amount == 9 * TOTAL
    assert buyer.looks_at_the_order()["payment_status"] == "paid"


def test_one_payment_that_is_asked_for_many_times_at_once_is_spent_once(real_app: Flask) -> None:
    card, _ = make_card(5000)
    payment, order = ids.new(), ids.new()

    def spend() -> int:
        return atomically(lambda: service.spend(card, payment, Money(3000, "EUR"), order_id=order))

    assert together([spend] * 16) == [3000] * 16
    assert moved(card) == [("issued", 5000), ("spent", -3000)]


def test_one_refund_that_is_told_many_times_at_once_comes_back_once(real_app: Flask) -> None:
    card, _ = make_card(5000)
    payment, refund, order = ids.new(), ids.new(), ids.new()
    atomically(lambda: service.spend(card, payment, Money(3000, "EUR"), order_id=order))

    def give_back() -> None:
        atomically(lambda: service.give_back(card, payment, refund, 2000, order_id=order))

    assert together([give_back] * 16) == [None] * 16
    assert moved(card) == [("issued", 5000), ("spent", -3000), ("returned", 2000)]


def test_a_code_that_many_ask_for_at_once_is_shown_to_one(real_app: Flask) -> None:
    order = ids.new()

    def issue() -> bool:
        return atomically(lambda: service.issue(order, order, 1, Money(5000, "EUR"), "NL"))

    def reveal() -> UUID:
        return atomically(lambda: service.reveal(order, 1)[0].id)

    assert sorted(map(str, together([issue] * 16))) == ["False"] * 15 + ["True"]
    answers = together([reveal] * 16)
    assert sorted(type(answer).__name__ for answer in answers) == ["GiftCardShown"] * 15 + ["UUID"]
    assert GiftCardShown in {type(answer) for answer in answers}
