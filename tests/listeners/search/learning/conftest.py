"""Shoppers who search and click, and what is known of it afterwards."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from shopwright.commerce.accounts.permissions import Permission
from shopwright.listeners.search.learning import journal
from tests.make import staff_headers
from tests.shopping import Buyer, Shop, make_shop


@pytest.fixture
def market(client: FlaskClient) -> Shop:
    return make_shop()


@pytest.fixture
def shopper(client: FlaskClient, market: Shop) -> Buyer:
    buyer = Buyer(client, market)
    buyer.opens_a_cart()
    return buyer


def looks_for(buyer: Buyer, q: str, **more: Any) -> dict[str, Any]:
    query = {"q": q, "channel": buyer.shop.channel.code, "locale": "en", **more}
    answer = buyer.client.get("/v1/search", query_string=query, headers={"Cart-Token": buyer.cart["token"]})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def tells(buyer: Buyer, *events: dict[str, Any]) -> int:
    answer = buyer.client.post("/v1/search/events", json={"events": list(events)})
    return int(answer.status_code)


def insights(client: FlaskClient, market: Shop, path: str = "insights", **query: Any) -> dict[str, Any]:
    journal.write_down()
    answer = client.get(
        f"/v1/admin/search/{path}", query_string={"channel": market.channel.code, **query},
        headers=staff_headers(Permission.SEARCH_READ),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def clicks_on(found: dict[str, Any], product_id: Any, place: int = 1) -> dict[str, Any]:
    return {"search_id": found["search_id"], "kind": "click", "product_id": str(product_id), "place": place}
