"""What a cart would cost: for whom, where, when, and with which promotions that nobody gets yet."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from shopwright.commerce.accounts import groups
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.cart.models import Cart
from shopwright.commerce.catalog import categories
from shopwright.commerce.promotions import codes
from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.models import Promotion
from shopwright.commerce.promotions.rules import (
    Categories,
    Code,
    Condition,
    FirstOrder,
    FreeGift,
    Groups,
    Kind,
    Percentage,
    Terms,
)  # fmt: skip
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests.make import (
    make_channel,
    make_customer,
    make_priced_variant,
    make_product_on_sale,
    make_promotion,
    staff_headers,
)  # fmt: skip
from tests.shopping import Buyer, Shop

PATH = "/v1/admin/carts/preview"
TENTH = Percentage(ppm=100_000)


def draft(*conditions: Condition, effect: Any = TENTH, name: str = "A draft", **more: Any) -> Promotion:
    with transaction():
        return promotions.create_promotion(
            Terms(name=name, kind=Kind.CART, effect=effect, conditions=conditions, **more)
        )


def asked(client: FlaskClient, **body: Any) -> Any:
    return client.post(PATH, json=body, headers=staff_headers(Permission.PROMOTIONS_READ))


def previewed(client: FlaskClient, **body: Any) -> Any:
    answer = asked(client, **body)
    assert answer.status_code == 200, answer.json
    return answer.json


def lines(*wanted: tuple[UUID, int]) -> list[dict[str, Any]]:
    return [{"variant_id": str(variant_id), "quantity": quantity} for variant_id, quantity in wanted]


def test_a_draft_is_shown_as_if_it_were_active_and_stays_a_draft(client: FlaskClient, shop: Shop) -> None:
    mug = shop.product(price=2000)
    make_promotion(TENTH, name="Active")
    tries = draft()
    cart = {
        "channel": shop.channel.code,
        "lines": lines((mug, 2)),
        "country": "DE",
        "shipping_method_id": str(shop.method_id),
    }
    plain = previewed(client, **cart)
    assert (plain["discount"]["amount"], plain["shipping_total"]["amount"], plain["total"]["amount"]) == (
        400,
        490,
        4090,
    )
    shown = previewed(client, **cart, promotions=[str(tries.id)])
    (item,) = shown["items"]
    assert [(step["label"], step["amount"]["amount"]) for step in item["steps"][1:3]] == [
        ("Active", -400),
        ("A draft", -360),
    ]
    assert (shown["total"]["amount"], [each["amount"] for each in shown["redemptions"]]) == (3730, [400, 360])
    assert previewed(client, **cart) == plain


def test_a_group_and_a_first_order_are_those_of_the_customer(client: FlaskClient, shop: Shop) -> None:
    mug, ada, eve = shop.product(price=2000), make_customer(), make_customer()
    with transaction():
        club = groups.create_group("Club")
        groups.put_in(ada.id, [club.id])
    tries = draft(Groups(any_of=(club.id,)), FirstOrder())
    cart = {"channel": shop.channel.code, "lines": lines((mug, 1)), "promotions": [str(tries.id)]}
    totals = [
        previewed(client, **cart, **({"customer_id": str(who.id)} if who else {}))["total"]["amount"]
        for who in (None, eve, ada)
    ]
    assert totals == [2000, 2000, 1800]


def test_dates_are_asked_by_the_moment(client: FlaskClient, shop: Shop) -> None:
    mug, now = shop.product(price=2000), clock.now()
    tries = draft(starts_at=now + timedelta(days=10), ends_at=now + timedelta(days=12))
    cart = {"channel": shop.channel.code, "lines": lines((mug, 1)), "promotions": [str(tries.id)]}
    at = [(now + timedelta(days=days)).isoformat() for days in (9, 11, 13)]
    assert [previewed(client, **cart, at=moment)["total"]["amount"] for moment in at] == [2000, 1800, 2000]


def test_a_code_says_why_it_gives_nothing(client: FlaskClient, shop: Shop) -> None:
    mug = shop.product(price=2000)
    tries = draft(Code())
    with transaction():
        codes.add_code(tries.id, "SOON")
    cart = {"channel": shop.channel.code, "lines": lines((mug, 1)), "codes": [" soon ", "nope"]}
    shown = previewed(client, **cart, promotions=[str(tries.id)])
    assert (shown["total"]["amount"], shown["redemptions"][0]["code"]) == (1800, "SOON")
    assert [(refusal["kind"], refusal["code"]) for refusal in shown["refusals"]] == [("unknown-code", "NOPE")]


def test_what_a_draft_asks_of_items_and_gives_away_is_found_for_it(client: FlaskClient, shop: Shop) -> None:
    gift = shop.product(price=700)
    with transaction():
        cups = categories.create_category(title="Cups")
    _, (mug,) = make_product_on_sale({shop.channel: 2000}, category_ids=[cups.id])
    of_cups = draft(Categories(any_of=(cups.id,)), name="Cups")
    present = draft(effect=FreeGift(any_of=(gift,)), name="Present")
    cart = {"channel": shop.channel.code, "lines": lines((mug, 1))}
    shown = previewed(client, **cart, promotions=[str(of_cups.id), str(present.id)])
    assert [(item["variant_id"], item["is_gift"]) for item in shown["items"]] == [(str(mug), False), (str(gift), True)]
    assert shown["total"]["amount"] == 1800


def test_a_cart_that_there_is_can_be_shown_otherwise(buyer: Buyer, shop: Shop) -> None:
    mug, tee = shop.product(price=2000), shop.product(price=3000)
    buyer.fills_a_cart(mug, 2)
    make_promotion(TENTH, FirstOrder())
    cart_id = buyer.cart["id"]
    with reading():
        version = session.scalar(select(Cart.version))
    assert previewed(buyer.client, cart_id=cart_id)["total"]["amount"] == 3600 + 490
    other = make_channel(countries=["DE"])
    variant_id = make_priced_variant(other, 500)
    shown = previewed(buyer.client, cart_id=cart_id, channel=other.code, lines=lines((variant_id, 1), (tee, 1)))
    assert (shown["total"]["amount"], shown["shipping"], shown["unavailable"]) == (450, None, [str(tee)])
    with reading():
        assert session.scalar(select(Cart.version)) == version


def test_what_cannot_be_shown_is_refused(client: FlaskClient, shop: Shop) -> None:
    ended, nobody = draft(), str(shop.method_id)
    with transaction():
        promotions.end_promotion(ended.id)
    code = shop.channel.code
    bodies: list[dict[str, Any]] = [
        {}, {"channel": "nowhere"}, {"cart_id": nobody}, {"channel": code, "customer_id": nobody},
        {"channel": code, "promotions": [nobody]}, {"channel": code, "promotions": [str(ended.id)]},
    ]  # fmt: skip
    refused = [asked(client, **body) for body in bodies]
    assert [(answer.status_code, answer.json["code"]) for answer in refused] == [
        (422, "nothing-to-preview"), (404, "unknown-channel"), (404, "cart-not-found"), (404, "unknown-customer"),
        (404, "unknown-promotion"), (409, "promotion-state-conflict"),
    ]  # fmt: skip
    stranger = client.post(PATH, json={"channel": code}, headers=staff_headers(Permission.ORDERS_READ))
    assert (stranger.status_code, stranger.json["permission"]) == (403, "promotions:read")
