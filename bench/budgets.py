"""What the hot routes ask of PostgreSQL and send to a shopper: counted, so the same on every machine.

The shop runs in this process without a cache, so that each read is a miss. It speaks with the buyer of the tests, and what
it sends to PostgreSQL is counted at the driver.
"""

import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from bench import servers
from tests import sent
from tests.shopping import Buyer, Shop, make_shop
from werkzeug.test import TestResponse

from shopwright import app
from shopwright.embedded.psp import server as payment_provider
from shopwright.kit import outbox
from shopwright.settings import current

LISTED = 24
DETAIL, LISTING, ADDING = "product detail, miss", "listing of 24, miss", "add to cart"
PLACING, CHECKOUT = "place order", "whole checkout"
#: What joins the requests of one test in one transaction.
JOINTS = ("savepoint", "release", "rollback to")


@dataclass(frozen=True)
class Spent:
    """Statements without `BEGIN` and `COMMIT`, and the bytes of the answers, heads included."""

    statements: int
    answered: int

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.statements + other.statements, self.answered + other.answered)


@dataclass
class CountedBuyer(Buyer):
    answered: int = 0

    def send(self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> TestResponse:
        answer = super().send(method, path, body, key=key, **headers)
        assert answer.status_code < 300, answer.text
        self.answered += sum(len(f"{name}: {value}\r\n") for name, value in answer.headers) + len(answer.data)
        return answer

    def spends(self, work: Callable[[], object]) -> Spent:
        before = self.answered
        with sent.statements() as seen:
            work()
        return Spent(sum(not text.lower().startswith(JOINTS) for text in seen), self.answered - before)


def spend(buyer: CountedBuyer, shop: Shop) -> dict[str, Spent]:
    """Each route once, for products of one variant without a picture; the cart that is ordered has two lines."""
    variants = [shop.product(stock_of=10, title="A plain mug") for _ in range(LISTED)]
    outbox.drain()
    listing = f"/v1/products?channel={shop.channel.code}&limit={LISTED}"
    slug = buyer.said(buyer.send("GET", listing), 200)["items"][0]["slug"]
    spent = {
        DETAIL: buyer.spends(lambda: buyer.send("GET", f"/v1/products/{slug}?channel={shop.channel.code}")),
        LISTING: buyer.spends(lambda: buyer.send("GET", listing)),
    }
    buyer.opens_a_cart()
    buyer.takes(variants[0])
    spent[ADDING] = buyer.spends(lambda: buyer.takes(variants[1]))
    prepared = buyer.spends(buyer.says_who_and_where)
    spent[PLACING] = buyer.spends(buyer.orders)
    spent[CHECKOUT] = prepared + spent[PLACING] + buyer.spends(buyer.pays)
    return spent


def measure() -> dict[str, Spent]:
    """The same, in a shop of its own that is gone afterwards."""
    secret = secrets.token_hex(16)
    with servers.tables_alone(), tempfile.TemporaryDirectory(prefix="bench-") as folder:
        provider = payment_provider.launch(Path(folder), secret=secret)
        try:
            settings = msgspec.structs.replace(current(), psp_url=provider.url, psp_secret=secret)
            browser, shop = app.create_app(settings).test_client(), make_shop()
            return spend(CountedBuyer(browser, shop), shop)
        finally:
            provider.stop()
