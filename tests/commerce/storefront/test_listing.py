from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from shopwright.commerce.catalog import brands, categories, collections, product_types
from shopwright.commerce.catalog.drafts import AttributeDraft, ChoiceDraft, TranslationDraft
from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.kit import outbox
from shopwright.kit.transaction import transaction
from tests.commerce.storefront.conftest import Shop
from tests.make import make_product_on_sale

HOSTILE = ["'", '"', "' OR 1=1 --", "'; DROP TABLE listings; --", "\\", "%", "_", "{}", "$1", ":x", "%(x)s", "é\u202e"]


def products(client: FlaskClient, shop: Shop, **asked: Any) -> dict[str, Any]:
    outbox.drain()
    answer = client.get("/v1/products", query_string={"channel": shop.eu.code} | asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def titles(client: FlaskClient, shop: Shop, **asked: Any) -> list[str]:
    return [item["title"] for item in products(client, shop, **asked)["items"]]


def test_a_listing_shows_what_is_on_sale(client: FlaskClient, shop: Shop) -> None:
    product_id, _ = make_product_on_sale({shop.eu: 1999}, on_hand={shop.berlin: 3}, title="Mug", brand="Delft")
    assert products(client, shop) == {
        "items": [
            {
                "id": str(product_id), "slug": "mug", "title": "Mug", "brand": "Delft", "image_url": None,
                "image_alt": "Mug", "price": {"amount": 1999, "currency": "EUR"}, "compare_at_price": None,
                "reduction": None, "highest_price": {"amount": 1999, "currency": "EUR"}, "is_available": True,
            }
        ],
        "next_cursor": None,
    }  # fmt: skip


def test_each_channel_has_its_own_prices_and_products(client: FlaskClient, shop: Shop) -> None:
    make_product_on_sale({shop.eu: 1000, shop.us: 1200}, title="Both")
    make_product_on_sale({shop.us: 700}, title="Overseas")
    assert titles(client, shop) == ["Both"]
    answer = products(client, shop, channel=shop.us.code, sort="price")["items"]
    assert [(item["title"], item["price"]) for item in answer] == [
        ("Overseas", {"amount": 700, "currency": "USD"}),
        ("Both", {"amount": 1200, "currency": "USD"}),
    ]


def test_without_a_channel_it_is_the_first_active_one(client: FlaskClient, shop: Shop) -> None:
    first = min(shop.eu, shop.us, key=lambda channel: channel.code)
    make_product_on_sale({first: 1000}, title="Here")
    outbox.drain()
    assert [item["title"] for item in client.get("/v1/products").json["items"]] == ["Here"]  # type: ignore[index]


def test_an_unknown_channel_is_refused(client: FlaskClient, shop: Shop) -> None:
    assert client.get("/v1/products?channel=nowhere").json["code"] == "unknown-channel"  # type: ignore[index]


def test_a_category_holds_what_lies_below_it(client: FlaskClient, shop: Shop) -> None:
    with transaction():
        mugs, pots = categories.category("Kitchen", "Mugs"), categories.category("Garden")
    make_product_on_sale({shop.eu: 1000}, title="Mug", category_ids=[mugs.id])
    make_product_on_sale({shop.eu: 1000}, title="Pot", category_ids=[pots.id])
    assert titles(client, shop, category="kitchen") == ["Mug"]
    assert titles(client, shop, category="mugs") == ["Mug"]
    assert titles(client, shop, category="garden") == ["Pot"]
    assert titles(client, shop, category="nothing") == []


def test_a_collection_is_in_the_order_in_which_it_was_picked(client: FlaskClient, shop: Shop) -> None:
    by_title = {title: make_product_on_sale({shop.eu: price}, title=title)[0] for title, price in
                (("Alder", 300), ("Birch", 100), ("Cedar", 200), ("Not picked", 50))}  # fmt: skip
    with transaction():
        trees = collections.create_collection(title="Trees")
        collections.pick(trees.id, [by_title["Cedar"], by_title["Alder"], by_title["Birch"]])
        hidden = collections.create_collection(title="Hidden", is_published=False)
        collections.pick(hidden.id, [by_title["Cedar"]])
    assert titles(client, shop, collection="trees") == ["Cedar", "Alder", "Birch"]
    assert titles(client, shop, collection="trees", sort="price") == ["Birch", "Cedar", "Alder"]
    assert titles(client, shop, collection="hidden") == []
    assert walk(client, shop, limit=1, collection="trees") == ["Cedar", "Alder", "Birch"]


def test_brand_price_and_availability_filter(client: FlaskClient, shop: Shop) -> None:
    make_product_on_sale({shop.eu: 1000}, title="Mug", brand="Delft", on_hand={shop.berlin: 1})
    make_product_on_sale({shop.eu: 2000}, title="Pot", brand="Delft")
    make_product_on_sale({shop.eu: 3000}, title="Vase")
    assert titles(client, shop, brand="delft", sort="title") == ["Mug", "Pot"]
    assert titles(client, shop, brand="other") == []
    assert titles(client, shop, price_min=1001, sort="title") == ["Pot", "Vase"]
    assert titles(client, shop, price_max=2000, sort="title") == ["Mug", "Pot"]
    assert titles(client, shop, price_min=2000, price_max=2000) == ["Pot"]
    assert titles(client, shop, available="true") == ["Mug"]
    assert titles(client, shop, available="false", sort="title") == ["Pot", "Vase"]
    assert titles(client, shop, brand="delft", available="false", price_max=5000) == ["Pot"]


@pytest.fixture
def mugs(app: Any) -> UUID:
    with transaction():
        return product_types.create_product_type(
            "Mug",
            [
                AttributeDraft(
                    code="color", label="Color", kind=AttributeKind.CHOICE, is_facetable=True,
                    choices=[ChoiceDraft(code="blue", label="Blue"), ChoiceDraft(code="red", label="Red")],
                ),
                AttributeDraft(code="size", label="Size", kind=AttributeKind.NUMBER, is_facetable=True),
                AttributeDraft(code="dishwasher", label="Dishwasher", kind=AttributeKind.BOOLEAN, is_facetable=True),
                AttributeDraft(code="note", label="Note", kind=AttributeKind.TEXT),
            ],
        ).id  # fmt: skip


def test_attributes_filter_by_any_value_of_one_and_by_all_of_several(
    client: FlaskClient, shop: Shop, mugs: UUID
) -> None:
    for title, answers in (
        ("A", {"color": "blue", "size": 3, "dishwasher": True, "note": "x"}),
        ("B", {"color": "red", "size": 3, "dishwasher": False, "note": "x"}),
        ("C", {"color": "blue", "size": 4.5, "note": "x"}),
    ):
        make_product_on_sale({shop.eu: 1000}, title=title, product_type_id=mugs, attributes=answers)
    assert titles(client, shop, sort="title", attribute="color:blue") == ["A", "C"]
    assert titles(client, shop, sort="title", attribute=["color:blue", "color:red"]) == ["A", "B", "C"]
    assert titles(client, shop, sort="title", attribute=["color:blue", "size:3"]) == ["A"]
    assert titles(client, shop, attribute="size:4.5") == ["C"]
    assert titles(client, shop, attribute="dishwasher:false") == ["B"]
    assert titles(client, shop, attribute="note:x") == []


def test_it_is_sorted_as_asked(client: FlaskClient, shop: Shop) -> None:
    for title, price in (("Zebra", 100), ("äpfel", 300), ("Birne", 200), ("Apfel", 300)):
        make_product_on_sale({shop.eu: price}, title=title)
    assert titles(client, shop) == ["Apfel", "Birne", "äpfel", "Zebra"]
    assert titles(client, shop, sort="newest") == ["Apfel", "Birne", "äpfel", "Zebra"]
    assert titles(client, shop, sort="price") == ["Zebra", "Birne", "äpfel", "Apfel"]
    assert titles(client, shop, sort="-price") == ["Apfel", "äpfel", "Birne", "Zebra"]
    assert titles(client, shop, sort="title") == ["äpfel", "Apfel", "Birne", "Zebra"]


def test_titles_are_shown_and_sorted_in_the_shoppers_language(client: FlaskClient, shop: Shop) -> None:
    make_product_on_sale({shop.eu: 1}, title="Apple", translations={"de": TranslationDraft(title="Zapfel", slug="za")})
    make_product_on_sale({shop.eu: 1}, title="Bear")
    assert titles(client, shop, sort="title") == ["Apple", "Bear"]
    assert titles(client, shop, sort="title", locale="de") == ["Bear", "Zapfel"]
    assert titles(client, shop, sort="title", locale="de-CH") == ["Bear", "Zapfel"]
    assert titles(client, shop, sort="title", locale="fr") == ["Apple", "Bear"]


def walk(client: FlaskClient, shop: Shop, **asked: Any) -> list[str]:
    """All titles, following the `Link`s."""
    outbox.drain()
    seen: list[str] = []
    answer = client.get("/v1/products", query_string={"channel": shop.eu.code} | asked)
    while True:
        assert answer.status_code == 200, answer.text
        seen += [item["title"] for item in answer.json["items"]]  # type: ignore[index]
        link = answer.headers.get("Link")
        if link is None:
            assert answer.json["next_cursor"] is None  # type: ignore[index]
            return seen
        assert link.endswith('>; rel="next"')
        answer = client.get(link[1:].partition(">")[0])


@pytest.mark.parametrize("sort", ["newest", "price", "-price", "title"])
def test_a_walk_meets_every_product_once(client: FlaskClient, shop: Shop, sort: str) -> None:
    for number in range(7):
        make_product_on_sale({shop.eu: 100 * (number % 3)}, title=f"Thing {number % 2}", on_hand={shop.berlin: 1})
    whole = [item["id"] for item in products(client, shop, sort=sort)["items"]]
    assert len(set(whole)) == 7
    seen, cursor = [], None
    while page := products(client, shop, sort=sort, limit=2, **({"cursor": cursor} if cursor else {})):
        seen += [item["id"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == whole
    assert len(walk(client, shop, sort=sort, limit=2, available="true")) == 7


def test_what_comes_in_during_a_walk_neither_repeats_nor_hides_anything(client: FlaskClient, shop: Shop) -> None:
    for number in range(4):
        make_product_on_sale({shop.eu: 100}, title=f"Thing {number}")
    first = products(client, shop, limit=2)
    make_product_on_sale({shop.eu: 100}, title="New")
    rest = products(client, shop, limit=2, cursor=first["next_cursor"])
    assert [item["title"] for item in first["items"] + rest["items"]] == ["Thing 3", "Thing 2", "Thing 1", "Thing 0"]


def test_a_cursor_of_another_list_is_refused(client: FlaskClient, shop: Shop) -> None:
    for number in range(3):
        make_product_on_sale({shop.eu: 100}, title=f"Thing {number}")
    cursor = products(client, shop, limit=1)["next_cursor"]
    asked = {"channel": shop.eu.code, "cursor": cursor}
    for more in ({"sort": "price"}, {"available": "true"}, {"price_min": "1"}):
        answer = client.get("/v1/products", query_string=asked | more)
        assert (answer.status_code, answer.json["code"]) == (400, "invalid-cursor")  # type: ignore[index]


@pytest.mark.parametrize("field", ["category", "collection", "brand", "attribute"])
def test_s13_a_hostile_filter_finds_nothing(client: FlaskClient, shop: Shop, field: str) -> None:
    make_product_on_sale({shop.eu: 100}, title="Mug")
    outbox.drain()
    for text in HOSTILE:
        for sent in (f"color:{text}", f"{text.replace(':', '')}:{text}") if field == "attribute" else (text,):
            answer = client.get("/v1/products", query_string={"channel": shop.eu.code, field: sent})
            assert (answer.status_code, answer.json) == (200, {"items": [], "next_cursor": None})
    assert titles(client, shop) == ["Mug"]


@pytest.mark.parametrize("field", ["sort", "price_min", "price_max", "available", "limit", "channel", "locale"])
def test_s13_a_hostile_value_is_refused(client: FlaskClient, shop: Shop, field: str) -> None:
    for text in HOSTILE:
        answer = client.get("/v1/products", query_string={"channel": shop.eu.code} | {field: text})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{field}")  # type: ignore[index]


def test_s13_a_hostile_cursor_or_slug_is_refused(client: FlaskClient, shop: Shop) -> None:
    for text in HOSTILE:
        assert client.get("/v1/products", query_string={"cursor": text}).status_code == 400
        for room in ("products", "categories", "collections"):
            assert client.get(f"/v1/{room}/{quote(text, safe='')}").status_code == 404


def test_categories_are_a_tree_with_counts_of_the_channel(client: FlaskClient, shop: Shop) -> None:
    with transaction():
        mugs = categories.category("Kitchen", "Mugs")
        categories.change_category(mugs.id, {"translations": {"de": {"title": "Becher"}}})
    make_product_on_sale({shop.eu: 100}, title="Mug", category_ids=[mugs.id])
    outbox.drain()
    asked = {"channel": shop.eu.code, "locale": "de"}
    (kitchen,) = client.get("/v1/categories", query_string=asked).json["items"]  # type: ignore[index]
    assert (kitchen["title"], kitchen["product_count"]) == ("Kitchen", 1)
    assert kitchen["children"] == [
        {"id": str(mugs.id), "slug": "mugs", "title": "Becher", "product_count": 1, "children": []}
    ]
    (elsewhere,) = client.get("/v1/categories", query_string={"channel": shop.us.code}).json["items"]  # type: ignore[index]
    assert (elsewhere["product_count"], elsewhere["children"][0]["title"]) == (0, "Mugs")
    page = client.get("/v1/categories/mugs", query_string=asked).json
    assert page["title"] == "Becher"  # type: ignore[index]
    assert [crumb["slug"] for crumb in page["breadcrumb"]] == ["kitchen", "mugs"]  # type: ignore[index]


def test_collections_are_listed_when_they_are_published(client: FlaskClient, shop: Shop) -> None:
    with transaction():
        old = collections.create_collection(title="Old", translations={"de": {"title": "Alt"}})
        new = collections.create_collection(title="New")
        collections.create_collection(title="Hidden", is_published=False)
    shown = client.get("/v1/collections", query_string={"channel": shop.eu.code, "locale": "de", "limit": 1})
    assert [item["id"] for item in shown.json["items"]] == [str(new.id)]  # type: ignore[index]
    rest = client.get(shown.headers["Link"][1:].partition(">")[0])
    assert rest.json["items"] == [{"id": str(old.id), "slug": "old", "title": "Alt", "description": ""}]  # type: ignore[index]
    assert client.get("/v1/collections/old").json["title"] == "Old"  # type: ignore[index]
    assert client.get("/v1/collections/hidden").status_code == 404


def test_a_brand_keeps_its_products_under_a_new_slug(client: FlaskClient, shop: Shop) -> None:
    make_product_on_sale({shop.eu: 100}, title="Mug", brand="Delft")
    with transaction():
        brands.change_brand(brands.brand("Delft").id, {"slug": "royal-delft"})
    assert titles(client, shop, brand="royal-delft") == ["Mug"]
