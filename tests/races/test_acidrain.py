"""The attacks of Warszawski and Bailis, "ACIDRain" (SIGMOD 2017), that this shop has rooms for. Of 12 shops 9 fell to one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from shopwright.commerce.inventory import queries as inventory
from shopwright.kit.transaction import reading
from tests.auditor import audit
from tests.races.parallel import together
from tests.shopping import SHIPPING_PRICE, Buyer, Shop, make_shop

PRICE = 1900


@pytest.fixture
def shop(real_app: Flask) -> Iterator[Shop]:
    yield make_shop()
    audit()


def test_acidrain_inventory_attack(real_app: Flask, shop: Shop) -> None:
    """Many orders at once for more than there is, each of several pieces: none is sold that is not there."""
    mug = shop.product(stock_of=20)
    buyers = [Buyer(real_app.test_client(), shop) for _ in range(32)]
    together([partial(buyer.fills_a_cart, mug, 3) for buyer in buyers])
    answers = together([buyer.asks_to_order for buyer in buyers])
    ends = [answer.status_code for answer in answers if isinstance(answer, TestResponse)]
    assert sorted(ends) == [201] * 6 + [409] * 26
    with reading():
        assert inventory.available(shop.channel.id, [mug])[mug] == 20 - 6 * 3


@pytest.mark.parametrize("attack", ["adds", "counts", "removes"])
def test_acidrain_cart_total_attack(real_app: Flask, shop: Shop, attack: str) -> None:
    """The cart is changed while it is ordered: what is charged is what is ordered is what was shown."""
    cheap, dear = shop.product(price=PRICE, stock_of=1_000), shop.product(price=90_000, stock_of=1_000)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(12):
            buyer = Buyer(real_app.test_client(), shop)
            buyer.fills_a_cart(cheap)
            shown = buyer.cart["total"]["amount"]
            assert shown == PRICE + SHIPPING_PRICE
            order, edits = tab(real_app, buyer), [tab(real_app, buyer) for _ in range(3)]
            asked = [pool.submit(edit, other, attack, str(dear)) for other in edits]
            answer = pool.submit(order.asks_to_order).result()
            ends = {other.result().status_code for other in asked}
            assert ends <= ({201, 409} if attack == "adds" else {200, 204, 404, 409})
            assert_charged_is_ordered_is_shown(buyer, answer, shown)


def tab(app: Flask, buyer: Buyer) -> Buyer:
    return Buyer(app.test_client(), buyer.shop, cart=dict(buyer.cart))


def edit(buyer: Buyer, attack: str, dear: str) -> TestResponse:
    items = f"/v1/carts/{buyer.cart['id']}/items"
    own = f"{items}/{buyer.cart['items'][0]['line_id']}"
    if attack == "adds":
        return buyer.send("POST", items, {"variant_id": dear, "quantity": 1})
    return buyer.send("PATCH", own, {"quantity": 9}) if attack == "counts" else buyer.send("DELETE", own)


def assert_charged_is_ordered_is_shown(buyer: Buyer, answer: TestResponse, shown: int) -> None:
    said = answer.get_json()
    if answer.status_code != 201:
        assert said["code"] in ("price-changed", "cart-empty")
        assert buyer.said(buyer.send("GET", f"/v1/carts/{buyer.cart['id']}"), 200)["state"] == "open"
        return
    buyer.order = said
    assert said["total"]["amount"] == shown
    assert [line["quantity"] for line in said["lines"]] == [1]
    assert buyer.pays()["amount"]["amount"] == shown
    assert buyer.looks_at_the_order()["payment_status"] == "paid"
