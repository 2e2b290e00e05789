"""That a product is gone is remembered for as long as a late write may come, and then forgotten, night by night."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shopwright.commerce.catalog import service as catalog
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search import states, tasks, tombstones
from shopwright.listeners.search.backend import Gone
from shopwright.listeners.search.backends.postgres import writing
from shopwright.listeners.search.backends.postgres.models import SearchDocument
from tests.listeners.search.conftest import Find, Shop, index, titles


def documents(*, is_found: bool) -> int:
    with reading():
        counted = select(func.count()).select_from(SearchDocument).where(SearchDocument.is_found.is_(is_found))
        return session.scalars(counted).one()


def test_at_night_what_has_long_been_gone_is_forgotten_and_can_come_back(shop: Shop, find: Find) -> None:
    product_id, _ = shop.sells("Mug")
    shop.sells("Lamp")
    index()
    with transaction():
        catalog.unpublish(product_id)
    index()
    with clock.held_at(clock.now() + tombstones.KEPT_FOR - timedelta(minutes=1)):
        tasks.reconcile()
        # In English and German.
        assert (documents(is_found=False), documents(is_found=True)) == (2, 2)
        clock.advance(timedelta(minutes=2))
        tasks.reconcile()
        assert (documents(is_found=False), documents(is_found=True)) == (0, 2)
        # It is no product that search was never told of.
        with transaction():
            assert states.claim(10) == {}
            catalog.publish(product_id)
        index()
    assert sorted(titles(find())) == ["Lamp", "Mug"]


def test_many_are_forgotten_in_pieces(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tombstones, "MOST", 2)
    gone = [shop.sells(f"Mug {number}")[0] for number in range(5)]
    index()
    with transaction():
        writing.bury("en", [Gone(product_id, states.version_at(clock.now())) for product_id in gone])
    assert documents(is_found=False) == 5
    with clock.held_at(clock.now() + tombstones.KEPT_FOR + timedelta(seconds=1)):
        assert [tombstones.sweep(), tombstones.sweep()] == [5, 0]
    # Those in German were never gone.
    assert (documents(is_found=False), documents(is_found=True)) == (0, 5)
