"""The same shelf of products in every engine there is: PostgreSQL, and those that `make search-node` fetched."""

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

import pytest
from flask import Flask

from shopwright.kit import ids
from shopwright.kit.transaction import transaction
from shopwright.listeners.search import engines, reindexing
from shopwright.listeners.search.backend import SearchBackend
from shopwright.listeners.search.backends.elastic.adapter import ElasticBackend, OpenSearchBackend
from shopwright.listeners.search.backends.elastic.node import BULK_SECONDS
from shopwright.listeners.search.backends.postgres.adapter import PostgresBackend
from tests.listeners.search.contract.shelf import Shelf

ADAPTERS = {"elasticsearch": ElasticBackend, "opensearch": OpenSearchBackend}


@pytest.fixture(scope="session", params=["postgres", *ADAPTERS])
def engine_url(request: pytest.FixtureRequest, search_engine: Callable[[str], str]) -> tuple[str, str]:
    """An engine's name and address."""
    name: str = request.param
    return name, "" if name == "postgres" else search_engine(name)


def vocabulary(locale: str) -> list[str]:
    """As a catalogue would have taught it."""
    return ["leder", "sofa", "bucher", "regal", "tisch", "kinder"] if locale == "de" else []


def known(locale: str, words: Iterable[str]) -> set[str]:
    return {*words} & {*vocabulary(locale)}


@pytest.fixture
def backend(engine_url: tuple[str, str], app: Flask) -> Iterator[SearchBackend]:
    """Empty, with an index for English and German."""
    name, url = engine_url
    if name == "postgres":
        yield PostgresBackend()
        return
    # What is found is judged here, not how soon on a busy machine.
    made = ADAPTERS[name].at(url, f"test-{ids.new()}-", vocabulary, seconds=BULK_SECONDS, known=known)
    for locale, unfilled in made.prepare(["en", "de"]).items():
        made.swap(locale, unfilled.index)
    yield made
    for locale in ("en", "de"):
        index = made.indices.used(locale)
        assert index is not None
        made.drop(index)
    made.client.close()


@pytest.fixture
def shelf(backend: SearchBackend) -> Iterator[Shelf]:
    # PostgreSQL's adapter writes and reads in its caller's transaction.
    with transaction():
        yield Shelf(backend)


@pytest.fixture
def colours(shelf: Shelf) -> dict[str, UUID]:
    """Three mugs that differ in one word."""
    return {colour: shelf.put(f"{colour} mug") for colour in ("Red", "Green", "Blue")}


def with_aliases(backend: SearchBackend) -> ElasticBackend:
    if not isinstance(backend, ElasticBackend):
        pytest.skip(f"{backend.name} has no aliases")
    return backend


@pytest.fixture
def engine(backend: SearchBackend) -> Iterator[ElasticBackend]:
    """Asked by the shop; without an index beside the one in use when the test ends."""
    found = with_aliases(backend)
    engines.use(found)
    yield found
    engines.use(None)
    reindexing.drop_kept(found)
