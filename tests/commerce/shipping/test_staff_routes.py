from typing import Any

import pytest
from flask.testing import FlaskClient

from shopwright.commerce.accounts.permissions import Permission
from tests.make import customer_headers, make_channel, make_shipping_method, make_shipping_zone, staff_headers

FLAT = {"kind": "flat", "price": {"amount": 490, "currency": "EUR"}}
BY_WEIGHT = {
    "kind": "by_weight",
    "tiers": [
        {"up_to_grams": 1000, "price": {"amount": 390, "currency": "EUR"}},
        {"up_to_grams": 5000, "price": {"amount": 690, "currency": "EUR"}},
    ],
}
BY_PRICE = {
    "kind": "by_price",
    "tiers": [
        {"goods_from": {"amount": 0, "currency": "EUR"}, "price": {"amount": 490, "currency": "EUR"}},
        {"goods_from": {"amount": 5000, "currency": "EUR"}, "price": {"amount": 0, "currency": "EUR"}},
    ],
}


def reader() -> dict[str, str]:
    return staff_headers(Permission.SHIPPING_READ)


def writer(etag: str | None = None) -> dict[str, str]:
    return staff_headers(Permission.SHIPPING_WRITE) | ({"If-Match": etag} if etag else {})


def patch(client: FlaskClient, path: str, body: dict[str, Any], etag: str) -> Any:
    return client.patch(path, json=body, headers=writer(etag), content_type="application/merge-patch+json")


def test_staff_open_read_change_and_remove_a_zone(client: FlaskClient) -> None:
    body = {"name": "Iberia", "areas": [{"country": "PT"}, {"country": "ES", "region": "M"}]}
    opened = client.post("/v1/admin/shipping-zones", json=body, headers=writer())
    assert opened.status_code == 201
    path = f"/v1/admin/shipping-zones/{opened.json['id']}"
    shown = client.get(path, headers=reader())
    assert shown.json == opened.json
    assert shown.json["areas"] == [{"country": "ES", "region": "M"}, {"country": "PT", "region": None}]
    changed = patch(client, path, {"areas": [{"country": "PT"}]}, shown.headers["ETag"])
    assert changed.json["areas"] == [{"country": "PT", "region": None}]
    assert patch(client, path, {"name": "Mine"}, shown.headers["ETag"]).status_code == 412
    assert client.get("/v1/admin/shipping-zones", headers=reader()).json["items"] == [changed.json]
    assert client.delete(path, headers=writer(changed.headers["ETag"])).status_code == 204
    assert client.get(path, headers=reader()).status_code == 404


@pytest.mark.parametrize("rate", [FLAT, BY_WEIGHT, BY_PRICE])
def test_a_method_is_shown_as_it_was_added(client: FlaskClient, rate: dict[str, Any]) -> None:
    channel, zone = make_channel(), make_shipping_zone()
    body = {
        "channel_id": str(channel.id), "code": "parcel", "name": "Parcel", "translations": {"de": "Paket"},
        "rate": rate, "free_from": {"amount": 9900, "currency": "EUR"}, "min_days": 1, "max_days": 3,
        "tax_class": "standard", "position": 2, "is_active": True,
    }  # fmt: skip
    added = client.post(f"/v1/admin/shipping-zones/{zone.id}/methods", json=body, headers=writer())
    assert added.status_code == 201
    shown = client.get(f"/v1/admin/shipping-methods/{added.json['id']}", headers=reader())
    assert shown.json == body | {"id": added.json["id"], "zone_id": str(zone.id), "version": shown.json["version"]}
    listed = client.get(f"/v1/admin/shipping-zones/{zone.id}/methods", headers=reader())
    assert listed.json["items"] == [shown.json]


def test_a_method_is_changed_in_part_and_removed(client: FlaskClient) -> None:
    channel, zone = make_channel(), make_shipping_zone()
    method = make_shipping_method(zone, channel, min_days=1, max_days=2)
    path = f"/v1/admin/shipping-methods/{method.id}"
    before = client.get(path, headers=reader())
    changed = patch(client, path, {"rate": BY_WEIGHT, "min_days": None, "is_active": False}, before.headers["ETag"])
    wanted = {"rate": BY_WEIGHT, "min_days": None, "is_active": False, "version": before.json["version"] + 1}
    assert changed.json == before.json | wanted
    assert patch(client, path, {"name": "Mine"}, before.headers["ETag"]).status_code == 412
    refused = patch(client, path, {"rate": FLAT, "min_days": 9}, changed.headers["ETag"])
    assert (refused.status_code, refused.json["code"]) == (422, "delivery-days-reversed")
    assert client.get(path, headers=reader()).json == changed.json
    assert client.delete(path, headers=writer(changed.headers["ETag"])).status_code == 204
    assert client.get(path, headers=reader()).status_code == 404


def test_methods_are_listed_in_pages(client: FlaskClient) -> None:
    channel, zone = make_channel(), make_shipping_zone()
    methods = [make_shipping_method(zone, channel) for _ in range(3)]
    path = f"/v1/admin/shipping-zones/{zone.id}/methods?limit=2"
    first = client.get(path, headers=reader())
    rest = client.get(f"{path}&cursor={first.json['next_cursor']}", headers=reader())
    assert [item["id"] for item in first.json["items"] + rest.json["items"]] == [str(method.id) for method in methods]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"rate": {"kind": "flat", "price": {"amount": 490, "currency": "USD"}}}, 422, "foreign-currency"),
        ({"rate": {"kind": "flat", "price": {"amount": -1, "currency": "EUR"}}}, 422, "validation-failed"),
        ({"rate": {"kind": "flat", "price": {"amount": 4.9, "currency": "EUR"}}}, 422, "validation-failed"),
        ({"rate": {"kind": "guess"}}, 422, "validation-failed"),
        ({"rate": {"kind": "by_weight", "tiers": []}}, 422, "validation-failed"),
        ({"channel_id": "0199b1f0-a3c5-7d3e-8c1a-5f0d2b4e6a78"}, 404, "unknown-channel"),
        ({"currency": "EUR"}, 422, "validation-failed"),
    ],
)
def test_a_method_that_makes_no_sense_is_refused(
    client: FlaskClient, change: dict[str, Any], status: int, code: str
) -> None:
    channel, zone = make_channel(), make_shipping_zone()
    body = {"channel_id": str(channel.id), "code": "parcel", "name": "Parcel", "rate": FLAT} | change
    path = f"/v1/admin/shipping-zones/{zone.id}/methods"
    refused = client.post(path, json=body, headers=writer())
    assert (refused.status_code, refused.json["code"]) == (status, code)
    assert client.get(path, headers=reader()).json["items"] == []


def test_only_staff_with_the_permission_may(client: FlaskClient) -> None:
    body = {"name": "Iberia", "areas": [{"country": "PT"}]}
    assert client.get("/v1/admin/shipping-zones").status_code == 401
    assert client.get("/v1/admin/shipping-zones", headers=customer_headers()).status_code == 403
    assert client.post("/v1/admin/shipping-zones", json=body, headers=reader()).status_code == 403
    assert client.get("/v1/admin/shipping-zones", headers=reader()).json["items"] == []
