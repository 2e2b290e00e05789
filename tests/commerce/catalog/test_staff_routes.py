from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shopwright.commerce.accounts.permissions import Permission
from tests.commerce.catalog.drafts import pot
from tests.make import make_staff, staff_headers

PRODUCTS = "/v1/admin/products"


@pytest.fixture
def send(client: FlaskClient) -> Any:
    """Send as a member of staff who may read and write the catalog."""
    member = make_staff(Permission.CATALOG_READ, Permission.CATALOG_WRITE)

    def send(method: str, path: str, body: Any = None, tag: str | None = None) -> TestResponse:
        headers = staff_headers(member=member) | ({"If-Match": tag} if tag else {})
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        more: dict[str, Any] = {} if body is None else {"data": msgspec.json.encode(body), "content_type": kind}
        return client.open(path, method=method, headers=headers, **more)

    return send


def test_a_product_is_made_edited_and_published(send: Any) -> None:
    made = send("POST", PRODUCTS, pot())
    assert made.status_code == 201, made.json
    path = f"{PRODUCTS}/{made.json['id']}"
    assert made.json["status"] == "published"
    changed = send("PATCH", path, {"title": "Pot", "brand_id": None}, made.headers["ETag"])
    assert (changed.status_code, changed.json["title"], changed.json["brand_id"]) == (200, "Pot", None)
    assert send("GET", path).json == changed.json
    archived = send("POST", f"{path}/archive")
    assert archived.json["status"] == "archived"


def test_of_two_editors_the_later_is_told(send: Any) -> None:
    made = send("POST", PRODUCTS, {"title": "Mug"})
    path, tag = f"{PRODUCTS}/{made.json['id']}", made.headers["ETag"]
    assert send("PUT", f"{path}/media", {"media": [{"source": "mugs/1.png"}]}, tag).status_code == 200
    late = send("PATCH", path, {"title": "Cup"}, tag)
    assert (late.status_code, late.json["code"]) == (412, "precondition-failed")
    assert send("PATCH", path, {"title": "Cup"}).status_code == 428
    assert send("GET", path).json["title"] == "Mug"


def test_the_parts_of_a_product_are_edited_under_its_version(send: Any) -> None:
    made = send("POST", PRODUCTS, pot())
    path, tag = f"{PRODUCTS}/{made.json['id']}", made.headers["ETag"]
    variant = made.json["variants"][1]["id"]
    answer = send("PATCH", f"{path}/variants/{variant}", {"weight_grams": 400}, tag)
    assert answer.json["variants"][1]["weight_grams"] == 400
    answer = send("POST", f"{path}/variants", {"option_values": ["Large", "Blue"]})
    assert (answer.status_code, len(answer.json["variants"])) == (201, 4)
    answer = send("POST", f"{path}/variants/{variant}/archive")
    assert answer.json["variants"][1]["archived_at"] is not None
    answer = send("POST", f"{path}/variants/{variant}/restore")
    options = [{"name": "Format", "values": ["Small", "Large"]}, {"name": "Color", "values": ["Red", "Blue"]}]
    answer = send("PUT", f"{path}/options", {"options": options}, answer.headers["ETag"])
    assert [option["name"] for option in answer.json["options"]] == ["Format", "Color"]
    answer = send("PUT", f"{path}/translations", {"translations": {"fr": {"title": "Pot"}}}, answer.headers["ETag"])
    assert answer.json["translations"].keys() == {"fr"}


def test_what_is_wrong_is_named(send: Any) -> None:
    refused = send("POST", PRODUCTS, {"title": "", "variants": [{"sku": 1}], "x": 1, "translations": {"zzzzz": {}}})
    assert refused.status_code == 422
    pointers = [fault["pointer"] for fault in refused.json["errors"]]
    assert {"/title", "/variants/0/sku", "/x"} <= set(pointers)
    assert send("GET", PRODUCTS).json["items"] == []


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("https://pictures.example/a.jpg?v=1", 201),
        ("pots/2026/a.b.png", 201),
        ("a" * 100, 201),
        ("a" * 101, 422),
        ("pots/../secret", 422),
        ("/etc/passwd", 422),
        ("javascript:alert(1)", 422),
        ("a.png\n", 422),
        ("ü.png", 422),
    ],
)
def test_a_picture_is_a_link_or_a_key_of_the_storage(send: Any, source: str, status: int) -> None:
    assert send("POST", PRODUCTS, {"title": "Mug", "media": [{"source": source}]}).status_code == status


def test_a_slug_ends_where_it_ends(send: Any) -> None:
    refused = send("POST", PRODUCTS, {"title": "Mug", "slug": "mug\n"})
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["/slug"]


def test_a_taken_sku_is_refused(send: Any) -> None:
    assert send("POST", PRODUCTS, {"title": "Mug", "variants": [{"sku": "M"}]}).status_code == 201
    refused = send("POST", PRODUCTS, {"title": "Cup", "variants": [{"sku": "M"}]})
    assert (refused.status_code, refused.json["code"], refused.json["sku"]) == (409, "sku-taken", "M")


def test_products_are_listed_searched_and_paged(send: Any) -> None:
    for title in ("100% wool", "1000 pieces", "Mug"):
        send("POST", PRODUCTS, {"title": title})
    send("POST", PRODUCTS, {"title": "Cup", "is_published": True})
    first = send("GET", f"{PRODUCTS}?limit=3").json
    assert [row["title"] for row in first["items"]] == ["Cup", "Mug", "1000 pieces"]
    rest = send("GET", f"{PRODUCTS}?limit=3&cursor={first['next_cursor']}").json
    assert [row["title"] for row in rest["items"]] == ["100% wool"]
    for query, titles in (
        ("q=100%25", ["100% wool"]),
        ("q=MU", ["Mug"]),
        ("q=1000-PIE", ["1000 pieces"]),
        ("q=_", []),
        ("status=published", ["Cup"]),
        ("status=archived", []),
    ):
        assert [row["title"] for row in send("GET", f"{PRODUCTS}?{query}").json["items"]] == titles, query


def test_without_the_permission_nothing_is_written(client: FlaskClient) -> None:
    headers = staff_headers(Permission.CATALOG_READ)
    refused = client.post(PRODUCTS, headers=headers, json={"title": "Mug"})
    assert refused.status_code == 403
    assert client.get(PRODUCTS).status_code == 401


def test_brands_types_categories_and_collections_have_their_routes(send: Any) -> None:
    for path, first, method, second in (
        ("brands", {"name": "Lux"}, "PATCH", {"name": "Nox"}),
        ("collections", {"title": "Summer"}, "PATCH", {"translations": {"de": {"title": "Sommer"}}}),
        ("categories", {"title": "Garden"}, "PATCH", {"position": 3, "parent_id": None}),
        ("product-types", {"name": "Lamp"}, "PUT", {"name": "Lamp", "attributes": [
            {"code": "socket", "label": "Socket", "kind": "choice", "labels": {"de": "Fassung"},
             "choices": [{"code": "e27", "label": "E27", "labels": {"de": "E 27"}}]},
        ]}),
    ):  # fmt: skip
        made = send("POST", f"/v1/admin/{path}", first)
        assert made.status_code == 201, made.json
        one = f"/v1/admin/{path}/{made.json['id']}"
        changed = send(method, one, second, made.headers["ETag"])
        assert changed.status_code == 200, changed.json
        assert changed.json["version"] == made.json["version"] + 1
        assert send("GET", one).json == changed.json
        assert [row["id"] for row in send("GET", f"/v1/admin/{path}").json["items"]] == [made.json["id"]]
        assert send("DELETE", one, tag=made.headers["ETag"]).status_code == 412
        assert send("DELETE", one, tag=changed.headers["ETag"]).status_code == 204
        assert send("GET", one).status_code == 404


def test_a_category_does_not_move_below_itself(send: Any) -> None:
    garden = send("POST", "/v1/admin/categories", {"title": "Garden"})
    pots = send("POST", "/v1/admin/categories", {"title": "Pots", "parent_id": garden.json["id"]})
    path = f"/v1/admin/categories/{garden.json['id']}"
    refused = send("PATCH", path, {"parent_id": pots.json["id"]}, garden.headers["ETag"])
    assert (refused.status_code, refused.json["code"]) == (409, "category-cycle")
    assert send("GET", path).json == garden.json


def test_products_are_picked_for_a_collection(send: Any) -> None:
    product = send("POST", PRODUCTS, {"title": "Mug"}).json["id"]
    made = send("POST", "/v1/admin/collections", {"title": "Summer"})
    path = f"/v1/admin/collections/{made.json['id']}/products"
    picked = send("PUT", path, {"product_ids": [product]}, made.headers["ETag"])
    assert picked.json["product_ids"] == [product]
