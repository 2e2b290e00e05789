"""Catalogs as `bench` makes them, each in a database of its own."""

from collections.abc import Iterator

import pytest
from bench import million
from flask import Flask

from shopwright.settings import Settings
from tests.empty_shops import Database, empty_shop

SEED = "tests"


@pytest.fixture(scope="module")
def large(settings: Settings) -> Iterator[tuple[Flask, Database]]:
    """A shop with 20,000 variants of 4,000 products."""
    with empty_shop(settings) as (app, database):
        million.make(database, 20_000, SEED)
        yield app, database
