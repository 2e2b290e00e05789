"""A shopper and the codes of promotions: entered, removed, refused with a reason, guessed in vain."""

from uuid import uuid4

import msgspec
from flask import Flask

from shopwright.commerce.accounts import groups, tokens
from shopwright.commerce.cart.routes import routes
from shopwright.commerce.promotions import codes
from shopwright.commerce.promotions.rules import Code, Condition, FreeGift, Groups, Percentage, Subtotal
from shopwright.kit import web
from shopwright.kit.edge import Edge
from shopwright.kit.transaction import transaction
from shopwright.settings import Settings
from tests.make import customer_headers, make_customer, make_promotion
from tests.shopping import Buyer, Shop


def opened(code: str, *conditions: Condition) -> None:
    """A tenth off for whoever enters the code."""
    promotion = make_promotion(Percentage(ppm=100_000), Code(), *conditions, name="A tenth")
    with transaction():
        codes.add_code(promotion.id, code)


def refusals(buyer: Buyer) -> list[tuple[str, str | None]]:
    return [(refusal["kind"], refusal["code"]) for refusal in buyer.cart["refusals"]]


def test_a_code_is_entered_ordered_with_and_told_in_the_steps(buyer: Buyer, shop: Shop) -> None:
    opened("SUMMER")
    buyer.fills_a_cart(shop.product(price=1900))
    cart = buyer.enters(" summer ")
    assert (cart["codes"], cart["discount"]["amount"], cart["refusals"]) == (["SUMMER"], 190, [])
    buyer.enters("SUMMER")
    assert buyer.cart["codes"] == ["SUMMER"]
    (line,) = buyer.orders()["lines"]
    assert [(step["kind"], step["code"], step["amount"]["amount"]) for step in line["steps"][:2]] == [
        ("list_price", None, 1900), ("cart_promotion", "SUMMER", -190),
    ]  # fmt: skip
    assert buyer.order["discount"]["amount"] == 190


def test_a_code_is_removed_again(buyer: Buyer, shop: Shop) -> None:
    opened("SUMMER")
    buyer.fills_a_cart(shop.product(price=1900))
    buyer.enters("SUMMER")
    removed = buyer.said(buyer.send("DELETE", f"/v1/carts/{buyer.cart['id']}/codes/summer"), 200)
    assert (removed["codes"], removed["discount"]["amount"]) == ([], 0)
    again = buyer.send("DELETE", f"/v1/carts/{buyer.cart['id']}/codes/summer")
    assert (again.status_code, again.get_json()["code"]) == (404, "code-not-entered")


def test_what_is_missing_is_told_and_comes_with_more_in_the_cart(buyer: Buyer, shop: Shop) -> None:
    opened("BIG", Subtotal(currency="EUR", at_least=3000))
    mug = shop.product(price=1900)
    buyer.fills_a_cart(mug)
    (refusal,) = buyer.enters("BIG")["refusals"]
    assert (refusal["kind"], refusal["facts"]) == ("more-needed", {"missing": 1100, "currency": "EUR"})
    buyer.takes(mug)
    assert (buyer.cart["refusals"], buyer.cart["discount"]["amount"]) == ([], 380)


def test_a_code_of_a_group_looks_to_others_like_one_that_does_not_exist(buyer: Buyer, shop: Shop) -> None:
    with transaction():
        club = groups.create_group("Club")
    opened("CLUB", Groups(any_of=(club.id,)))
    buyer.fills_a_cart(shop.product())
    buyer.enters("CLUB")
    buyer.enters("NOPE")
    assert refusals(buyer) == [("unknown-code", "CLUB"), ("unknown-code", "NOPE")]
    strip = [{name: value for name, value in each.items() if name != "code"} for each in buyer.cart["refusals"]]
    assert strip[0] == strip[1]


def test_a_cart_takes_ten_codes(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    for number in range(10):
        buyer.enters(f"CODE-{number}")
    eleventh = buyer.send("POST", f"/v1/carts/{buyer.cart['id']}/codes", {"code": "CODE-10"})
    assert (eleventh.status_code, eleventh.get_json()["code"]) == (409, "too-many-codes")


def test_codes_go_with_a_cart_that_becomes_a_customers(buyer: Buyer, shop: Shop) -> None:
    opened("SUMMER")
    buyer.fills_a_cart(shop.product(price=1900))
    buyer.enters("SUMMER")
    buyer.signed_in = {"Authorization": customer_headers(make_customer())["Authorization"]}
    claimed = buyer.said(buyer.send("POST", f"/v1/carts/{buyer.cart['id']}/claim"), 200)
    assert (claimed["codes"], claimed["discount"]["amount"]) == (["SUMMER"], 190)


def test_a_gift_is_chosen_among_those_offered(buyer: Buyer, shop: Shop) -> None:
    bought, pen, cup = (shop.product(price=price) for price in (5000, 300, 400))
    make_promotion(FreeGift(any_of=(pen, cup), is_chosen=True))
    buyer.fills_a_cart(bought)
    (refusal,) = buyer.cart["refusals"]
    assert (refusal["kind"], refusal["facts"]) == ("gift-not-chosen", {"choices": [str(pen), str(cup)]})
    body = {"variant_ids": [str(cup)]}
    cart = buyer.said(buyer.send("PUT", f"/v1/carts/{buyer.cart['id']}/gifts", body), 200)
    assert [(item["variant_id"], item["is_gift"]) for item in cart["items"]] == [(str(bought), False), (str(cup), True)]
    assert [line["is_gift"] for line in buyer.orders()["lines"]] == [False, True]


def test_s8_codes_cannot_be_guessed_quickly_from_one_address(app: Flask, settings: Settings) -> None:
    slow = Flask("slow")
    limited = msgspec.structs.replace(settings, codes_per_minute=3)
    web.surround(slow, limited)
    Edge(slow, limited, tokens.authenticate).mount(routes)
    with slow.test_client() as client:
        answers = [
            client.post(f"/v1/carts/{uuid4()}/codes", json={"code": "GUESS"}, headers={"Idempotency-Key": str(uuid4())})
            for _ in range(5)
        ]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]
