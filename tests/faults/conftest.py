"""Shops of real processes. Every scenario ends with the auditor, and with a look into all that was logged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.auditor import audit
from tests.embedded.conftest import processes_of
from tests.faults.guest import CARD
from tests.faults.paying import PayingShop
from tests.faults.running import RunningShop
from tests.faults.toxiproxy import Toxiproxy, needed
from tests.shopping import ADDRESS


def end_of(shop: RunningShop) -> None:
    """What must hold after every scenario: it recovers, every fact is heard, and the books are right."""
    shop.forget_connections()
    shop.comes_back_within(30)
    if {"worker", "beat"} <= set(shop.names):
        shop.is_quiet_within(60)
    audit()
    _logs_tell_of_nobody(shop)


def _logs_tell_of_nobody(shop: RunningShop) -> None:
    """I13, also for a shopper who writes a card number where it does not belong."""
    guest = shop.buyer()
    guest.opens_a_cart()
    card = guest.send("PATCH", f"/v1/carts/{guest.cart['id']}", {"shipping_address": ADDRESS | {"city": CARD}})
    assert (card.status_code, card.get_json()["code"]) == (400, "card-number-refused")
    for name, text in shop.logs():
        assert [told for told in shop.secrets if told in text] == [], f"I13: {name} tells of a person"


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Fails the run if any process of any shop outlives it."""
    folder = tmp_path_factory.getbasetemp()
    yield folder
    assert processes_of(folder) == set(), "processes were left behind"


@pytest.fixture(scope="session")
def _shared_shop(_nothing_is_left: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PayingShop]:
    yield from opened(PayingShop(tmp_path_factory.mktemp("shop")))


@pytest.fixture
def shop(_shared_shop: PayingShop) -> Iterator[PayingShop]:
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
