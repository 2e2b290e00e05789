"""The golden catalog in the shop's own tables is sold like any other."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from shopwright.commerce.storefront import tasks
from shopwright.kit import verification
from shopwright.listeners.search.golden import loader, texts
from shopwright.listeners.search.golden.things import Thing, things
from shopwright.settings import Settings
from tests.empty_shops import Database, empty_shop

PRODUCTS = 120


@pytest.fixture(scope="module")
def shop(settings: Settings) -> Iterator[tuple[Flask, Database]]:
    with empty_shop(settings) as (app, database):
        loader.load(database, PRODUCTS)
        yield app, database


def page(app: Flask, thing: Thing, locale: str) -> dict[str, Any]:
    asked = {"channel": "golden", "locale": locale}
    answer = app.test_client().get(f"/v1/products/{thing.model.lower()}", query_string=asked)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json
    return said


def test_every_product_is_listed_with_its_lowest_price(shop: tuple[Flask, Database]) -> None:
    _, database = shop
    listed = dict(database.execute("SELECT product_id, lowest_amount FROM listings").fetchall())
    assert listed == {thing.id: min(offer.amount for offer in thing.offers) for thing in things(PRODUCTS)}


def test_a_page_says_what_the_set_says_in_both_languages(shop: tuple[Flask, Database]) -> None:
    app, _ = shop
    thing = next(
        each for each in things(PRODUCTS) if each.is_translated and len(each.colours) > 1 and not each.left_out
    )
    for locale in ("en", "de"):
        said = page(app, thing, locale)
        assert said["id"] == thing.key
        assert said["title"] == texts.title(thing, locale)
        assert said["description"] == texts.description(thing, locale)
        assert said["brand"]["name"] == texts.brand(thing)
        assert [variant["sku"] for variant in said["variants"]] == [offer.sku for offer in thing.offers]
        colours = [thing.shelf.colours[colour].texts[locale] for colour in thing.colours]
        assert [value["label"] for value in said["options"][0]["values"]] == colours


def test_what_was_loaded_adds_up_and_relisting_changes_nothing(shop: tuple[Flask, Database]) -> None:
    _, database = shop
    report = verification.examine()
    assert (report.drifts, report.unchecked) == ([], [])
    tables = ("listings", "price_announcements", "price_history")
    before = {table: database.execute(f"SELECT ctid, * FROM {table}".encode()).fetchall() for table in tables}
    tasks.rebuild()
    after = {table: database.execute(f"SELECT ctid, * FROM {table}".encode()).fetchall() for table in tables}
    assert after == before
    assert all(before.values())
