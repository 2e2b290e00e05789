"""Carts enough for a whole run: a few are filled over HTTP, and copied in the database of the throw-away shop."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count as counting

import httpx
import psycopg
from bench import client, smoke

from shopwright.kit import ids

VARIANTS = 16
#: What one shopper writes: so many carts share the address that a trusted proxy tells.
AT_ONE_DOOR = 16
# Each is another buyer's, at another door: orders of one buyer wait for each other.
COPY_CARTS = """
INSERT INTO carts
SELECT copied.*
FROM carts AS original, unnest(%s::uuid[], %s::bytea[]) AS new (id, hash),
     jsonb_populate_record(original, jsonb_build_object(
         'id', new.id, 'token_hash', new.hash::text, 'email', new.id || '@example.com',
         'shipping_address', original.shipping_address || jsonb_build_object('street_address', 'Street ' || new.id)
     )) AS copied
WHERE original.id = %s
"""
COPY_LINES = """
INSERT INTO cart_lines
SELECT copied.*
FROM cart_lines AS original, unnest(%s::uuid[], %s::uuid[]) AS new (id, cart_id),
     jsonb_populate_record(original, jsonb_build_object('id', new.id, 'cart_id', new.cart_id)) AS copied
WHERE original.cart_id = %s
"""
ALIKE = """
SELECT stock.variant_id
FROM stock_levels AS stock JOIN variants ON variants.id = stock.variant_id JOIN products ON products.id = product_id
JOIN prices ON prices.variant_id = variants.id AND prices.channel_id = (SELECT id FROM channels WHERE code = 'eu')
JOIN stock_levels AS original ON original.location_id = stock.location_id AND original.variant_id = %s
WHERE stock.on_hand > 0 AND products.published_at IS NOT NULL AND products.archived_at IS NULL
  AND variants.archived_at IS NULL
ORDER BY stock.variant_id LIMIT %s
"""
ADDRESS = {
    "name": "Ada Lovelace", "street_address": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117",
    "country_code": "DE",
}  # fmt: skip


_doors = counting()


def door(number: int) -> str:
    """An address of its own for each number; those that begin with 10.0 are the shoppers' of `crowd.js`."""
    return f"10.{64 + (number >> 16) % 128}.{number >> 8 & 255}.{number & 255}"


@dataclass(frozen=True)
class Cart:
    """One that lacks nothing but the order. `another` is a variant that is not in it."""

    id: str
    token: str
    total: dict[str, object]
    variant: str
    another: str
    address: str

    def adding(self) -> bytes:
        body = {"variant_id": self.another, "quantity": 1}
        return client.request("POST", f"/v1/carts/{self.id}/items", self._headers(), json.dumps(body).encode())

    def ordering(self) -> bytes:
        body = {"cart_id": self.id, "expected_total": self.total}
        return client.request("POST", "/v1/orders", self._headers(), json.dumps(body).encode())

    def _headers(self) -> dict[str, str]:
        return {"Cart-Token": self.token, "Idempotency-Key": str(uuid.uuid4()), "X-Forwarded-For": self.address}


def prepare(shop: httpx.Client, database: psycopg.Connection[tuple[object, ...]], count: int) -> Iterator[Cart]:
    """This many carts, of one line each, spread over several variants in turn; stock for all is put on the shelves."""
    database.execute("UPDATE stock_levels SET on_hand = 100000000 WHERE on_hand > 0")
    variants = _buyable(shop)
    filled = [_filled(shop, variant, variants[at - 1]) for at, variant in enumerate(variants)]
    made = [copies(database, cart, -(-count // len(filled))) for cart in filled]
    database.execute("ANALYZE carts, cart_lines")
    return (cart for carts in zip(*made, strict=True) for cart in carts)


def of_many(
    shop: httpx.Client, database: psycopg.Connection[tuple[object, ...]], variants: int, count: int
) -> Iterator[Cart]:
    """Carts of as many different variants as the shop has in one place, each with what the shop says that it costs."""
    original = next(prepare(shop, database, VARIANTS))
    alike = database.execute(ALIKE, [original.variant, variants]).fetchall()
    made = copies(database, original, count)
    for at, cart in enumerate(made):
        (variant,) = alike[at % len(alike)]
        database.execute("UPDATE cart_lines SET variant_id = %s WHERE cart_id = %s", [variant, cart.id])
        total = smoke.said(shop.get(f"/v1/carts/{cart.id}", headers={"Cart-Token": cart.token}), 200)["total"]
        made[at] = replace(cart, total=total, variant=str(variant))
    return iter(made)


def _buyable(shop: httpx.Client) -> list[str]:
    """One variant each of several products."""
    listed = smoke.said(shop.get("/v1/products", params={"channel": "eu", "limit": 50}), 200)["items"]
    variants = []
    for product in [product for product in listed if product["is_available"]][:VARIANTS]:
        page = smoke.said(shop.get(f"/v1/products/{product['slug']}", params={"channel": "eu"}), 200)
        variants.append(next(variant["id"] for variant in page["variants"] if variant["is_available"]))
    return variants


def _filled(shop: httpx.Client, variant: str, another: str) -> Cart:
    def key() -> dict[str, str]:
        return {"Idempotency-Key": str(uuid.uuid4())}

    patch = {"Content-Type": "application/merge-patch+json"}
    cart = smoke.said(shop.post("/v1/carts", json={"channel": "eu"}, headers=key()), 201)
    token, path = {"Cart-Token": cart["token"]}, f"/v1/carts/{cart['id']}"
    smoke.said(shop.post(f"{path}/items", json={"variant_id": variant, "quantity": 1}, headers=token | key()), 201)
    changes: dict[str, object] = {"email": "ada@example.com", "shipping_address": ADDRESS}
    smoke.said(shop.patch(path, json=changes, headers=token | key() | patch), 200)
    method = smoke.said(shop.get(f"{path}/shipping-methods", headers=token), 200)["items"][0]["method_id"]
    changes = {"shipping_method_id": method}
    whole = smoke.said(shop.patch(path, json=changes, headers=token | key() | patch), 200)
    return Cart(cart["id"], cart["token"], whole["total"], variant, another, door(0))


def copies(database: psycopg.Connection[tuple[object, ...]], cart: Cart, count: int) -> list[Cart]:
    """The same cart so many times, each with a token of its own."""
    made = [
        replace(cart, id=str(ids.new()), token=ids.secret_token(), address=door(next(_doors) // AT_ONE_DOOR))
        for _ in range(count)
    ]
    new = [copy.id for copy in made]
    database.execute(COPY_CARTS, [new, [ids.hashed(copy.token) for copy in made], cart.id])
    database.execute(COPY_LINES, [[ids.new() for _ in made], new, cart.id])
    return made
