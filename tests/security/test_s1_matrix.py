"""S1: on every route with an id in its path, somebody else's object is not there. Generated from the route map."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from shopwright import app as shop
from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import db
from shopwright.kit.http import Endpoint
from shopwright.kit.openapi import PARAMETER
from tests.make import customer_headers, make_customer, staff_headers
from tests.shopping import ADDRESS, Buyer, make_shop

#: What is nobody's: goods, pages and markets, which the parameter of the path names.
PUBLIC = {"slug", "key", "code", "provider_name"}

ENDPOINTS = {
    endpoint.name: endpoint
    for routes in shop.ROOMS
    for endpoint in routes.endpoints
    if {name for _, name in PARAMETER.findall(endpoint.path)} - PUBLIC
}


@dataclass
class Scene:
    """The objects of a guest and of a customer, by the names that paths have for them; and what they are like."""

    client: FlaskClient
    document: dict[str, Any]
    victims: list[tuple[Buyer, dict[str, str]]] = field(default_factory=list)
    others: dict[str, Callable[[], dict[str, str]]] = field(default_factory=dict)

    def send(self, endpoint: Endpoint, ids: dict[str, str], tokens: dict[str, str]) -> Any:
        path = PARAMETER.sub(lambda found: ids.get(found[2]) or str(uuid4()), endpoint.path)
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": "*", **tokens}
        body = None
        if endpoint.body is not None:
            described = self.document["paths"][PARAMETER.sub(r"{\2}", endpoint.path)][endpoint.method.lower()]
            example = described["requestBody"]["content"][endpoint.consumes]["example"]
            body = msgspec.json.encode(
                {name: ids.get(name, value) for name, value in example.items()} | SENSIBLE.get(endpoint.name, {})
            )
            headers["Content-Type"] = endpoint.consumes
        return self.client.open(path, method=endpoint.method, data=body, headers=headers)


#: Where the document's example would be refused for another reason than who asks.
SENSIBLE: dict[str, dict[str, Any]] = {
    "payments.pay": {"provider": "development", "token": "tok_success"},
    "accounts.change_address": {"address": ADDRESS},
    "cart.change_cart": {
        "shipping_address": ADDRESS, "billing_address": None, "shipping_method_id": None, "locale": "en",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def scene(app: Flask) -> Iterator[Scene]:
    """Set up once, in a transaction that is never committed."""
    with db.engine().connect() as connection:
        outer = connection.begin()
        db.pin(connection)
        yield set_up(app.test_client())
        db.pin(None)
        outer.rollback()


@pytest.fixture(autouse=True)
def _rolled_back(scene: Scene) -> Iterator[None]:
    """Each route finds the scene as it was set up."""
    assert db._pinned is not None
    with db._pinned.begin_nested() as savepoint:
        yield
        savepoint.rollback()


def set_up(client: FlaskClient) -> Scene:
    client.environ_base["shopwright.strict"] = True
    house = make_shop()
    mug = house.product(stock_of=100)

    def customer() -> Buyer:
        return Buyer(client, house, signed_in={"Authorization": customer_headers(make_customer())["Authorization"]})

    def with_everything(buyer: Buyer) -> tuple[Buyer, dict[str, str]]:
        has = {"variant_id": str(mug)}
        if buyer.signed_in:
            means = {"provider": "development", "token": "tok_success"}
            has["method_id"] = buyer.said(buyer.send("POST", "/v1/me/payment-methods", means), 201)["id"]
            has["address_id"] = buyer.said(buyer.send("POST", "/v1/me/addresses", {"address": ADDRESS}), 201)["id"]
        buyer.fills_a_cart(mug, 2)
        has["order_id"] = buyer.orders()["id"]
        has["payment_id"] = buyer.pays()["id"]
        packer = staff_headers(Permission.ORDERS_FULFILL)
        shipped = {"lines": [{"order_line_id": buyer.order["lines"][0]["id"], "quantity": 1}]}
        sent = client.post(f"/v1/admin/orders/{has['order_id']}/shipments", json=shipped, headers=packer)
        assert sent.status_code == 201, sent.text
        buyer.fills_a_cart(mug)
        has["code"] = buyer.enters("SUMMER")["codes"][0]
        has["cart_id"] = buyer.cart["id"]
        has["item_id"] = buyer.cart["items"][0]["line_id"]
        return buyer, has

    eve, _ = with_everything(customer())
    mallory, _ = with_everything(Buyer(client, house))
    clerk = {"Authorization": staff_headers()["Authorization"]}
    document = client.get("/openapi.json").get_json()
    made = Scene(client, document, [with_everything(Buyer(client, house)), with_everything(customer())])
    made.others = {
        "stranger": dict,
        "other customer": lambda: eve.signed_in,
        "other guest": mallory.tokens,
        "other customer with a guest's tokens": lambda: {**mallory.tokens(), **eve.signed_in},
        "member of staff without a permission": lambda: clerk,
    }
    return made


def everything_stored() -> dict[str, list[Any]]:
    """Every row of every table: what is refused leaves nothing behind, not even its idempotency key."""
    assert db._pinned is not None
    return {
        table.name: sorted(map(repr, db._pinned.execute(table.select()))) for table in db.Base.metadata.sorted_tables
    }


@pytest.mark.parametrize("name", ENDPOINTS)
def test_what_is_another_ones_is_not_there(scene: Scene, name: str) -> None:
    endpoint = ENDPOINTS[name]
    before = everything_stored()
    for other, tokens in scene.others.items():
        for _, ids in scene.victims:
            answer = scene.send(endpoint, ids, tokens())
            allowed = {401, 403} if endpoint.access.kinds else set()
            assert answer.status_code in {404} | allowed, (other, answer.status_code, answer.text)
            assert not [text for text in ids.values() if text in answer.text.replace(answer.get_json()["instance"], "")]
    assert everything_stored() == before


def test_the_matrix_asks_what_the_owner_may(scene: Scene) -> None:
    """The same requests, sent by the owners: were they refused for their form, the matrix would show nothing."""
    refused = {}
    for name, endpoint in ENDPOINTS.items():
        if endpoint.is_for_staff or name in OWNERS_ARE_REFUSED:
            continue
        answers = [
            scene.send(endpoint, ids, buyer.tokens())
            for buyer, ids in scene.victims
            if buyer.signed_in or not endpoint.access.kinds
        ]
        if any(not 200 <= answer.status_code < 300 for answer in answers):
            refused[name] = [answer.text for answer in answers]
    assert refused == {}


#: A paid order is neither paid again nor cancelled; a customer's cart has no token to claim it with; a mug is no gift card.
OWNERS_ARE_REFUSED = {"payments.pay", "orders.cancel_order", "cart.claim_cart", "fulfillment.reveal_gift_card"}


def test_every_route_with_an_id_is_in_the_matrix_or_public(app: Flask) -> None:
    described = {name for rule in app.url_map.iter_rules() for name in re.findall(r"<(?:[^:<>]+:)?(\w+)>", rule.rule)}
    asked = {name for endpoint in ENDPOINTS.values() for _, name in PARAMETER.findall(endpoint.path)}
    assert described - asked <= PUBLIC | {"name"}
    assert len(ENDPOINTS) > 70
