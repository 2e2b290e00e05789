"""A small shop, and a buyer who speaks HTTP to it."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import msgspec
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.drafts import ProductDraft
from shopwright.commerce.catalog.models import Variant
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import Channel, TaxDisplay
from shopwright.commerce.inventory import locations, stock
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.shipping import service as shipping
from shopwright.commerce.shipping.models import RateKind
from shopwright.commerce.shipping.terms import Rate as ShippingRate
from shopwright.commerce.taxes import service as taxes
from shopwright.commerce.taxes.rates import Rate as TaxRate
from shopwright.kit import outbox
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction
from shopwright.settings import current
from tests.paying import Psp

ADDRESS = {
    "name": "Ada Lovelace", "street_address": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117",
    "country_code": "DE",
}  # fmt: skip
MERGE_PATCH = "application/merge-patch+json"
SHIPPING_PRICE = 490


@dataclass
class Shop:
    """One channel in euros, gross, with 19 % tax in Germany, one location and one way to ship."""

    channel: Channel
    location_id: UUID
    method_id: UUID

    def product(self, *, price: int = 1900, stock_of: int = 10, title: str = "Mug") -> UUID:
        """A published product with one variant; answers the variant's id."""
        with transaction():
            made = catalog.create_product(ProductDraft(title=title, slug=f"p-{uuid4().hex}", is_published=True))
            variant_id = session.scalars(select(Variant.id).where(Variant.product_id == made.id)).one()
            pricing.set_price(variant_id, self.channel.id, Money(price, "EUR"))
            stock.set_count(variant_id, self.location_id, stock_of, Reason.COUNT)
        return variant_id


def make_shop() -> Shop:
    with transaction():
        channel = channels.open_channel(
            code=f"eu-{uuid4().hex[:12]}", name="Europe", currency="EUR", countries=["DE", "AT"], locales=["en", "de"],
            tax_display=TaxDisplay.GROSS,
        )  # fmt: skip
        location = locations.open_location(code=f"b-{uuid4().hex[:12]}", name="Berlin", country="DE")
        locations.sell_from(channel.id, [location.id])
        taxes.add_class("standard", "Standard")
        taxes.open_zone("Germany", [("DE", None)], {"standard": TaxRate(190_000, "VAT 19 %")})
        zone = shipping.open_zone("Germany", [("DE", None)])
        method = shipping.add_method(
            zone.id, channel.id, code=f"standard-{uuid4().hex[:8]}", name="Standard", min_days=1, max_days=3,
            tax_class="standard", position=1, translations={}, is_active=True,
            rate=ShippingRate(RateKind.FLAT, ((0, Money(SHIPPING_PRICE, "EUR")),)),
        )  # fmt: skip
        session.flush()
    return Shop(channel=channel, location_id=location.id, method_id=method.id)


@dataclass
class Buyer:
    """Somebody with a browser. `signed_in` is the Authorization header of a customer."""

    client: FlaskClient
    shop: Shop
    signed_in: dict[str, str] = field(default_factory=dict)
    cart: dict[str, Any] = field(default_factory=dict)
    order: dict[str, Any] = field(default_factory=dict)

    def send(self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> TestResponse:
        sent = {**self.tokens(), **{name.replace("_", "-"): value for name, value in headers.items()}}
        if method != "GET":
            sent["Idempotency-Key"] = key or str(uuid4())
        if body is not None:
            sent["Content-Type"] = MERGE_PATCH if method == "PATCH" else "application/json"
        data = msgspec.json.encode(body) if body is not None else None
        return self.client.open(path, method=method, data=data, headers=sent)

    def tokens(self) -> dict[str, str]:
        tokens = dict(self.signed_in)
        if self.cart.get("token"):
            tokens["Cart-Token"] = self.cart["token"]
        if self.order.get("token"):
            tokens["Order-Token"] = self.order["token"]
        return tokens

    def said(self, answer: TestResponse, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        return dict(answer.get_json())

    def opens_a_cart(self) -> None:
        self.cart = self.said(self.send("POST", "/v1/carts", {"channel": self.shop.channel.code}), 201)

    def takes(self, variant_id: UUID, quantity: int = 1) -> None:
        body = {"variant_id": str(variant_id), "quantity": quantity}
        self._keep(self.said(self.send("POST", f"/v1/carts/{self.cart['id']}/items", body), 201))

    def says_who_and_where(self, email: str = "ada@example.com", street: str | None = None) -> None:
        path = f"/v1/carts/{self.cart['id']}"
        address = ADDRESS | ({"street_address": street} if street else {})
        self._keep(self.said(self.send("PATCH", path, {"email": email, "shipping_address": address}), 200))
        offered = self.said(self.send("GET", f"{path}/shipping-methods"), 200)["items"]
        chosen = {"shipping_method_id": offered[0]["method_id"]}
        self._keep(self.said(self.send("PATCH", path, chosen), 200))

    def enters(self, code: str) -> dict[str, Any]:
        self._keep(self.said(self.send("POST", f"/v1/carts/{self.cart['id']}/codes", {"code": code}), 200))
        return self.cart

    def _keep(self, cart: dict[str, Any]) -> None:
        self.cart = cart | {"token": self.cart.get("token")}

    def asks_to_order(self, *, key: str | None = None) -> TestResponse:
        body = {"cart_id": self.cart["id"], "expected_total": self.cart["total"]}
        return self.send("POST", "/v1/orders", body, key=key)

    def orders(self) -> dict[str, Any]:
        self.order = self.said(self.asks_to_order(), 201)
        return self.order

    def fills_a_cart(self, variant_id: UUID, quantity: int = 1) -> None:
        self.opens_a_cart()
        self.takes(variant_id, quantity)
        self.says_who_and_where()

    def asks_to_pay(self, token: str = "tok_success", *, key: str | None = None, **more: Any) -> TestResponse:
        body = {"provider": "development", "token": token, **more}
        return self.send("POST", f"/v1/orders/{self.order['id']}/payments", body, key=key)

    def pays(self, token: str = "tok_success", **more: Any) -> dict[str, Any]:
        return self.said(self.asks_to_pay(token, **more), 201)

    def looks_at_the_order(self) -> dict[str, Any]:
        return self.said(self.send("GET", f"/v1/orders/{self.order['id']}"), 200)

    def takes_the_second_step(self, payment: dict[str, Any], outcome: str = "succeed") -> None:
        """On the provider's page, whose webhook the shop then hears and works off."""
        provider = development()
        provider.takes_the_second_step(payment["action_url"], outcome)
        assert set(provider.delivers(self.client, payment["id"])) == {200}
        outbox.drain()

    def looks_at_the_payments(self) -> list[dict[str, Any]]:
        return list(self.said(self.send("GET", f"/v1/orders/{self.order['id']}/payments"), 200)["items"])


def development() -> Psp:
    """The development payment provider that the shop in force talks to."""
    settings = current()
    return _psp(settings.psp_url, settings.psp_secret)


_psp = lru_cache(maxsize=None)(Psp)
