"""Shops of real processes. Every scenario ends with the auditor, and with a look into all that was logged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.auditor import audit
from tests.embedded.conftest import processes_of
from tests.faults.running import RunningShop
from tests.faults.toxiproxy import Toxiproxy, needed
from tests.shopping import ADDRESS

#: What a buyer of these tests tells the shop; I13: none of it, and no token, may be read in a log.
PERSONAL = ("ada@example.com", ADDRESS["name"], ADDRESS["street_address"], "4242424242424242")


def end_of(shop: RunningShop) -> None:
    """What must hold after every scenario: it recovers, every fact is heard, and the books are right."""
    shop.forget_connections()
    shop.is_ready_within(30)
    if {"worker", "beat"} <= set(shop.names):
        shop.is_quiet_within(60)
    audit()
    for name, text in shop.logs():
        assert [told for told in PERSONAL if told in text] == [], f"I13: {name} tells of a person"


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Fails the run if any process of any shop outlives it."""
    folder = tmp_path_factory.getbasetemp()
    yield folder
    assert processes_of(folder) == set(), "processes were left behind"


@pytest.fixture(scope="session")
def _shared_shop(_nothing_is_left: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    yield from opened(RunningShop(tmp_path_factory.mktemp("shop")))


@pytest.fixture
def shop(_shared_shop: RunningShop) -> Iterator[RunningShop]:
    """One that all scenarios of this worker share, since each leaves it healthy."""
    _shared_shop.step_inside()
    yield _shared_shop
    end_of(_shared_shop)


@pytest.fixture(scope="module")
def toxiproxy(_nothing_is_left: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toxiproxy]:
    program = needed()
    proxy = Toxiproxy.start(program, tmp_path_factory.mktemp("toxiproxy"))
    yield proxy
    proxy.server.stop()


def opened(shop: RunningShop) -> Iterator[RunningShop]:
    """Open it for a fixture, and close it whatever happened, also to a half-opened one."""
    try:
        shop.open()
        yield shop
    finally:
        shop.close()
