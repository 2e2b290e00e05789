"""Redis only makes the shop fast: emptied or stopped in the middle of shopping, nothing is lost and all goes on."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import RedisError

from shopwright.commerce.pricing import service as pricing
from shopwright.embedded import valkey
from shopwright.embedded.process import Server
from shopwright.kit import cache, outbox
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction
from shopwright.settings import Settings
from tests.make import PASSWORD
from tests.shopping import ADDRESS, Buyer, Shop

Accident = Callable[[], None]


class Redis:
    """One that may be stopped, and started again where it was, empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port: int | None = None
        self.server: Server | None = None

    def start(self) -> None:
        self.server = valkey.launch(self.folder, durable=False, port=self.port)
        self.port = int(self.server.url.rpartition(":")[2].partition("/")[0])

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
        self.server = None

    def comes_back(self) -> None:
        self.start()
        time.sleep(cache.REST_SECONDS + 0.1)
        assert cache.redis().ping()


@pytest.fixture
def redis(tmp_path: Path, settings: Settings, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """In use by the app, with the cache on."""
    monkeypatch.setattr(valkey, "secrets", SimpleNamespace(token_hex=lambda _: "the-same-after-a-restart"))
    own = Redis(tmp_path / "valkey")
    own.start()
    assert own.server is not None
    cache.configure(own.server.url, enabled=True)
    yield own
    cache.configure(settings.redis_url, prefix=settings.cache_prefix, enabled=settings.cache_enabled)
    own.stop()


def emptied() -> None:
    cache.redis().flushall()


def signed_in(buyer: Buyer, email: str) -> tuple[Buyer, dict[str, Any]]:
    account = {"email": email, "password": PASSWORD, "name": "Grace"}
    tokens = buyer.client.post("/v1/auth/register", json=account).get_json()
    return Buyer(buyer.client, buyer.shop, signed_in={"Authorization": f"Bearer {tokens['access_token']}"}), tokens


def listed(buyer: Buyer) -> dict[str, int]:
    """What the shop shows: its products and their prices."""
    found = buyer.said(buyer.send("GET", f"/v1/products?channel={buyer.shop.channel.code}"), 200)["items"]
    pages = [buyer.said(buyer.send("GET", f"/v1/products/{row['slug']}?channel={buyer.shop.channel.code}"), 200)
             for row in found]  # fmt: skip
    return {page["title"]: page["variants"][0]["price"]["amount"] for page in pages}


def shops(buyer: Buyer, variant_id: Any, accident: Accident) -> None:
    """From the listing to the paid order, with the accident before every step."""
    steps: list[Callable[[], Any]] = [
        lambda: listed(buyer),
        buyer.opens_a_cart,
        lambda: buyer.takes(variant_id, 2),
        lambda: buyer.says_who_and_where(),
        buyer.orders,
        buyer.pays,
    ]
    for step in steps:
        accident()
        step()
    accident()
    assert buyer.looks_at_the_order()["payment_status"] == "paid"
    assert buyer.order["lines"][0]["quantity"] == 2


def test_redis_emptied_before_every_step_loses_nothing(redis: Redis, buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(price=1900)
    outbox.drain()
    grace, tokens = signed_in(buyer, "grace@example.com")
    for somebody in (buyer, grace):
        shops(somebody, mug, emptied)
    emptied()
    assert grace.said(grace.send("GET", "/v1/me"), 200)["email"] == "grace@example.com"
    refreshed = buyer.client.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert refreshed.status_code == 200


def test_redis_stopped_in_the_middle_loses_neither_cart_nor_order_nor_sign_in(
    redis: Redis, buyer: Buyer, shop: Shop
) -> None:
    mug = shop.product(price=1900)
    outbox.drain()
    grace, tokens = signed_in(buyer, "grace@example.com")
    cart = Buyer(buyer.client, shop)
    cart.fills_a_cart(mug)
    ordered = Buyer(buyer.client, shop)
    ordered.fills_a_cart(mug)
    ordered.orders()

    redis.stop()
    with pytest.raises(RedisError):
        cache.redis().ping()
    ready = buyer.said(buyer.send("GET", "/readyz"), 200)
    assert (ready["ready"], ready["degraded"]) == (True, True)
    assert cart.said(cart.send("GET", f"/v1/carts/{cart.cart['id']}"), 200)["items"] == cart.cart["items"]
    assert ordered.looks_at_the_order()["state"] == "open"
    assert ordered.pays()["state"] == "captured"
    assert grace.said(grace.send("GET", "/v1/me"), 200)["email"] == "grace@example.com"
    again = buyer.client.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert again.status_code == 200, again.text
    anew = buyer.client.post("/v1/auth/token", json={"email": "grace@example.com", "password": PASSWORD})
    assert anew.status_code == 200, anew.text

    redis.comes_back()
    cart.orders()
    assert cart.pays()["state"] == "captured"
    assert ordered.looks_at_the_order()["payment_status"] == "paid"
    body = {"address": ADDRESS}
    grace.said(grace.send("POST", "/v1/me/addresses", body), 201)


def test_a_whole_purchase_without_redis(redis: Redis, buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(price=1900)
    outbox.drain()
    redis.stop()
    shops(buyer, mug, lambda: None)


def test_a_price_changed_while_redis_was_gone_is_shown_when_it_is_back(redis: Redis, buyer: Buyer, shop: Shop) -> None:
    mug = shop.product(price=1900)
    outbox.drain()
    assert listed(buyer) == {"Mug": 1900}
    redis.stop()
    with transaction():
        pricing.set_price(mug, shop.channel.id, Money(2100, "EUR"))
    outbox.drain()
    assert listed(buyer) == {"Mug": 2100}
    redis.comes_back()
    assert listed(buyer) == {"Mug": 2100}
