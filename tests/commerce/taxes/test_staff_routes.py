from typing import Any

from flask.testing import FlaskClient

from shopwright.commerce.accounts.permissions import Permission
from tests.make import customer_headers, make_tax_zone, staff_headers

ZONE = {
    "name": "Germany",
    "areas": [{"country": "DE"}, {"country": "FR", "region": "Mo"}],
    "rates": {"standard": {"name": "VAT 19 %", "rate": "0.19"}},
}


def reader() -> dict[str, str]:
    return staff_headers(Permission.TAXES_READ)


def writer(etag: str | None = None) -> dict[str, str]:
    return staff_headers(Permission.TAXES_WRITE) | ({"If-Match": etag} if etag else {})


def patch(client: FlaskClient, path: str, body: dict[str, Any], etag: str) -> Any:
    return client.patch(path, json=body, headers=writer(etag), content_type="application/merge-patch+json")


def test_staff_open_read_change_and_remove_a_zone(client: FlaskClient) -> None:
    added = client.post("/v1/admin/tax-classes", json={"code": "standard", "name": "Standard"}, headers=writer())
    assert (added.status_code, added.json["code"]) == (201, "standard")
    opened = client.post("/v1/admin/tax-zones", json=ZONE, headers=writer())
    assert opened.status_code == 201
    path = f"/v1/admin/tax-zones/{opened.json['id']}"
    shown = client.get(path, headers=reader())
    assert shown.json == opened.json
    assert shown.json["areas"] == [{"country": "DE", "region": None}, {"country": "FR", "region": "MO"}]
    assert shown.json["rates"] == {"standard": {"name": "VAT 19 %", "rate": "0.19"}}

    changed = patch(client, path, {"rates": {"standard": {"name": "VAT", "rate": "0.16"}}}, shown.headers["ETag"])
    assert (changed.status_code, changed.json["rates"]["standard"]["rate"]) == (200, "0.16")
    assert changed.json["areas"] == shown.json["areas"]

    assert client.delete(path, headers=writer(shown.headers["ETag"])).status_code == 412
    assert client.delete(path, headers=writer(changed.headers["ETag"])).status_code == 204
    assert client.get(path, headers=reader()).status_code == 404


def test_a_stale_edit_changes_nothing(client: FlaskClient) -> None:
    zone = make_tax_zone("DE", standard=190_000)
    path = f"/v1/admin/tax-zones/{zone.id}"
    old = client.get(path, headers=reader()).headers["ETag"]
    newer = patch(client, path, {"areas": [{"country": "AT"}]}, old)
    stale = patch(client, path, {"name": "Mine"}, old)
    assert (newer.status_code, stale.status_code) == (200, 412)
    assert client.get(path, headers=reader()).json == newer.json


def test_a_class_is_renamed(client: FlaskClient) -> None:
    client.post("/v1/admin/tax-classes", json={"code": "books", "name": "Books"}, headers=writer())
    shown = client.get("/v1/admin/tax-classes/books", headers=reader())
    renamed = patch(client, "/v1/admin/tax-classes/books", {"name": "Print"}, shown.headers["ETag"])
    assert renamed.json["name"] == "Print"
    stale = patch(client, "/v1/admin/tax-classes/books", {"name": "Old"}, shown.headers["ETag"])
    assert stale.status_code == 412
    listed = client.get("/v1/admin/tax-classes", headers=reader()).json["items"]
    assert [(item["code"], item["name"]) for item in listed] == [("books", "Print")]
    missing = client.post("/v1/admin/tax-classes", json={"code": "books", "name": "Again"}, headers=writer())
    assert (missing.status_code, missing.json["code"]) == (409, "tax-class-taken")


def test_zones_are_listed_in_pages(client: FlaskClient) -> None:
    zones = [make_tax_zone(country, standard=200_000) for country in ("AT", "BE", "CZ")]
    first = client.get("/v1/admin/tax-zones?limit=2", headers=reader())
    rest = client.get(f"/v1/admin/tax-zones?limit=2&cursor={first.json['next_cursor']}", headers=reader())
    assert [item["id"] for item in first.json["items"] + rest.json["items"]] == [str(zone.id) for zone in zones]
    assert rest.json["next_cursor"] is None


def test_what_is_no_rate_is_refused(client: FlaskClient) -> None:
    client.post("/v1/admin/tax-classes", json={"code": "standard", "name": "Standard"}, headers=writer())
    for rate in ("1.01", "-0.1", "19%", "0.1234567", ".5", ""):
        body = ZONE | {"rates": {"standard": {"name": "VAT", "rate": rate}}}
        refused = client.post("/v1/admin/tax-zones", json=body, headers=writer())
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/rates/standard/rate")
    assert client.get("/v1/admin/tax-zones", headers=reader()).json["items"] == []


def test_refusals_name_their_reason(client: FlaskClient) -> None:
    make_tax_zone("DE", standard=190_000)
    taken = client.post("/v1/admin/tax-zones", json=ZONE, headers=writer())
    assert (taken.status_code, taken.json["code"]) == (409, "tax-area-taken")
    body = {"name": "X", "areas": [{"country": "PL"}], "rates": {"nothing": {"name": "N", "rate": "0.1"}}}
    unknown = client.post("/v1/admin/tax-zones", json=body, headers=writer())
    assert (unknown.status_code, unknown.json["code"]) == (404, "unknown-tax-class")


def test_only_staff_with_the_permission_may(client: FlaskClient) -> None:
    assert client.get("/v1/admin/tax-zones").status_code == 401
    assert client.get("/v1/admin/tax-zones", headers=customer_headers()).status_code == 403
    assert client.post("/v1/admin/tax-zones", json=ZONE, headers=reader()).status_code == 403
    assert client.get("/v1/admin/tax-zones", headers=reader()).json["items"] == []
