"""The shop's own search has not become worse: a part of the golden catalog is loaded and indexed, and searched with an engine
and without."""

from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from shopwright import app as shop
from shopwright import cli
from shopwright.listeners.search.backends.elastic.node import client
from shopwright.settings import Settings, current
from tests.empty_shops import empty_shop

#: All 20,000 take minutes. Of the queries that these answer there are some of every class.
PRODUCTS = "2000"
PREFIX = "gate-"


def typed(*words: str) -> None:
    done = CliRunner().invoke(cli.cli, ["search", *words])
    assert done.exit_code == 0, done.output


@pytest.fixture
def engine_url(search_engine: Callable[[str], str]) -> Iterator[str]:
    url = search_engine("elasticsearch")
    yield url
    with client(url) as engine:
        for index in engine.indices.get(index=f"{PREFIX}*"):
            engine.indices.delete(index=index)


def test_it_finds_as_well_as_what_was_accepted_last(settings: Settings, engine_url: str) -> None:
    with empty_shop(settings, cache_enabled=True, search_prefix=PREFIX) as (_, database):
        typed("load-golden", "--products", PRODUCTS)
        shop.configure(replace(current(), elasticsearch_url=engine_url))
        typed("rebuild")
        # As the server does by itself within a minute.
        database.execute("ANALYZE")
        gate = ("eval", "--search", "shop", "--products", PRODUCTS, "--gate")
        typed(*gate)
        shop.configure(replace(current(), elasticsearch_url=""))
        typed(*gate)
