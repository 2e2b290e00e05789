"""What many search for is suggested to who begins to type it, and nothing that is one person's."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.models import Product
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.transaction import transaction
from shopwright.listeners.search.learning import journal, popular
from tests.listeners.search.conftest import index
from tests.listeners.search.learning.test_insights import looks_for
from tests.make import make_channel
from tests.shopping import Buyer, Shop, make_shop


@pytest.fixture
def market(client: FlaskClient) -> Shop:
    shop = make_shop()
    for title in ("Enamel teapot", "Enamel tea tray", "Blue table lamp"):
        shop.product(title=title)
    index()
    return shop


def shopper(client: FlaskClient, market: Shop) -> Buyer:
    buyer = Buyer(client, market)
    buyer.opens_a_cart()
    return buyer


def look_for(client: FlaskClient, market: Shop, q: str, *, shoppers: int = popular.FEWEST) -> None:
    for _ in range(shoppers):
        looks_for(shopper(client, market), q)


def learn() -> None:
    journal.write_down()
    popular.learn()


def suggested(client: FlaskClient, market: Shop, typed: str, locale: str = "en") -> list[str]:
    query = {"q": typed, "channel": market.channel.code, "locale": locale}
    answer = client.get("/v1/search/suggestions", query_string=query)
    assert answer.status_code == 200, answer.text
    items = answer.get_json()["items"]
    queries = [item for item in items if item["kind"] == "query"]
    assert items[: len(queries)] == queries
    assert {item["slug"] for item in queries} <= {None}
    return [item["text"] for item in queries]


def test_what_many_searched_for_is_suggested_the_most_popular_first(client: FlaskClient, market: Shop) -> None:
    look_for(client, market, "enamel teapot", shoppers=5)
    look_for(client, market, "Enamel tray", shoppers=6)
    assert suggested(client, market, "enam") == []
    learn()
    assert (
        suggested(client, market, "enam") == suggested(client, market, "ENAMEL t") == ["enamel tray", "enamel teapot"]
    )
    assert suggested(client, market, "enamel te") == ["enamel teapot"]
    # It is all typed already, or begins otherwise.
    assert suggested(client, market, "enamel teapot") == suggested(client, market, "teapot") == []
    # It is learnt anew, and not added to.
    learn()
    assert suggested(client, market, "enam") == ["enamel tray", "enamel teapot"]


def test_three_queries_are_suggested_at_most(client: FlaskClient, market: Shop) -> None:
    for q in ("enamel teapot", "enamel tray", "enamel tea", "enamel tea tray"):
        look_for(client, market, q)
    learn()
    assert suggested(client, market, "e") == ["enamel tea", "enamel tea tray", "enamel teapot"]


def test_what_few_typed_is_never_suggested_however_often(client: FlaskClient, market: Shop) -> None:
    look_for(client, market, "enamel teapot", shoppers=popular.FEWEST - 1)
    alone = shopper(client, market)
    for _ in range(10):
        looks_for(alone, "enamel tray")
    for _ in range(10):
        client.get("/v1/search", query_string={"q": "table lamp", "channel": market.channel.code, "locale": "en"})
    # Who comes back every week looks like several.
    for week in range(4):
        with clock.held_at(clock.now() + timedelta(weeks=week)):
            for buyer in (alone, shopper(client, market)):
                looks_for(buyer, "blue lamp")
    with clock.held_at(clock.now() + timedelta(weeks=3)):
        learn()
    assert [suggested(client, market, typed) for typed in ("e", "t", "b")] == [[], [], []]


def test_what_finds_nothing_or_says_more_than_products_do_is_never_suggested(client: FlaskClient, market: Shop) -> None:
    for q in ("enamel saddle", "ada lovelace", "blue table lamp for ada lovelace", "enamle teapot", "ada@example.com"):
        look_for(client, market, q)
    learn()
    assert [suggested(client, market, typed) for typed in ("e", "a", "b")] == [[], [], []]


def test_what_is_sold_no_more_is_suggested_no_more(client: FlaskClient, market: Shop) -> None:
    look_for(client, market, "enamel teapot")
    learn()
    assert suggested(client, market, "ena") == ["enamel teapot"]
    with transaction():
        catalog.unpublish(session.scalars(select(Product.id).where(Product.title == "Enamel teapot")).one())
    index()
    learn()
    assert suggested(client, market, "ena") == []


def test_each_channel_and_language_has_its_own(client: FlaskClient, market: Shop) -> None:
    other = replace(market, channel=make_channel(currency="EUR"))
    other.product(title="Enamel teapot")
    index()
    assert looks_for(shopper(client, other), "enamel teapot")["total"] == 1
    look_for(client, market, "enamel teapot")
    learn()
    assert suggested(client, market, "ena") == ["enamel teapot"]
    assert suggested(client, other, "ena") == suggested(client, market, "ena", "de") == []


def test_what_was_searched_long_ago_is_forgotten(client: FlaskClient, market: Shop) -> None:
    look_for(client, market, "enamel teapot")
    with clock.held_at(clock.now() + popular.LOOKED_BACK + timedelta(hours=1)):
        learn()
    assert suggested(client, market, "ena") == []


def test_weeks_with_many_are_added_up(client: FlaskClient, market: Shop) -> None:
    now = clock.now()
    for weeks_ago, q, shoppers in (
        (3, "enamel tray", 5),
        (1, "Enamel-Tray", 6),
        (1, "enamel tea", 10),
        (0, "enamel tea", 4),
    ):
        with clock.held_at(now - timedelta(weeks=weeks_ago)):
            look_for(client, market, q, shoppers=shoppers)
    learn()
    assert suggested(client, market, "ena") == ["enamel-tray", "enamel tea"]


def test_a_query_is_spelled_as_most_type_it_without_ornament(client: FlaskClient, market: Shop) -> None:
    market.product(title='Crème brûlée torch 5"')
    index()
    for q, shoppers in (("creme brulee torch", 1), ("Crème brûlée <torch> ☕", 3), ("CRÈME BRÛLÉE <TORCH> ☕", 2)):
        look_for(client, market, q, shoppers=shoppers)
    look_for(client, market, 'torch 5"')
    learn()
    assert suggested(client, market, "creme") == ["crème brûlée torch"]
    assert suggested(client, market, "torch") == ['torch 5"']
