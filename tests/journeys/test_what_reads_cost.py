"""How often the hot reads ask PostgreSQL when nothing is kept. Whoever needs one question more says so here."""

import pytest
from flask.testing import FlaskClient

from shopwright.commerce.catalog import categories, collections
from shopwright.commerce.promotions.rules import Kind, Percentage
from shopwright.kit import outbox
from shopwright.kit.transaction import transaction
from tests import sent
from tests.make import customer_headers, make_customer, make_price_list, make_product_on_sale, make_promotion
from tests.shopping import Shop

TIMES = {
    "products/mug-0": 2,
    "products": 3,
    "products?sort=title&price_min=1&available=true&attribute=a:b": 3,
    "products?collection=picked": 3,
    "products?category=kitchen&limit=1&sort=-price": 3,
    "categories": 3,
    "categories/mugs": 2,
    "collections": 2,
    "collections/picked": 2,
}


@pytest.fixture
def code(shop: Shop) -> str:
    """Of a channel with products, of which all but the first are cheaper by a list, and all by a promotion."""
    with transaction():
        mugs = categories.category("Kitchen", "Mugs")
    made = [
        make_product_on_sale(
            {shop.channel: 1900}, on_hand={shop.location_id: 3}, title="Mug", slug=f"mug-{n}", category_ids=[mugs.id]
        )
        for n in range(5)
    ]
    with transaction():
        picked = collections.create_collection(title="Picked")
        collections.pick(picked.id, [product for product, _ in made])
    make_price_list(shop.channel, *((variant, 1, 1500) for _, (variant,) in made[1:]))
    make_promotion(Percentage(ppm=100_000), kind=Kind.CATALOG)
    outbox.drain()
    return shop.channel.code


def times_asked(client: FlaskClient, url: str, headers: dict[str, str] | None = None) -> int:
    assert client.get(url, headers=headers).status_code == 200  # reads the rules, once a process
    with sent.statements() as seen:
        assert client.get(url, headers=headers).status_code == 200
    # Without the savepoints that join a test's requests in one transaction.
    return sum(not text.lower().startswith(("savepoint", "rollback to")) for text in seen)


@pytest.mark.parametrize("path", TIMES)
def test_what_all_shoppers_see_takes_few_statements(client: FlaskClient, code: str, path: str) -> None:
    assert times_asked(client, f"/v1/{path}{'&' if '?' in path else '?'}channel={code}") == TIMES[path]


def test_a_customers_orders_take_one_statement_beside_who_they_are(client: FlaskClient, shop: Shop) -> None:
    headers = customer_headers(make_customer())
    assert times_asked(client, "/v1/me/orders", headers) == times_asked(client, "/v1/me/addresses", headers)
