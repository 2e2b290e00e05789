"""Anybody may tell what came of a search; what is counted of it is bounded, and holds up nobody."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shopwright.commerce.accounts import tokens
from shopwright.kit import cache, clock, ids, web
from shopwright.kit.db import session
from shopwright.kit.edge import Edge
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search.learning import journal
from shopwright.listeners.search.learning.models import SearchAsked, SearchTold
from shopwright.listeners.search.learning.routes import routes
from shopwright.settings import Settings
from tests.listeners.search.conftest import index
from tests.listeners.search.learning.conftest import clicks_on, insights, looks_for, tells
from tests.make import make_channel, make_product_on_sale
from tests.shopping import Buyer, Shop

PRICE = 1900


def test_what_is_told_twice_counts_once_and_an_invented_search_never(client: FlaskClient, market: Shop) -> None:
    market.product(title="Blue mug")
    index()
    buyer = Buyer(client, market)
    buyer.opens_a_cart()
    found = looks_for(buyer, "mug")
    click = {"search_id": found["search_id"], "kind": "click", "product_id": found["items"][0]["id"], "place": 1}
    invented = click | {"search_id": str(ids.new())}
    for _ in range(3):
        assert tells(buyer, click, invented) == 202
        journal.write_down()
    with reading():
        assert len(session.query(SearchTold).all()) == 1
    assert insights(client, market)["ctr"] == 1


def test_a_batch_that_was_written_and_not_taken_off_is_not_written_twice(client: FlaskClient, market: Shop) -> None:
    entry = journal.Asked(
        search_id=ids.new(), at=clock.now(), channel_id=market.channel.id, locale="en", text="mug", words="mug",
        level="exact", total=1,
    )  # fmt: skip
    for _ in range(2):
        journal.note(entry)
        assert journal.write_down() == 1
    with reading():
        assert len(session.query(SearchAsked).all()) == 1


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "purchase"},
        {"place": 0},
        {"product_id": "x"},
        {"revenue": 100},
    ],
)
def test_what_is_no_event_is_refused(shopper: Buyer, event: dict[str, Any]) -> None:
    click = {"search_id": str(ids.new()), "kind": "click", "product_id": str(ids.new()), "place": 1}
    assert tells(shopper, click | event) == 422
    assert tells(shopper, *[click] * 51) == 422


def test_without_redis_searching_goes_on(
    client: FlaskClient, market: Shop, shopper: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.product(title="Blue mug")
    index()
    monkeypatch.setattr(cache, "_is_reachable", False)
    assert looks_for(shopper, "mug")["total"] == 1


def test_searches_are_forgotten(client: FlaskClient, market: Shop, shopper: Buyer) -> None:
    looks_for(shopper, "mug")
    journal.write_down()
    with clock.held_at(clock.now() + journal.KEPT_FOR + timedelta(days=1)), transaction():
        journal.sweep()
    with reading():
        assert session.query(SearchAsked).all() == []


def test_a_text_that_grows_when_it_is_spelled_out_holds_up_nobody(
    client: FlaskClient, market: Shop, shopper: Buyer
) -> None:
    looks_for(shopper, "\ufb2c" * 200)
    looks_for(shopper, "mug")
    assert journal.write_down() == 2
    with reading():
        assert {row.text for row in session.query(SearchAsked).all()} >= {"mug"}
    assert insights(client, market)["searches"] == 2


def test_what_cannot_be_written_is_dropped_alone(market: Shop) -> None:
    good = journal.Asked(
        search_id=ids.new(), at=clock.now(), channel_id=market.channel.id, locale="en", text="mug", words="mug",
        level="exact", total=1,
    )  # fmt: skip
    bad = msgspec.structs.replace(good, search_id=ids.new(), locale="x" * 100)
    journal.note(bad, good)
    cache.redis().xadd(cache.named("search journal"), {"entry": b"nonsense"})
    assert journal.write_down() == 3
    with reading():
        assert [row.search_id for row in session.query(SearchAsked).all()] == [good.search_id]


def told() -> set[str]:
    """The products that are written down as clicked or added."""
    journal.write_down()
    with reading():
        return {str(product_id) for product_id in session.scalars(select(SearchTold.product_id))}


def test_what_the_channel_of_a_search_does_not_show_is_not_counted(
    client: FlaskClient, market: Shop, shopper: Buyer
) -> None:
    market.product(title="Blue mug")
    elsewhere, _ = make_product_on_sale({make_channel(): PRICE}, title="Blue mug of another channel")
    draft, _ = make_product_on_sale({market.channel: PRICE}, title="Blue mug to come", is_published=False)
    index()
    found = looks_for(shopper, "mug")
    (shown,) = (item["id"] for item in found["items"])
    events = [clicks_on(found, each) for each in (ids.new(), elsewhere, draft, shown)]
    assert tells(shopper, *events) == 202
    assert told() == {shown}


def test_of_one_search_a_hundred_hits_are_counted_and_no_more(
    client: FlaskClient, market: Shop, shopper: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert journal.MOST_TOLD == 100
    monkeypatch.setattr(journal, "MOST_TOLD", 3)
    for _ in range(5):
        market.product(title="Blue mug")
    index()
    found = looks_for(shopper, "mug")
    mugs = [item["id"] for item in found["items"]]
    tells(shopper, *(clicks_on(found, mug) for mug in mugs[:2]))
    assert told() == {*mugs[:2]}
    # What is known already takes no room.
    tells(shopper, *(clicks_on(found, mug) for mug in mugs))
    assert told() == {*mugs[:3]}
    another = looks_for(shopper, "blue mug")
    tells(shopper, clicks_on(another, mugs[4]))
    assert told() == {*mugs[:3], mugs[4]}


def test_a_click_that_is_repeated_counts_once_at_its_first_place(
    client: FlaskClient, market: Shop, shopper: Buyer
) -> None:
    for _ in range(2):
        market.product(title="Blue mug")
    index()
    found = looks_for(shopper, "mug")
    looks_for(shopper, "mug")
    second = found["items"][1]["id"]
    tells(shopper, clicks_on(found, second, place=2), clicks_on(found, second, place=1))
    journal.write_down()
    tells(shopper, *[clicks_on(found, second, place=1)] * 50)
    said = insights(client, market)
    assert (said["searches"], said["ctr"], said["mrr"]) == (2, 0.5, 0.25)


def test_nobody_tells_without_end(app: Flask, settings: Settings) -> None:
    slow = Flask("slow")
    limited = msgspec.structs.replace(settings, search_events_per_minute=3)
    web.surround(slow, limited)
    Edge(slow, limited, tokens.authenticate).mount(routes)
    click = {"search_id": str(ids.new()), "kind": "click", "product_id": str(ids.new()), "place": 1}
    with slow.test_client() as client:
        answers = [client.post("/v1/search/events", json={"events": [click]}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert answers[3].headers["RateLimit-Policy"] == '"search-events";q=3;w=60'
