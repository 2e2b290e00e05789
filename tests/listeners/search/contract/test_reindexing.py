"""A new index beside the one in use, in a shop at rest and with one that dies. Under traffic: `tests/races/test_reindexing.py`."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from shopwright.commerce.catalog import service as catalog
from shopwright.kit import clock
from shopwright.kit.transaction import transaction
from shopwright.listeners.search import engines, reconciling, reindexing, states, targets, tombstones
from shopwright.listeners.search.backend import Document, EngineAway, Gone, Outcome
from shopwright.listeners.search.backends.elastic.adapter import ElasticBackend
from shopwright.listeners.search.errors import IndexAstray, NotAlone, NothingKept
from tests.listeners.search.conftest import Find, Shop, index, titles

LOCALES = ("en", "de")


class Killed(BaseException):
    """As a signal ends a run: nothing catches it."""


def refreshed(engine: ElasticBackend) -> None:
    for locale in LOCALES:
        engine.refresh(locale)


def test_after_a_reindex_the_new_index_answers_and_rollback_goes_to_one_as_true(
    engine: ElasticBackend, shop: Shop, find: Find
) -> None:
    mug, _ = shop.sells("Mug")
    gone, _ = shop.sells("Mug that goes")
    index()
    before = {locale: engine.used(locale) for locale in LOCALES}
    with transaction():
        catalog.unpublish(gone)
    index()
    done = reindexing.reindex(engine)
    assert (done.products, done.used) == (2, {locale: engine.used(locale) for locale in LOCALES})
    assert {locale: engine.beside(locale) for locale in LOCALES} == {locale: [name] for locale, name in before.items()}
    assert titles(find("mug")) == ["Mug"]
    # What changes from here on reaches both.
    with transaction():
        catalog.change_product(mug, {"title": "Beaker"})
    index()
    for used in (before, done.used):
        reindexing.roll_back(engine)
        refreshed(engine)
        assert {locale: engine.used(locale) for locale in LOCALES} == used
        assert (titles(find("beaker")), titles(find("mug"))) == (["Beaker"], [])
    assert sorted(reindexing.drop_kept(engine)) == sorted(str(name) for name in before.values())
    with pytest.raises(NothingKept):
        reindexing.roll_back(engine)


def test_what_has_long_been_gone_is_forgotten_in_the_index_in_use_and_in_the_one_that_is_kept(
    engine: ElasticBackend, shop: Shop, find: Find
) -> None:
    gone, _ = shop.sells("Mug that goes")
    shop.sells("Mug")
    index()
    with transaction():
        catalog.unpublish(gone)
    index()
    reindexing.reindex(engine)
    indexes = [name for locale in LOCALES for name in (str(engine.used(locale)), *engine.beside(locale))]
    for name in indexes:
        engine.refresh("en", name)
    assert [held(engine, name) for name in indexes] == [2] * 4
    with clock.held_at(clock.now() + tombstones.KEPT_FOR - timedelta(minutes=1)):
        assert tombstones.sweep() == 0
        clock.advance(timedelta(minutes=2))
        # As many in PostgreSQL's own index, by language.
        assert tombstones.sweep() == 4 + 2
        assert [held(engine, name) for name in indexes] == [1] * 4
        with transaction():
            catalog.publish(gone)
        index()
    refreshed(engine)
    assert sorted(titles(find("mug"))) == ["Mug", "Mug that goes"]


def held(engine: ElasticBackend, index: str) -> int:
    """What it holds, be it found or not, without the offers."""
    return int(engine.patient.search(index=index, track_total_hits=True)["hits"]["total"]["value"])


def test_a_reindex_that_was_killed_is_begun_anew_and_leaves_nothing(
    engine: ElasticBackend, shop: Shop, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.sells("Mug")
    index()
    before = engine.used("en")

    def killed(*_: object) -> None:
        raise Killed

    for step in ("_fill", "_catch_up", "_use"):
        with monkeypatch.context() as patch:
            patch.setattr(reindexing, step, killed)
            with pytest.raises(Killed):
                reindexing.reindex(engine)
        assert engine.used("en") == before
        # Its index is written to until somebody clears it away, and the shop goes on.
        assert len(engine.beside("en")) == 1
        shop.sells(f"Mug after {step}")
        index()
        refreshed(engine)
        assert f"Mug after {step}" in titles(find("mug"))
    reindexing.reindex(engine)
    assert engine.beside("en") == [before]
    with transaction():
        known = {key: [*indexes] for key, indexes in targets.current().items()}
    assert known == {(engine.name, locale): engine.beside(locale) for locale in LOCALES}
    assert find("mug")["total"] == 4


def test_who_writes_while_the_indexes_change_places_writes_to_both(
    engine: ElasticBackend, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, _ = shop.sells("Mug that goes")
    shop.sells("Mug")
    index()
    reindexing.reindex(engine)
    with transaction():
        catalog.unpublish(gone)
    delete, changes = engine.delete, [True]

    def overtaken(locale: str, gone: Sequence[Gone], index: str | None = None) -> list[Outcome]:
        """What the writer knows of the indexes is from before the change, and what it writes to from after it."""
        if changes and gone:
            changes.pop()
            reindexing.roll_back(engine)
        return delete(locale, gone, index)

    monkeypatch.setattr(engine, "delete", overtaken)
    index()
    assert changes == []
    with transaction():
        assert states.lag().waiting == 0
    for locale in LOCALES:
        for name in (str(engine.used(locale)), *engine.beside(locale)):
            engine.refresh(locale, name)
            assert reconciling.differences(engine, locale, name) == {}


def test_a_second_reindex_is_refused_while_one_runs(engine: ElasticBackend, shop: Shop) -> None:
    shop.sells("Mug")
    index()
    before = engine.used("en")
    with reindexing.alone():
        for run in (reindexing.reindex, reindexing.roll_back, reindexing.drop_kept):
            with pytest.raises(NotAlone, match="wait until it has ended"):
                run(engine)
    assert (engine.used("en"), engine.beside("en")) == (before, [])
    reindexing.reindex(engine)


def test_an_index_that_lacks_something_is_not_used(
    engine: ElasticBackend, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.sells("Mug")
    shop.sells("Lost mug")
    index()
    before = engine.used("en")
    write = engine.write

    def losing(locale: str, documents: Sequence[Document], index: str | None = None) -> list[Outcome]:
        return write(locale, [each for each in documents if index is None or "Lost" not in each.title], index)

    monkeypatch.setattr(engine, "write", losing)
    monkeypatch.setattr(reindexing, "PAUSES", (0.1, 0.1))
    with pytest.raises(IndexAstray, match="differs from PostgreSQL in 1 products"):
        reindexing.reindex(engine)
    assert (engine.used("en"), engine.beside("en")) == (before, [])


def test_a_reindex_whose_new_index_is_lost_ends_at_once_and_changes_nothing(
    engine: ElasticBackend, shop: Shop, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.sells("Mug")
    index()
    before = engine.used("en")
    write = engine.write

    def dropping(locale: str, documents: Sequence[Document], index: str | None = None) -> list[Outcome]:
        if index is not None:
            engine.drop(index)
        return write(locale, documents, index)

    monkeypatch.setattr(engine, "write", dropping)
    with pytest.raises(EngineAway, match="has lost the index"):
        reindexing.reindex(engine)
    assert engine.used("en") == before
    refreshed(engine)
    assert titles(find("mug")) == ["Mug"]


def test_a_writer_that_still_writes_to_a_dropped_index_does_not_make_it_again(
    engine: ElasticBackend, shop: Shop, find: Find
) -> None:
    shop.sells("Mug")
    index()
    dropped = engine.create("en")
    with transaction():
        targets.add(engine.name, "en", dropped, is_kept=False)
    engine.drop(dropped)
    shop.sells("Mug, large")
    index()
    refreshed(engine)
    assert sorted(titles(find("mug"))) == ["Mug", "Mug, large"]
    assert engine.beside("en") == []
    # Nor does it wait for that index, or leave the engine alone.
    with transaction():
        assert states.lag().waiting == 0
    assert not engines.is_resting()
