"""What staff look for in a large shop: found by an index, counted to the last one as long as they are few."""

from typing import Any

import pytest
from flask import Flask

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import counting
from tests.make import staff_headers
from tests.scale.conftest import Database
from tests.scale.plans import explained, read_whole

Large = tuple[Flask, Database]

PEOPLE = """
INSERT INTO customers (id, email, email_key, name, phone, password_hash, registered_at, version)
SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'buyer' || n || '@example.com',
       'buyer' || n || '@example.com', CASE WHEN n % 500 = 0 THEN 'Ada Lovelace ' ELSE 'Somebody ' END || n, '', '', now(), 1
FROM generate_series(1, 12000) AS n;
INSERT INTO orders (id, cart_id, channel_id, state, locale, email, currency, subtotal_amount, discount_amount,
    shipping_amount, tax_amount, total_amount, authorized_amount, paid_amount, refunded_amount, quote, placed_at, version)
SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, gen_random_uuid(),
       (SELECT id FROM channels WHERE code = 'eu'), CASE WHEN n % 400 = 0 THEN 'canceled' ELSE 'completed' END, 'en',
       'buyer' || n % 6000 || '@example.com', 'EUR', 0, 0, 0, 0, 0, 0, 0, 0, '{}', now(), 1
FROM generate_series(1, 12000) AS n;
INSERT INTO order_lines (id, order_id, position, variant_id, product_id, sku, title, variant_title, options, quantity,
    unit_amount, net_amount, tax_amount, gross_amount, tax_rate_ppm, tax_name, requires_shipping, shipped_quantity)
SELECT orders.id, orders.id, 0, v.id, v.product_id, sku, '', '', '{}', 1, 0, 0, 0, 0, 0, '', true, 0
FROM orders, (SELECT * FROM variants LIMIT 1) AS v;
VACUUM ANALYZE customers, orders, order_lines
"""
#: Where to look, what for, and the same in SQL.
LISTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "products": ("products", {}, "SELECT count(*) FROM products"),
    "drafts": ("products", {"status": "draft"}, "SELECT count(*) FROM products WHERE published_at IS NULL AND archived_at IS NULL"),
    "archived products": ("products", {"status": "archived"}, "SELECT count(*) FROM products WHERE archived_at IS NOT NULL"),
    "a part of a title": ("products", {"q": "WOOL M"}, "SELECT count(*) FROM products WHERE title ILIKE '%wool m%'"),
    "the beginning of a title": ("products", {"q": "bl"}, "SELECT count(*) FROM products WHERE title ILIKE 'bl%'"),
    "the beginning of a SKU": (
        "products", {"q": "S00012"}, "SELECT count(DISTINCT product_id) FROM variants WHERE sku LIKE 'S00012%'",
    ),
    "drafts by title": (
        "products", {"q": "Mug", "status": "draft"},
        "SELECT count(*) FROM products WHERE title ILIKE '%mug%' AND published_at IS NULL AND archived_at IS NULL",
    ),
    "nothing": ("products", {"q": "no such thing"}, "SELECT 0"),
    "signs of a pattern": ("products", {"q": "%_%"}, "SELECT 0"),
    "stock by SKU": (
        "stock-levels", {"sku": "S00012"},
        "SELECT count(*) FROM stock_levels JOIN variants ON variants.id = variant_id WHERE sku LIKE 'S00012%'",
    ),
    "a part of a name": ("customers", {"q": "lovelace"}, "SELECT count(*) FROM customers WHERE name ILIKE '%lovelace%'"),
    "the beginning of an address": (
        "customers", {"q": "Buyer11"}, "SELECT count(*) FROM customers WHERE email_key LIKE 'buyer11%'",
    ),
    "orders of somebody": (
        "orders", {"email": "buyer77@example.com"}, "SELECT count(*) FROM orders WHERE email = 'buyer77@example.com'",
    ),
    "canceled orders": ("orders", {"state": "canceled"}, "SELECT count(*) FROM orders WHERE state = 'canceled'"),
}  # fmt: skip


@pytest.fixture(scope="module")
def busy(large: Large) -> Large:
    """The large shop with 12,000 customers and as many orders, of one line each."""
    for statement in PEOPLE.split(";"):
        large[1].execute(statement.encode())
    return large


def ask(shop: Large, room: str, **asked: Any) -> dict[str, Any]:
    answer = shop[0].test_client().get(f"/v1/admin/{room}", query_string=asked, headers=headers())
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def headers() -> dict[str, str]:
    return staff_headers(*Permission)


def truth(shop: Large, sql: str) -> Any:
    (row,) = shop[1].execute(sql.encode()).fetchall()
    return row[0]


@pytest.mark.parametrize("name", LISTS)
def test_it_is_counted_and_walked_to_the_last(busy: Large, name: str) -> None:
    room, asked, sql = LISTS[name]
    total = truth(busy, sql)
    page = ask(busy, room, limit=100, count="true", **asked)
    assert (page["total"], page["total_is_estimated"]) == (total, False)
    seen = list(map(str, page["items"]))
    while page["next_cursor"]:
        page = ask(busy, room, limit=100, cursor=page["next_cursor"], **asked)
        assert (page["total"], page["total_is_estimated"]) == (None, False)
        seen += map(str, page["items"])
    assert len(seen) == len(set(seen)) == total


@pytest.mark.parametrize("name", LISTS)
def test_an_index_answers_it(busy: Large, name: str) -> None:
    room, asked, _ = LISTS[name]
    # All of some thousands are counted one by one.
    asked = asked | {"limit": 10, "count": "true" if asked else "false"}
    client, who = busy[0].test_client(), headers()
    with explained() as plans:
        # Often enough that PostgreSQL has one plan for all values, where it thinks that one good.
        for _ in range(12):
            plans.clear()
            answer = client.get(f"/v1/admin/{room}", query_string=asked, headers=who)
            assert answer.status_code == 200
    assert read_whole(plans) == set(), plans


@pytest.mark.parametrize("room", ["stock-levels", "customers", "orders"])
def test_past_ten_thousand_it_is_an_estimate_and_says_so(busy: Large, room: str) -> None:
    table = room.replace("-", "_")
    page = ask(busy, room, count="true")
    total = truth(busy, f"SELECT count(*) FROM {table}")
    assert total > counting.EXACT
    assert page["total_is_estimated"] is True
    assert max(counting.EXACT, total * 0.9) < page["total"] < total * 1.1


def test_at_ten_thousand_it_is_exact(busy: Large, monkeypatch: pytest.MonkeyPatch) -> None:
    total = truth(busy, "SELECT count(*) FROM products")
    for exact, is_estimated in ((total, False), (total - 1, True)):
        monkeypatch.setattr(counting, "EXACT", exact)
        assert ask(busy, "products", count="true")["total_is_estimated"] is is_estimated


def test_nobody_is_counted_who_was_not_asked_for(busy: Large) -> None:
    page = ask(busy, "products")
    assert (page["total"], page["total_is_estimated"]) == (None, False)


def test_what_is_found_in_two_ways_is_found_once(busy: Large) -> None:
    busy[1].execute(
        b"UPDATE products SET title = 'S0000123 and more' WHERE id = (SELECT product_id FROM variants WHERE sku = 'S0000123-0')"
    )
    page = ask(busy, "products", q="S0000123", count="true")
    assert ([item["title"] for item in page["items"]], page["total"]) == (["S0000123 and more"], 1)


def test_a_cursor_of_another_search_is_refused(busy: Large) -> None:
    cursor = ask(busy, "products", q="wool", limit=1)["next_cursor"]
    for asked in ({"q": "steel"}, {}, {"q": "wool", "status": "draft"}):
        query = {"cursor": cursor} | asked
        answer = busy[0].test_client().get("/v1/admin/products", query_string=query, headers=headers())
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid-cursor")
