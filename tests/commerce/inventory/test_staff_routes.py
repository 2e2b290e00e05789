from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from shopwright.kit import ids
from tests.make import (
    customer_headers,
    make_location,
    make_selling_channel,
    make_staff,
    make_stocked_variant,
    staff_headers,
)

READ, WRITE = "inventory:read", "inventory:write"
MERGE_PATCH = "application/merge-patch+json"


def get(client: FlaskClient, path: str, **query: object) -> Any:
    return client.get(f"/v1/admin{path}", query_string=query, headers=staff_headers(READ))


def post(client: FlaskClient, path: str, body: dict[str, object]) -> Any:
    return client.post(f"/v1/admin{path}", json=body, headers=staff_headers(WRITE))


def edit(client: FlaskClient, method: str, path: str, tag: str, **sent: Any) -> Any:
    headers = staff_headers(WRITE) | {"If-Match": tag}
    return client.open(f"/v1/admin{path}", method=method, headers=headers, **sent)


def test_a_location_is_opened_changed_and_closed(client: FlaskClient) -> None:
    opened = post(client, "/locations", {"code": "berlin", "name": "Berlin", "country": "DE"})
    assert opened.status_code == 201
    path = f"/locations/{opened.json['id']}"
    assert get(client, path).json == opened.json
    changed = edit(client, "PATCH", path, opened.headers["ETag"], json={"is_active": False}, content_type=MERGE_PATCH)
    assert changed.json == opened.json | {"is_active": False, "version": 2}
    assert changed.json in get(client, "/locations").json["items"]
    stale = edit(client, "DELETE", path, opened.headers["ETag"])
    assert stale.status_code == 412
    assert edit(client, "DELETE", path, changed.headers["ETag"]).status_code == 204
    assert get(client, path).json["code"] == "unknown-location"


def test_a_location_that_holds_stock_stays(client: FlaskClient) -> None:
    location = make_location()
    make_stocked_variant({location.id: 1})
    tag = get(client, f"/locations/{location.id}").headers["ETag"]
    refused = edit(client, "DELETE", f"/locations/{location.id}", tag)
    assert (refused.status_code, refused.json["code"]) == (409, "location-in-use")
    assert get(client, f"/locations/{location.id}").status_code == 200


def test_two_locations_do_not_share_a_code(client: FlaskClient) -> None:
    make_location(code="berlin")
    refused = post(client, "/locations", {"code": "berlin", "name": "Berlin", "country": "DE"})
    assert (refused.status_code, refused.json["code"]) == (409, "location-code-taken")
    assert len([place for place in get(client, "/locations").json["items"] if place["code"] == "berlin"]) == 1


def test_a_channel_is_told_where_it_sells_from_in_which_order(client: FlaskClient) -> None:
    berlin, lyon = make_location().id, make_location().id
    channel = make_selling_channel(berlin).id
    path = f"/channels/{channel}/locations"
    before = get(client, path)
    assert before.json["locations"] == [str(berlin)]
    body = {"locations": [str(lyon), str(berlin), str(lyon)]}
    after = edit(client, "PUT", path, before.headers["ETag"], json=body)
    assert after.json["locations"] == [str(lyon), str(berlin)]
    assert after.json["version"] > before.json["version"]
    assert edit(client, "PUT", path, before.headers["ETag"], json={"locations": []}).status_code == 412
    unknown = edit(client, "PUT", path, after.headers["ETag"], json={"locations": [str(ids.new())]})
    assert (unknown.status_code, unknown.json["code"]) == (404, "unknown-location")
    assert get(client, path).json == after.json
    assert get(client, f"/channels/{ids.new()}/locations").json["code"] == "unknown-channel"


def test_an_adjustment_that_is_sent_twice_is_booked_once(client: FlaskClient) -> None:
    berlin, variant = make_location().id, make_stocked_variant()
    headers = staff_headers(WRITE)
    body = {"variant_id": str(variant), "location_id": str(berlin), "delta": 4, "reason": "receipt", "note": "N 1"}
    answers = [client.post("/v1/admin/stock-adjustments", json=body, headers=headers) for _ in range(2)]
    assert answers[0].status_code == 201
    assert answers[0].json == answers[1].json == {
        "variant_id": str(variant), "location_id": str(berlin), "on_hand": 4, "reserved": 0, "claimed": 0,
        "available": 4,
    }  # fmt: skip
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    moved = get(client, "/stock-movements", variant_id=variant).json["items"]
    assert [(m["delta"], m["reason"], m["reference"]) for m in moved] == [(4, "receipt", "N 1")]
    assert moved[0]["actor"].startswith("staff:")


def test_a_count_says_how_many_there_are(client: FlaskClient) -> None:
    berlin = make_location().id
    variant = make_stocked_variant({berlin: 9})
    counted = post(client, "/stock-counts", {"variant_id": str(variant), "location_id": str(berlin), "on_hand": 7})
    assert (counted.status_code, counted.json["on_hand"]) == (201, 7)
    moved = get(client, "/stock-movements", variant_id=variant).json["items"]
    assert [(m["delta"], m["reason"]) for m in moved] == [(-2, "count"), (9, "receipt")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"delta": -1}, "stock-in-use"),
        ({"variant_id": str(ids.new())}, "unknown-variant"),
        ({"location_id": str(ids.new())}, "unknown-location"),
        ({"reason": "sale"}, "validation-failed"),
        ({"delta": 10**10}, "validation-failed"),
    ],
)
def test_an_adjustment_that_cannot_be_is_refused(client: FlaskClient, body: dict[str, object], code: str) -> None:
    berlin, variant = make_location().id, make_stocked_variant()
    whole = {"variant_id": str(variant), "location_id": str(berlin), "delta": 1, "reason": "adjustment"}
    assert post(client, "/stock-adjustments", whole | body).json["code"] == code
    assert get(client, "/stock-levels", variant_id=variant).json["items"] == []
    assert get(client, "/stock-movements", variant_id=variant).json["items"] == []


def test_levels_and_movements_are_paged_without_gaps(client: FlaskClient) -> None:
    berlin = make_location().id
    variants = [make_stocked_variant({berlin: n + 1}) for n in range(5)]
    assert pages(client, "/stock-levels", berlin, lambda item: item["level"]["variant_id"]) == [
        str(variant) for variant in sorted(variants)
    ]
    assert pages(client, "/stock-movements", berlin, lambda item: item["delta"]) == [5, 4, 3, 2, 1]


def pages(client: FlaskClient, path: str, location: UUID, pick: Any) -> list[Any]:
    found, cursor = [], {}
    while True:
        page = get(client, path, location_id=location, limit=2, **cursor).json
        found += [pick(item) for item in page["items"]]
        if not page.get("next_cursor"):
            return found
        cursor = {"cursor": page["next_cursor"]}


def test_stock_is_for_staff_who_may_see_or_change_it(client: FlaskClient) -> None:
    reader = make_staff(READ)
    assert client.get("/v1/admin/stock-levels").status_code == 401
    assert client.get("/v1/admin/stock-levels", headers=customer_headers()).status_code == 403
    assert client.get("/v1/admin/stock-levels", headers=staff_headers(member=reader)).status_code == 200
    body = {"code": "berlin", "name": "Berlin", "country": "DE"}
    refused = client.post("/v1/admin/locations", json=body, headers=staff_headers(member=reader))
    assert refused.status_code == 403
    assert "berlin" not in [place["code"] for place in get(client, "/locations").json["items"]]
