"""New indexes are made, used, and gone back from, one after the other, while shoppers search and prices, stock and publication
change all the time.

`REINDEX_WRITES=10000` makes it as much as the room's mark asks for.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.models import Product
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory import locations, stock
from shopwright.commerce.inventory.models import Reason, StockLevel
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.models import Price
from shopwright.kit import ids, outbox
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import atomically, reading, transaction
from shopwright.listeners.search import engines, indexing, reconciling, reindexing, states, targets
from shopwright.listeners.search.backends.elastic.adapter import ElasticBackend
from shopwright.listeners.search.backends.elastic.node import client
from tests.make import make_channel, make_location, make_product_on_sale
from tests.receiver import until

#: As after any of an engine's troubles.
CAUGHT_UP_SECONDS = 60
WRITES = int(os.environ.get("REINDEX_WRITES", "1000"))
WRITERS, PRODUCTS, STEADY = 4, 120, 10
LOCALES = ("en", "de")


class Thing(NamedTuple):
    product_id: UUID
    variant_id: UUID


class Market(NamedTuple):
    channel: Channel
    location_id: UUID
    things: list[Thing]


class Seen(NamedTuple):
    """What a shopper saw of the mugs that nobody changes."""

    status: int
    total: int
    degraded: bool


@pytest.fixture
def engine(real_app: Flask, search_engine: Callable[[str], str]) -> Iterator[ElasticBackend]:
    # On a busy machine an answer may take its time: it is not what is looked at.
    made = ElasticBackend(client(search_engine("elasticsearch")).options(request_timeout=10), f"race-{ids.new()}-")
    engines.use(made)
    yield made
    engines.use(None)
    for locale in LOCALES:
        for index in (made.used(locale), *made.beside(locale)):
            made.drop(str(index))
    made.client.close()


@pytest.fixture
def market(real_app: Flask) -> Market:
    channel, location = make_channel(currency="EUR"), make_location()
    with transaction():
        locations.sell_from(channel.id, [location.id])
    for number in range(STEADY):
        make_product_on_sale({channel: 1000}, on_hand={location.id: 1}, title=f"Mug {number}")
    made = [
        make_product_on_sale({channel: 1000}, on_hand={location.id: 1}, title=f"Lamp {number}")
        for number in range(PRODUCTS)
    ]
    return Market(channel, location.id, [Thing(product_id, variant_id) for product_id, (variant_id,) in made])


def test_of_a_thousand_writes_during_reindexes_none_is_lost_or_stale_and_no_search_fails(
    real_app: Flask, engine: ElasticBackend, market: Market
) -> None:
    _index()
    _refresh(engine)
    turned, over = Event(), Event()
    with ThreadPoolExecutor(WRITERS + 3) as pool:
        try:
            relays = [pool.submit(_index_until, over) for _ in range(2)]
            shoppers = pool.submit(_search_until, real_app, market.channel, over)
            writers = [pool.submit(_write, market, number, turned) for number in range(WRITERS)]
            while not turned.is_set() or not all(writer.done() for writer in writers):
                reindexing.reindex(engine)
                reindexing.roll_back(engine)
                turned.set()
            written = sum(writer.result() for writer in writers)
        finally:
            turned.set()
            over.set()
        assert written >= WRITES
        for relay in relays:
            relay.result()
        seen = shoppers.result()
    assert len(seen) >= 10
    assert set(seen) == {Seen(200, STEADY, degraded=False)}
    until(_is_caught_up, CAUGHT_UP_SECONDS)
    with transaction():
        assert states.lag().waiting == 0
        (kept,) = targets.current()[engine.name, "en"]
    for index in (None, kept):
        for locale in LOCALES:
            engine.refresh(locale, index)
            assert reconciling.differences(engine, locale, index) == {}
        assert _held(engine, index or str(engine.used("en"))) == _true(market)


def _write(market: Market, number: int, turned: Event) -> int:
    """A share of all changes, each in a transaction of its own, and more of them until the indexes were changed once."""
    chance, count = random.Random(number), 0
    while count < WRITES / WRITERS or not turned.is_set():
        thing, kind = chance.choice(market.things), chance.randrange(3)
        atomically(partial(_change, market, thing, kind, chance))
        count += 1
        # A rate that two cores can follow.
        time.sleep(0.05)
    return count


def _change(market: Market, thing: Thing, kind: int, chance: random.Random) -> None:
    if kind == 0:
        pricing.set_price(thing.variant_id, market.channel.id, Money(chance.randint(1, 9_999), "EUR"))
    elif kind == 1:
        stock.set_count(thing.variant_id, market.location_id, chance.randint(0, 3), Reason.COUNT)
    elif chance.random() < 0.5:
        catalog.unpublish(thing.product_id)
    else:
        catalog.publish(thing.product_id)


def _index() -> None:
    outbox.drain()
    indexing.run()


def _is_caught_up() -> bool:
    _index()
    with transaction():
        return states.lag().waiting == 0


def _index_until(over: Event) -> None:
    while not over.wait(0.1):
        _index()


def _search_until(app: Flask, channel: Channel, over: Event) -> list[Seen]:
    shopper, seen = app.test_client(), []
    while not over.wait(0.1):
        answer = shopper.get("/v1/search", query_string={"q": "mug", "channel": channel.code, "locale": "en"})
        said = answer.get_json()
        seen.append(Seen(answer.status_code, said.get("total", -1), said.get("degraded", True)))
    return seen


def _refresh(engine: ElasticBackend) -> None:
    for locale in LOCALES:
        engine.refresh(locale)


def _held(engine: ElasticBackend, index: str) -> dict[UUID, tuple[int, bool]]:
    """What can be found of the lamps, with price and availability."""
    told = engine.patient.search(index=index, query={"match": {"in_title": "lamp"}}, size=PRODUCTS)
    found = [hit["_source"] for hit in told["hits"]["hits"] if hit["_source"]["is_found"]]
    return {UUID(each["product_id"]): (each["offers"][0]["price"], each["offers"][0]["in_stock"]) for each in found}


def _true(market: Market) -> dict[UUID, tuple[int, bool]]:
    """The same as the shop's own tables say it."""
    of_thing = {thing.variant_id: thing.product_id for thing in market.things}
    with reading():
        published = set(session.scalars(select(Product.id).where(Product.published_at.is_not(None))))
        prices = {row.variant_id: row.amount for row in session.execute(select(Price.variant_id, Price.amount))}
        counts = {
            row.variant_id: row.on_hand for row in session.execute(select(StockLevel.variant_id, StockLevel.on_hand))
        }
    return {
        product_id: (prices[variant_id], counts[variant_id] > 0)
        for variant_id, product_id in of_thing.items()
        if product_id in published
    }
