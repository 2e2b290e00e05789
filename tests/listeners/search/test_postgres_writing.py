"""What PostgreSQL writes of a document of which little, or nothing, is new."""

from collections.abc import Iterator
from operator import sub
from typing import NamedTuple

import pytest
from flask import Flask
from msgspec.structs import replace
from sqlalchemy import text

from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.transaction import transaction
from shopwright.listeners.search.backend import Document, Signals, Written
from shopwright.listeners.search.backends.postgres.adapter import PostgresBackend
from tests.listeners.search.contract.shelf import EU, US, Shelf, document, offer


class Rows(NamedTuple):
    """How many of a table were written. Those `in_place` cost no index anything."""

    added: int = 0
    changed: int = 0
    in_place: int = 0
    deleted: int = 0


@pytest.fixture
def shelf(app: Flask) -> Iterator[Shelf]:
    with transaction():
        yield Shelf(PostgresBackend())


def written(shelf: Shelf, *documents: Document) -> tuple[Rows, Rows]:
    """Rows of documents and of offers."""
    before = _counted()
    assert {each.written for each in shelf.store(*documents)} == {Written.DONE}
    of_documents, of_offers = (Rows(*map(sub, now, then)) for now, then in zip(_counted(), before, strict=True))
    return of_documents, of_offers


def _counted() -> list[Rows]:
    counts = """
        SELECT n_tup_ins, n_tup_upd, n_tup_hot_upd, n_tup_del FROM pg_stat_xact_user_tables
        WHERE relname = :name"""
    return [Rows(*session.execute(text(counts), {"name": f"search_{name}"}).one()) for name in ("documents", "offers")]


def mug(**more: object) -> Document:
    offers = [offer(price, channel_id=EU) for price in (1000, 1100, 1200)]
    return document("Blue mug", description="Holds tea", **({"offers": offers} | more))


def test_a_price_that_changes_is_written_in_place_and_to_no_index(shelf: Shelf) -> None:
    before = mug()
    assert written(shelf, before) == (Rows(added=1), Rows(added=3))
    first, *others = before.offers
    after = replace(before, version=2, offers=[replace(first, price=500, compare_at=1000), *others])
    assert written(shelf, after) == (Rows(changed=1, in_place=1), Rows(changed=1, in_place=1))
    (hit,) = shelf.ask("mug").hits
    assert (hit.product_id, hit.variant_id) == (before.product_id, first.variant_id)
    assert shelf.backend.versions("en", None, 10) == [(before.product_id, 2)]


def test_of_what_is_not_new_the_version_alone_is_written(shelf: Shelf) -> None:
    before = mug()
    written(shelf, before)
    assert written(shelf, replace(before, version=2)) == (Rows(changed=1, in_place=1), Rows())


def test_what_is_offered_to_others_or_no_more_is_told_apart_from_what_stays(shelf: Shelf) -> None:
    before = mug()
    written(shelf, before)
    kept, stays, gone = before.offers
    changed = replace(kept, in_stock=False, position=7, options={"size": "L"})
    elsewhere = replace(gone, channel_id=US)
    after = replace(before, version=2, offers=[changed, stays, elsewhere])
    assert written(shelf, after)[1] == Rows(added=1, changed=1, in_place=1, deleted=1)
    found = session.execute(
        text("SELECT variant_id, channel_id, position, price, in_stock, options FROM search_offers ORDER BY price")
    ).all()
    assert found == [
        (kept.variant_id, EU, 7, 1000, False, ["size:L"]),
        (stays.variant_id, EU, 0, 1100, True, []),
        (gone.variant_id, US, 0, 1200, True, []),
    ]
    assert written(shelf, replace(after, version=3, offers=[]))[1] == Rows(deleted=3)


def test_the_same_words_keep_their_weights_though_all_else_changes(shelf: Shelf) -> None:
    before, brand = mug(), ids.new()
    written(shelf, before)
    weighed = _weighed()
    after = replace(
        before, version=2, brand_id=brand, codes=["mug2"], attributes={"colour": ["Blue"]},
        signals=Signals(popularity=3), category_ids=[brand],
    )  # fmt: skip
    assert written(shelf, after)[0] == Rows(changed=1)
    assert _weighed() == weighed
    assert shelf.ask("mug2", code="mug2").total == shelf.ask("mug").total == 1


def _weighed() -> tuple[str, str]:
    plain, stemmed = session.execute(text("SELECT plain, stemmed FROM search_documents")).one()
    return plain, stemmed


@pytest.mark.parametrize(
    "said", [{"title": "Red mug"}, {"description": "A red one"}, {"brand": "Red"}, {"attribute_text": "Red"}]
)
def test_other_words_are_found_wherever_they_stand(said: dict[str, str], shelf: Shelf) -> None:
    before = mug()
    written(shelf, before)
    assert shelf.ask("red").total == 0
    assert written(shelf, replace(before, version=2, **said))[0] == Rows(changed=1)
    assert shelf.found("red") == [said.get("title", "Blue mug")]


def test_words_that_were_weighed_in_another_way_are_weighed_anew(shelf: Shelf) -> None:
    before = mug()
    written(shelf, before)
    weighed = _weighed()
    # As a PostgreSQL, or a Shopwright, of before may have left it.
    session.execute(text("UPDATE search_documents SET digest = :other, stemmed = ''"), {"other": ids.new()})
    written(shelf, replace(before, version=2))
    assert _weighed() == weighed


@pytest.mark.parametrize("is_found", [True, False])
def test_what_somebody_wrote_who_knows_of_no_digest_is_weighed_anew(is_found: bool, shelf: Shelf) -> None:
    before = mug()
    written(shelf, before)
    weighed = _weighed()
    # As a worker of the version before, in the middle of an upgrade.
    session.execute(
        text("UPDATE search_documents SET version = 2, is_found = :is_found, plain = '', stemmed = ''"),
        {"is_found": is_found},
    )
    written(shelf, replace(before, version=3))
    assert (_weighed(), shelf.found("mug")) == (weighed, ["Blue mug"])


def test_a_product_with_many_codes_is_written_in_place_too(shelf: Shelf) -> None:
    codes = [ids.new().hex for _ in range(200)]
    before = mug(codes=codes)
    written(shelf, before)
    assert written(shelf, replace(before, version=2))[0] == Rows(changed=1, in_place=1)
    written(shelf, replace(before, version=3, codes=codes[1:]))
    assert (shelf.ask(codes[0], code=codes[0]).total, shelf.ask(codes[1], code=codes[1]).total) == (0, 1)


def test_what_was_gone_is_found_again_by_the_same_words_and_an_older_version_changes_nothing(shelf: Shelf) -> None:
    before = mug()
    written(shelf, before)
    shelf.bury(before.product_id, 2)
    assert shelf.ask("mug").total == 0
    written(shelf, replace(before, version=3))
    counted = _counted()
    (older,) = shelf.store(replace(before, version=2, offers=[]))
    assert (older.written, shelf.ask("mug").total) == (Written.STALE, 1)
    assert _counted() == counted
