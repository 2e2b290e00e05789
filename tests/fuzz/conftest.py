"""A shop with something of everything in it, for requests that should not all end at 404."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.specs.openapi.schemas import OpenApiSchema

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import cache, db
from tests.make import customer_headers, make_customer, make_staff, staff_headers
from tests.shopping import ADDRESS, Buyer, make_shop


@dataclass(frozen=True)
class Stage:
    """Who may ask, by the headers they send, and what is there, by the names that paths and bodies have for it."""

    roles: dict[str, dict[str, str]]
    there: dict[str, str]

    def ids(self, path: str, names: Iterable[str]) -> dict[str, str]:
        """Of what this path may be about: by its list, `/v1/admin/brands` for `/v1/admin/brands/{brand_id}`, or name."""
        own = {name: self.there[name] for name in names if name in self.there}
        of_list, _, rest = path.partition("/{")
        return own | ({rest.partition("}")[0]: self.there[of_list]} if of_list in self.there else {})


@pytest.fixture(scope="session")
def document(app: Flask) -> OpenApiSchema:
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.fixture(scope="session")
def stage(app: Flask) -> Iterator[Stage]:
    """Set up once, in a transaction that is never committed."""
    with db.engine().connect() as connection:
        outer = connection.begin()
        db.pin(connection)
        yield set_up(app)
        db.pin(None)
        outer.rollback()


@pytest.fixture(autouse=True)
def _rolled_back(stage: Stage) -> Iterator[None]:
    """Each operation finds the stage as it was set up."""
    assert db._pinned is not None
    with db._pinned.begin_nested() as savepoint:
        yield
        savepoint.rollback()
    cache.redis().flushdb()


MORE: dict[str, dict[str, Any]] = {
    "brands": {"name": "Hay"},
    "categories": {"title": "Cups"},
    "collections": {"title": "Autumn"},
    "product-types": {"name": "Cup", "attributes": []},
    "promotions": {"name": "Ten off", "kind": "cart", "effect": {"kind": "percentage", "ppm": 100_000}},
}
LISTS = [*MORE, "channels", "locations", "products", "roles", "shipping-zones", "staff", "tax-zones"]


def set_up(app: Flask) -> Stage:
    client, shop = app.test_client(), make_shop()
    variant_id = shop.product(stock_of=1000)
    ada = make_customer()
    signed_in = {"Authorization": customer_headers(ada)["Authorization"]}
    customer, guest = Buyer(client, shop, signed_in=signed_in), Buyer(client, shop)
    address = customer.said(customer.send("POST", "/v1/me/addresses", {"address": ADDRESS}), 201)
    guest.fills_a_cart(variant_id)
    guest.orders()
    guest.pays()
    customer.fills_a_cart(variant_id)
    customer.orders()
    payment = customer.pays(capture=False)
    customer.fills_a_cart(variant_id)
    guest.fills_a_cart(variant_id)
    staff = {"Authorization": staff_headers(member=make_staff(*Permission))["Authorization"]}
    clerk = Buyer(client, shop, signed_in=staff)
    for kind, what in MORE.items():
        clerk.said(clerk.send("POST", f"/v1/admin/{kind}", what), 201)
    lists = {path: clerk.send("GET", path).get_json()["items"] for path in map("/v1/admin/{}".format, LISTS)}
    return Stage(
        roles={"stranger": {}, "guest": guest.tokens(), "customer": signed_in, "staff": staff},
        there={path: items[0]["id"] for path, items in lists.items()} | {
            "cart_id": customer.cart["id"], "item_id": customer.cart["items"][0]["line_id"], "variant_id": str(variant_id),
            "order_id": customer.order["id"], "order_line_id": customer.order["lines"][0]["id"],
            "payment_id": payment["id"], "address_id": address["id"], "customer_id": str(ada.id),
            "channel_id": str(shop.channel.id), "channel": shop.channel.code, "location_id": str(shop.location_id),
            "method_id": str(shop.method_id), "shipping_method_id": str(shop.method_id),
            "provider": "development", "provider_name": "development", "token": "tok_success", "code": "standard",
        },
    )  # fmt: skip


def with_what_is_there(body: Any, there: dict[str, str]) -> Any:
    """The body, in which every text that has a name of `there` is the one that exists."""
    if isinstance(body, dict):
        return {
            name: there[name] if name in there and isinstance(value, str) else with_what_is_there(value, there)
            for name, value in body.items()
        }
    return [with_what_is_there(item, there) for item in body] if isinstance(body, list) else body
