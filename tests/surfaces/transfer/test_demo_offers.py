"""What the demo shop gives away, over HTTP as a shopper meets it: the lines of the first-purchase guide."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.promotions.models import Promotion
from shopwright.commerce.promotions.use_models import PromotionCode
from shopwright.commerce.storefront import tasks as storefront
from shopwright.kit import ids, storage
from shopwright.kit.db import session
from shopwright.kit.transaction import reading
from shopwright.surfaces.transfer import demo
from tests.shopping import Buyer, Shop


@pytest.fixture
def buyer(app: Flask, client: FlaskClient) -> Buyer:
    """A guest in the European channel of the seeded shop, whose cart is empty yet."""
    storage.configure("memory://")
    demo.seed()
    with reading():
        europe = channels.by_code("eu")
    buyer = Buyer(client, Shop(europe, ids.new(), ids.new()))
    buyer.opens_a_cart()
    return buyer


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def takes(buyer: Buyer, sku: str, quantity: int = 1) -> dict[str, Any]:
    with reading():
        variant_id = catalog.variant_ids_by_sku([sku])[sku]
    buyer.takes(variant_id, quantity)
    return next(line for line in buyer.cart["items"] if line["sku"] == sku)


def test_a_listing_strikes_what_a_lamp_cost_before_the_sale(buyer: Buyer) -> None:
    storefront.rebuild()
    listed = buyer.client.get("/v1/products?channel=eu&category=light-and-scent").get_json()["items"]

    assert len(listed) >= 8
    assert all(card["price"]["amount"] * 10 == card["compare_at_price"]["amount"] * 8 for card in listed)
    candle = next(card for card in listed if card["slug"] == "cedar-candle")
    assert (candle["price"], candle["compare_at_price"]) == (euros(2240), euros(2800))
    assert candle["reduction"] == {"lowest_30_days": euros(2800), "percent": 20}
    line = takes(buyer, "CEDAR-CANDLE-NIGHT-SMALL")
    assert (line["unit_price"], line["compare_at"]) == (euros(2240), euros(2800))


def test_of_three_mugs_one_is_free(buyer: Buyer) -> None:
    line = takes(buyer, "HARBOUR-MUG-TIDE", 2)
    assert line["discount"] == euros(0)
    (near,) = buyer.cart["refusals"]
    assert (near["kind"], near["name"], near["facts"]) == ("more-pieces-needed", "Buy two, get one", {"missing": 1})

    takes(buyer, "HARBOUR-MUG-TIDE")

    assert (buyer.cart["subtotal"], buyer.cart["discount"], buyer.cart["refusals"]) == (euros(7200), euros(2400), [])


def test_the_code_for_newcomers_is_good_for_one_order(buyer: Buyer) -> None:
    takes(buyer, "GARDEN-BIRDS")
    wrong = buyer.enters("WELCOME20")
    assert wrong["discount"] == euros(0)
    assert [(each["kind"], each["code"]) for each in wrong["refusals"] if each["code"]] == [
        ("unknown-code", "WELCOME20")
    ]
    right = buyer.enters("welcome10")
    assert right["discount"] == euros(190)
    buyer.says_who_and_where()
    buyer.orders()
    buyer.pays()

    again = Buyer(buyer.client, buyer.shop)
    again.opens_a_cart()
    takes(again, "GARDEN-BIRDS")
    again.says_who_and_where()
    refused = again.enters("WELCOME10")

    assert refused["discount"] == euros(0)
    assert [each["kind"] for each in refused["refusals"] if each["code"]] == ["not-first-order"]


def test_a_gift_card_is_sold_and_shown_and_pays(buyer: Buyer) -> None:
    line = takes(buyer, "GIFT-CARD-50")
    assert (line["unit_price"], line["requires_shipping"], line["is_gift_card"]) == (euros(5000), False, True)
    buyer.says_who_and_where()
    order = buyer.orders()
    buyer.pays()

    shown = buyer.said(buyer.send("POST", f"/v1/orders/{order['id']}/gift-cards/1/reveal"), 200)
    assert shown["balance"] == euros(5000)

    friend = Buyer(buyer.client, buyer.shop)
    friend.opens_a_cart()
    takes(friend, "GARDEN-BIRDS")
    friend.says_who_and_where()
    friend.orders()
    assert friend.pays(shown["code"], provider="credit")["captured"] == friend.order["total"]


def test_a_second_seed_adds_no_promotion_and_no_code(buyer: Buyer) -> None:
    assert not demo.seed()
    with reading():
        assert session.scalar(select(func.count(Promotion.id))) == 3
        assert session.scalars(select(PromotionCode.code)).all() == ["WELCOME10"]
