"""Clicks that are told all at once and each twice, while several workers write them down: each counts once, up to the bound."""

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from shopwright.commerce.channels.models import Channel
from shopwright.kit.db import session
from shopwright.kit.transaction import reading
from shopwright.listeners.search.learning import journal
from shopwright.listeners.search.learning.models import SearchTold
from tests.make import make_channel, make_many_on_sale
from tests.races.parallel import together

#: How many products of a search are clicked: as many as count, and more.
ALL, TOO_MANY = journal.MOST_TOLD, journal.MOST_TOLD + 20
#: One address may tell so much a minute, so the crowd has several.
ADDRESSES, WRITERS = 8, 6


def test_of_a_hundred_clicks_told_at_once_and_twice_each_counts_once_and_of_more_no_more_count(real_app: Flask) -> None:
    channel = make_channel(currency="EUR")
    products = make_many_on_sale(channel, [f"Mug {number}" for number in range(TOO_MANY)])
    clicked = {_searched(real_app, channel): products[:ALL], _searched(real_app, channel): products}
    clicks = [
        partial(_click, real_app, search_id, place, product_id)
        for search_id, found in clicked.items()
        for place, product_id in enumerate(found, 1)
    ] * 2
    random.Random(1).shuffle(clicks)
    tasks = _with_writers(clicks)
    assert Counter(together(tasks)) == {202: 2 * (ALL + TOO_MANY), None: len(tasks) - len(clicks)}
    journal.write_down()
    for search_id, found in clicked.items():
        told = _told(search_id)
        assert len(told) == journal.MOST_TOLD == 100
        assert told.items() <= {product_id: place for place, product_id in enumerate(found, 1)}.items()


def _searched(app: Flask, channel: Channel) -> UUID:
    query = {"q": "mug", "channel": channel.code, "locale": "en"}
    return UUID(app.test_client().get("/v1/search", query_string=query).get_json()["search_id"])


def _click(app: Flask, search_id: UUID, place: int, product_id: UUID) -> int:
    event = {"search_id": str(search_id), "kind": "click", "product_id": str(product_id), "place": place}
    told = app.test_client().post(
        "/v1/search/events",
        json={"events": [event]},
        environ_base={"REMOTE_ADDR": f"192.0.2.{place % ADDRESSES + 1}"},
    )
    return told.status_code


def _with_writers(clicks: list[Callable[[], int]]) -> list[Callable[[], int | None]]:
    """A worker now and then, and some together at the end."""
    mixed: list[Callable[[], int | None]] = []
    for number, click in enumerate(clicks):
        mixed += [click] if number % 10 else [_write_down, click]
    return [*mixed, *[_write_down] * WRITERS]


def _write_down() -> None:
    journal.write_down()


def _told(search_id: UUID) -> dict[UUID, int]:
    """By product the place at which it is known to have been clicked."""
    known = select(SearchTold.product_id, SearchTold.place).where(SearchTold.search_id == search_id)
    with reading():
        return dict(session.execute(known).all())
