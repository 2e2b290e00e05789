from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory import locations
from shopwright.kit import outbox
from shopwright.kit.transaction import transaction
from shopwright.listeners.search import indexing
from shopwright.listeners.search.curation import curated
from tests.make import make_channel, make_location, make_product_on_sale

Find = Callable[..., dict[str, Any]]


def index() -> None:
    """Deliver what was announced, and bring the index up to date, as the worker does."""
    outbox.drain()
    indexing.run()


def titles(found: dict[str, Any]) -> list[str]:
    return [item["title"] for item in found["items"]]


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """What another test said is rolled back; this process must not remember it."""
    curated.forget()
    yield
    curated.forget()


class Shop(NamedTuple):
    eu: Channel
    us: Channel
    berlin: UUID

    def sells(self, title: str, price: int = 1900, *, quantity: int = 5, **draft: Any) -> tuple[UUID, list[UUID]]:
        """A product on sale in `eu`, not yet in the index."""
        return make_product_on_sale({self.eu: price}, on_hand={self.berlin: quantity}, title=title, **draft)


@pytest.fixture
def shop(app: Flask) -> Shop:
    """Two channels that sell from one location; `eu` speaks English and German."""
    shop = Shop(make_channel(currency="EUR"), make_channel(currency="USD", countries=["US"]), make_location().id)
    with transaction():
        locations.sell_from(shop.eu.id, [shop.berlin])
        locations.sell_from(shop.us.id, [shop.berlin])
    return shop


@pytest.fixture
def find(client: FlaskClient, shop: Shop) -> Find:
    """What a search in `eu` answers: `find("mug", brand="…")`."""

    def ask(q: str = "", **more: Any) -> dict[str, Any]:
        answer = client.get("/v1/search", query_string={"q": q, "channel": shop.eu.code, "locale": "en", **more})
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    return ask
