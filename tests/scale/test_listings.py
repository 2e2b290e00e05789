"""Lists of a large catalog: each is what plain SQL says, page by page, and an index answers it."""

from itertools import pairwise
from typing import Any

import pytest
from flask import Flask

from tests.scale.conftest import Database
from tests.scale.plans import explained, most_rows, read_whole

Large = tuple[Flask, Database]

ORACLE = """
SELECT product_id::text FROM listings
WHERE channel_id = (SELECT id FROM channels WHERE code = 'eu') AND group_id = '00000000-0000-0000-0000-000000000000'
  AND {filters}
ORDER BY {order}"""
CATEGORY = "(SELECT id FROM categories WHERE slug = '{}') = ANY (category_ids)"
PICKED = "collection_items JOIN collections ON collections.id = collection_id WHERE slug = 'collection-3'"
#: What is asked for, and the same in SQL.
LISTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "newest": ({}, "true", "published_at DESC, product_id DESC"),
    "by price": ({"sort": "price"}, "true", "lowest_amount, product_id"),
    "by title": ({"sort": "title"}, "true", "title_keys ->> 'en' COLLATE \"C\", product_id"),
    "of a category": ({"category": "aisle-1"}, CATEGORY.format("aisle-1"), "published_at DESC, product_id DESC"),
    "of a category, dearest first": (
        {"category": "shelf-2", "sort": "-price"}, CATEGORY.format("shelf-2"), "lowest_amount DESC, product_id DESC",
    ),
    "three filters by price": (
        {"category": "aisle-0", "attribute": "color:blue", "available": "true", "sort": "price"},
        CATEGORY.format("aisle-0") + " AND is_available AND 'color:blue' = ANY (facets)", "lowest_amount, product_id",
    ),
    "four filters by price": (
        {"category": "aisle-1", "attribute": ["color:blue", "color:red", "organic:true"], "price_min": 2_000,
         "price_max": 9_000, "sort": "price"},
        CATEGORY.format("aisle-1") + """ AND facets && '{color:blue,color:red}' AND 'organic:true' = ANY (facets)
        AND lowest_amount BETWEEN 2000 AND 9000""", "lowest_amount, product_id",
    ),
    "of a brand": (
        {"brand": "brand-3", "sort": "price"}, "brand_id = (SELECT id FROM brands WHERE slug = 'brand-3')",
        "lowest_amount, product_id",
    ),
    "of a collection": (
        {"collection": "collection-3"},
        f"product_id IN (SELECT product_id FROM {PICKED})",
        f"(SELECT position FROM {PICKED} AND collection_items.product_id = listings.product_id)",
    ),
}  # fmt: skip


def walked(large: Large, asked: dict[str, Any], limit: int) -> list[str]:
    """The ids of all pages."""
    client, seen, cursor = large[0].test_client(), [], {}
    while True:
        page = client.get("/v1/products", query_string={"channel": "eu", "limit": limit} | asked | cursor).get_json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return seen
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize("name", LISTS)
def test_all_pages_together_are_what_sql_says(large: Large, name: str) -> None:
    asked, filters, order = LISTS[name]
    wanted = [row[0] for row in large[1].execute(ORACLE.format(filters=filters, order=order).encode())]
    assert len(wanted) > 20
    assert walked(large, asked, limit=100) == wanted


def test_many_products_are_alike_in_what_lists_are_sorted_by(large: Large) -> None:
    """Else the walks above would not meet ties."""
    amounts = [row[0] for row in large[1].execute(b"SELECT lowest_amount FROM listings ORDER BY 1")]
    moments = [row[0] for row in large[1].execute(b"SELECT published_at FROM products ORDER BY 1")]
    for values in (amounts, moments):
        assert sum(a == b for a, b in pairwise(values)) > len(values) / 10


@pytest.mark.parametrize("name", LISTS)
def test_an_index_answers_the_first_page_and_a_deep_one(large: Large, name: str) -> None:
    client = large[0].test_client()
    asked = {"channel": "eu"} | LISTS[name][0]
    deep = {"cursor": client.get("/v1/products", query_string=asked | {"limit": 10}).get_json()["next_cursor"]}
    with explained() as plans:
        for page in ({}, deep):
            # Often enough that PostgreSQL has one plan for all values, where it thinks that one good.
            for _ in range(12):
                plans.clear()
                assert client.get("/v1/products", query_string=asked | page | {"limit": 10}).status_code == 200
            assert len(plans) == 3
            assert read_whole(plans) == set(), plans


@pytest.mark.parametrize("asked", [{}, {"category": "aisle-1"}], ids=str)
@pytest.mark.parametrize("sort", ["newest", "price", "-price"])
def test_a_page_reads_no_more_than_it_shows_however_large_the_category(
    large: Large, sort: str, asked: dict[str, Any]
) -> None:
    client = large[0].test_client()
    with explained() as plans:
        client.get("/v1/products", query_string={"channel": "eu", "sort": sort, "limit": 10} | asked)
        # There are 40 categories, among which the one is looked for.
        assert most_rows(plans) < 40


def test_a_product_and_the_categories_are_found_by_indexes(large: Large) -> None:
    client = large[0].test_client()
    slug = client.get("/v1/products?channel=eu").get_json()["items"][0]["slug"]
    with explained() as plans:
        assert client.get(f"/v1/products/{slug}?channel=eu").status_code == 200
        assert client.get("/v1/categories?channel=eu").status_code == 200
        assert read_whole(plans) == set(), plans


def test_the_tree_counts_what_lies_in_each_category(large: Large) -> None:
    tree = large[0].test_client().get("/v1/categories?channel=uk").get_json()["items"]
    counted = {node["slug"]: node["product_count"] for node in _all(tree)}
    truth = (
        large[1]
        .execute(b"""
        SELECT slug, (SELECT count(*) FROM listings WHERE group_id = '00000000-0000-0000-0000-000000000000'
            AND channel_id = (SELECT id FROM channels WHERE code = 'uk') AND categories.id = ANY (category_ids))
        FROM categories""")
        .fetchall()
    )
    assert counted == dict(truth)


def _all(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for node in nodes for each in (node, *_all(node["children"]))]
