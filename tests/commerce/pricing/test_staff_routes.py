from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.pricing import service
from shopwright.kit import ids
from shopwright.kit.transaction import reading, transaction
from tests.make import customer_headers, make_channel, make_priced_variant, staff_headers

PRICE = {
    "price": {"amount": 1799, "currency": "EUR"},
    "compare_at": {"amount": 1999, "currency": "EUR"},
    "cost": {"amount": 900, "currency": "EUR"},
}


def reader() -> dict[str, str]:
    return staff_headers(Permission.PRICES_READ)


def writer(etag: str) -> dict[str, str]:
    return staff_headers(Permission.PRICES_WRITE) | {"If-Match": etag}


def path_of(variant_id: UUID, channel: Channel) -> str:
    return f"/v1/admin/variants/{variant_id}/prices/{channel.id}"


def unpriced(channel: Channel) -> UUID:
    variant = make_priced_variant(channel, 1)
    with transaction():
        service.remove_price(variant, channel.id)
    return variant


def test_a_first_price_is_set_with_the_etag_of_none(client: FlaskClient) -> None:
    channel = make_channel()
    path = path_of(unpriced(channel), channel)
    nothing = client.get(path, headers=reader())
    assert (nothing.json["price"], nothing.json["version"]) == (None, 0)
    put = client.put(path, json=PRICE, headers=writer(nothing.headers["ETag"]))
    assert put.status_code == 200
    assert {name: put.json[name] for name in PRICE} == PRICE
    assert client.get(path, headers=reader()).json == put.json
    late = client.put(path, json=PRICE | {"cost": None}, headers=writer(nothing.headers["ETag"]))
    assert late.status_code == 412
    assert client.get(path, headers=reader()).json == put.json


def test_a_price_is_replaced_and_removed(client: FlaskClient) -> None:
    channel = make_channel()
    path = path_of(make_priced_variant(channel, 1999), channel)
    first = client.put(path, json=PRICE, headers=writer("*"))
    plain = client.put(path, json={"price": PRICE["price"]}, headers=writer(first.headers["ETag"]))
    assert (plain.json["compare_at"], plain.json["cost"]) == (None, None)
    assert client.delete(path, headers=writer(first.headers["ETag"])).status_code == 412
    assert client.delete(path, headers=writer(plain.headers["ETag"])).status_code == 204
    assert client.get(path, headers=reader()).json["price"] is None
    assert client.delete(path, headers=writer("*")).status_code == 404


def test_if_match_is_required(client: FlaskClient) -> None:
    channel = make_channel()
    path = path_of(make_priced_variant(channel, 1999), channel)
    assert client.put(path, json=PRICE, headers=staff_headers(Permission.PRICES_WRITE)).status_code == 428


def test_the_prices_of_a_product_are_listed_with_their_cost(client: FlaskClient) -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 1999)
    other = make_channel(currency="USD")
    dollars = {name: {"amount": money["amount"], "currency": "USD"} for name, money in PRICE.items()}
    client.put(path_of(variant, other), json=dollars, headers=writer("*"))
    with reading():
        product = catalog.products_of([variant])[variant]
    path = f"/v1/admin/products/{product}/prices"
    listed = client.get(path, headers=reader()).json
    assert [(item["channel_id"], item["price"]["amount"]) for item in listed["items"]] == [
        (str(channel.id), 1999),
        (str(other.id), 1799),
    ]
    assert [item["cost"] for item in listed["items"]] == [None, dollars["cost"]]
    one = client.get(f"{path}?channel_id={other.id}", headers=reader()).json
    assert one["items"] == listed["items"][1:]
    first = client.get(f"{path}?limit=1", headers=reader()).json
    rest = client.get(f"{path}?limit=1&cursor={first['next_cursor']}", headers=reader()).json
    assert first["items"] + rest["items"] == listed["items"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"price": {"amount": -1, "currency": "EUR"}}, "validation-failed"),
        ({"price": {"amount": 17.99, "currency": "EUR"}}, "validation-failed"),
        ({"price": {"amount": 10**11 + 1, "currency": "EUR"}}, "validation-failed"),
        ({"price": {"amount": 1799, "currency": "USD"}}, "price-in-foreign-currency"),
        ({"compare_at": {"amount": 1799, "currency": "EUR"}}, "compare-at-too-low"),
        ({"tax": 3}, "validation-failed"),
    ],
)
def test_what_is_no_price_is_refused(client: FlaskClient, change: dict[str, Any], code: str) -> None:
    channel = make_channel()
    path = path_of(make_priced_variant(channel, 1999), channel)
    before = client.get(path, headers=reader()).json
    refused = client.put(path, json=PRICE | change, headers=writer("*"))
    assert (refused.status_code, refused.json["code"]) == (422, code)
    assert client.get(path, headers=reader()).json == before


def test_what_is_not_there_is_not_found(client: FlaskClient) -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 1999)
    for path, code in (
        (path_of(ids.new(), channel), "unknown-variant"),
        (f"/v1/admin/variants/{variant}/prices/{ids.new()}", "unknown-channel"),
    ):
        assert client.get(path, headers=reader()).json["code"] == code
        assert client.put(path, json=PRICE, headers=writer("*")).json["code"] == code
    missing = client.get(f"/v1/admin/products/{ids.new()}/prices", headers=reader())
    assert (missing.status_code, missing.json["code"]) == (404, "unknown-product")


def test_only_staff_with_the_permission_may(client: FlaskClient) -> None:
    channel = make_channel()
    path = path_of(make_priced_variant(channel, 1999), channel)
    assert client.get(path).status_code == 401
    assert client.get(path, headers=customer_headers()).status_code == 403
    assert client.put(path, json=PRICE, headers=reader() | {"If-Match": "*"}).status_code == 403
    assert client.get(path, headers=reader()).json["price"]["amount"] == 1999
