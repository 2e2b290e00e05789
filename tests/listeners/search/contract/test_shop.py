"""The shop's own search over HTTP, answered by an engine, and by PostgreSQL when that one is away."""

from collections.abc import Iterator

import pytest

from shopwright.embedded.process import free_port
from shopwright.listeners.search import engines
from shopwright.listeners.search.backend import SearchBackend
from tests.listeners.search.conftest import Find, Shop, index, titles
from tests.listeners.search.contract.conftest import with_aliases


@pytest.fixture(autouse=True)
def _postgres_again() -> Iterator[None]:
    yield
    engines.use(None)


def test_a_shop_searches_in_its_engine_and_in_postgresql_while_that_is_away(
    backend: SearchBackend, shop: Shop, find: Find
) -> None:
    engine = with_aliases(backend)
    engines.use(engine)
    shop.sells("Blue mug", 900)
    shop.sells("Red mugs")
    index()
    engine.refresh("en")
    away = type(engine).at(f"http://127.0.0.1:{free_port()}")
    said = []
    for asked in (engine, away):
        engines.use(asked)
        found = find("mug")
        assert found["items"][0]["highlights"]["title"] == "Blue <mark>mug</mark>"
        said.append((titles(found), found["total"], found["query"]["level"], found["facets"]))
        assert found["degraded"] is (asked is not engine)
    away.client.close()
    assert said[0] == said[1]
    assert said[0][:3] == (["Blue mug", "Red mugs"], 2, "exact")
