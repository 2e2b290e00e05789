"""What a litre of it costs: the example of the guide, and what a measure may be."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.catalog.measures import BaseMeasure, Measure, Unit
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.unit_prices import unit_price
from shopwright.commerce.promotions import codes
from shopwright.commerce.promotions.rules import Code, FreeGift, Kind, Percentage, Products
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction
from tests.make import make_promotion, staff_headers
from tests.shopping import Buyer, Shop, make_shop

OIL = {"amount": 750, "unit": "ml"}
PER_LITRE = {"amount": 1, "unit": "l"}


@pytest.fixture
def shop(client: FlaskClient) -> Shop:
    return make_shop()


def send(client: FlaskClient, method: str, path: str, body: Any) -> TestResponse:
    headers = staff_headers(Permission.CATALOG_WRITE, Permission.CATALOG_READ) | {"If-Match": "*"}
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    path = f"/v1/admin/products{path}"
    return client.open(path, method=method, headers=headers, data=msgspec.json.encode(body), content_type=kind)


def made(client: FlaskClient, shop: Shop, measure: Any, price: int, slug: str = "oil") -> dict[str, Any]:
    """A product on sale, with one variant of this measure."""
    body = {"title": "Oil", "slug": slug, "is_published": True, "variants": [{"measure": measure}]}
    answer = send(client, "POST", "", body)
    assert answer.status_code == 201, answer.text
    product = dict(answer.get_json())
    with transaction():
        pricing.set_price(UUID(product["variants"][0]["id"]), shop.channel.id, Money(price, "EUR"))
    return product


def shown(client: FlaskClient, shop: Shop, slug: str = "oil") -> dict[str, Any]:
    page = client.get(f"/v1/products/{slug}?channel={shop.channel.code}").get_json()
    return dict(page["variants"][0])


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def test_the_example_of_the_guide(client: FlaskClient, shop: Shop) -> None:
    oil = made(client, shop, OIL, 1199)
    assert oil["variants"][0]["measure"] == OIL | {"per": PER_LITRE}
    sale = Products(any_of=(UUID(oil["id"]),))
    make_promotion(Percentage(ppm=200_000), sale, kind=Kind.CATALOG)
    code = make_promotion(Percentage(ppm=100_000), Code()).id
    with transaction():
        codes.add_code(code, "TEN")

    page = shown(client, shop)
    buyer = Buyer(client, shop)
    buyer.opens_a_cart()
    buyer.takes(UUID(oil["variants"][0]["id"]), 3)
    (line,) = buyer.enters("TEN")["items"]

    assert (page["price"], page["unit_price"]) == (euros(959), {"price": euros(1279), "per": PER_LITRE})
    assert (line["unit_price"], line["base_price"]) == (euros(959), {"price": euros(1279), "per": PER_LITRE})
    assert line["discount"] == euros(288)
    made(client, shop, {"amount": 2, "unit": "g"}, 790, "saffron")
    assert shown(client, shop, "saffron")["unit_price"]["price"] == euros(395_000)
    made(client, shop, {"amount": 2, "unit": "g", "per": {"unit": "g"}}, 790, "threads")
    assert shown(client, shop, "threads")["unit_price"] == {"price": euros(395), "per": {"amount": 1, "unit": "g"}}


@pytest.mark.parametrize(
    ("amount", "unit", "per", "price", "expected"),
    [
        (330, "ml", (1, "l"), 119, 361),  # 360.6
        (400, "g", (1, "kg"), 33, 83),  # 82.5 is rounded up
        (1500, "g", (100, "g"), 299, 20),  # 19.93
        (25_000, "cm2", (1, "m2"), 4990, 1996),
        (250, "cm", (1, "m"), 999, 400),  # 399.6
        (2, "m3", (1, "l"), 50_000, 25),
        (6, "piece", (1, "piece"), 200, 33),
        (75, "cl", (100, "ml"), 0, 0),
    ],
)
def test_it_is_rounded_half_up_in_minor_units(
    amount: int, unit: str, per: tuple[int, str], price: int, expected: int
) -> None:
    measure = Measure(amount=amount, unit=Unit(unit), per=BaseMeasure(amount=per[0], unit=Unit(per[1])))
    found = unit_price(Money(price, "EUR"), measure)
    assert found is not None
    assert found.price == Money(expected, "EUR")


def test_what_has_no_measure_and_what_nobody_could_read_has_no_unit_price() -> None:
    assert unit_price(Money(100, "EUR"), None) is None
    assert unit_price(Money(10**11, "EUR"), Measure(amount=1, unit=Unit.MILLIGRAM)) is None


def test_a_measure_is_changed_and_taken_away(client: FlaskClient, shop: Shop) -> None:
    product = made(client, shop, None, 1200)
    assert (shown(client, shop)["measure"], shown(client, shop)["unit_price"]) == (None, None)
    variant = f"/{product['id']}/variants/{product['variants'][0]['id']}"

    changed = send(client, "PATCH", variant, {"measure": {"amount": 50, "unit": "cl"}})
    assert changed.get_json()["variants"][0]["measure"] == {"amount": 50, "unit": "cl", "per": PER_LITRE}
    assert shown(client, shop)["unit_price"]["price"] == euros(2400)

    assert send(client, "PATCH", variant, {"measure": None}).status_code == 200
    assert shown(client, shop)["unit_price"] is None


@pytest.mark.parametrize(
    ("measure", "pointer"),
    [
        ({"amount": 750, "unit": "ml", "per": {"unit": "kg"}}, "/per/unit"),
        ({"amount": 0, "unit": "ml"}, "/amount"),
        ({"amount": 0.75, "unit": "l"}, "/amount"),
        ({"amount": 1, "unit": "gallon"}, "/unit"),
        ({"amount": 1, "unit": "l", "per": {"amount": 1001, "unit": "l"}}, "/per/amount"),
    ],
)
def test_what_is_no_measure_is_refused_with_a_pointer(
    client: FlaskClient, shop: Shop, measure: dict[str, Any], pointer: str
) -> None:
    product = made(client, shop, OIL, 1200)
    refused = send(client, "PATCH", f"/{product['id']}/variants/{product['variants'][0]['id']}", {"measure": measure})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.get_json()["errors"]] == [f"/measure{pointer}"]
    body = {"title": "Oil", "variants": [{"measure": measure}]}
    refused = send(client, "POST", "", body)
    assert [error["pointer"] for error in refused.get_json()["errors"]] == [f"/variants/0/measure{pointer}"]
    assert shown(client, shop)["measure"] == OIL | {"per": PER_LITRE}


@pytest.mark.parametrize(
    "set_", ["base_measure_unit = 'kg'", "base_measure_amount = NULL", "measure_amount = 0", "measure_unit = 'gallon'"]
)
def test_the_database_takes_no_half_measure(client: FlaskClient, shop: Shop, set_: str) -> None:
    made(client, shop, OIL, 1200)
    with pytest.raises(IntegrityError), transaction():
        session.execute(text(f"UPDATE variants SET {set_} WHERE measure_amount IS NOT NULL"))


def test_a_gift_costs_nothing_per_litre_either(client: FlaskClient, shop: Shop) -> None:
    mug = shop.product(price=1900)
    with transaction():
        session.execute(
            text(
                "UPDATE variants SET measure_amount = 300, measure_unit = 'ml', base_measure_amount = 1,"
                " base_measure_unit = 'l' WHERE id = :id"
            ),
            {"id": mug},
        )
    make_promotion(FreeGift(any_of=(mug,)))
    buyer = Buyer(client, shop)
    buyer.opens_a_cart()
    buyer.takes(mug)
    assert [(line["is_gift"], line["base_price"] is None) for line in buyer.cart["items"]] == [
        (False, False), (True, True)
    ]  # fmt: skip
