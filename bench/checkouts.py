"""Shoppers from a filled cart to a paid order, as talks of the client of fixed work."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench import carts, client
from bench.client import Result, Talk

#: Requests: address, ways to ship, the choice of one, order, payment.
STEPS = 5
FILLERS = 16
PATCH = "application/merge-patch+json"


@dataclass(frozen=True)
class Offer:
    slug: str
    variant: str


@dataclass(frozen=True)
class FilledCart:
    id: str
    token: str


def fill(port: int, offers: Sequence[Offer], count: int) -> list[FilledCart]:
    """So many carts of two lines each."""
    filled: list[FilledCart] = []
    each = -(-count // FILLERS)
    client.run(port, [_filling(offers, number, each, filled) for number in range(FILLERS)])
    return filled[:count]


def _filling(offers: Sequence[Offer], number: int, each: int, filled: list[FilledCart]) -> Talk:
    for turn in range(each):
        headers = _as_shopper(carts.door(number))
        cart = json.loads((yield client.request("POST", "/v1/carts", headers, b'{"channel": "eu"}')))
        for place in (number + turn, number + turn + len(offers) // 2):
            body = {"variant_id": offers[place % len(offers)].variant, "quantity": 1}
            headers = _as_shopper(carts.door(number)) | {"Cart-Token": cart["token"]}
            yield client.request("POST", f"/v1/carts/{cart['id']}/items", headers, json.dumps(body).encode())
        filled.append(FilledCart(cart["id"], cart["token"]))


def run(port: int, filled: Sequence[FilledCart], connections: int) -> Result:
    """All of them checked out, by so many shoppers at once."""
    return client.run(port, [check_out(filled[at::connections], carts.door(at)) for at in range(connections)])


def check_out(filled: Iterable[FilledCart], address: str) -> Talk:
    for cart in filled:
        yield from _steps(cart, address)


def _steps(cart: FilledCart, address: str) -> Talk:
    path, theirs = f"/v1/carts/{cart.id}", {"Cart-Token": cart.token}

    def ask(method: str, target: str, body: object = None, **headers: str) -> bytes:
        sent = _as_shopper(address) | theirs | {name.replace("_", "-"): value for name, value in headers.items()}
        return client.request(method, target, sent, json.dumps(body).encode() if body else b"")

    # With hyphens it may look like the number of a card, in a text that is more than an id.
    own = cart.id.replace("-", "x")
    who = {
        "email": f"{own}@example.com",
        "shipping_address": carts.ADDRESS | {"street_address": f"Street {own}"},
    }
    yield ask("PATCH", path, who, Content_Type=PATCH)
    offered = json.loads((yield ask("GET", f"{path}/shipping-methods")))["items"]
    chosen = {"shipping_method_id": offered[0]["method_id"]}
    total = json.loads((yield ask("PATCH", path, chosen, Content_Type=PATCH)))["total"]
    order = json.loads((yield ask("POST", "/v1/orders", {"cart_id": cart.id, "expected_total": total})))
    theirs = {"Order-Token": order["token"]}
    paid = yield ask("POST", f"/v1/orders/{order['id']}/payments", {"provider": "development", "token": "tok_success"})
    if json.loads(paid)["state"] != "captured":
        raise SystemExit(f"not paid: {paid!r}")


def _as_shopper(address: str) -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4()), "X-Forwarded-For": address}
