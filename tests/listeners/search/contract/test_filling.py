"""An engine that is new, or lost what it held, is filled while PostgreSQL answers, and never answers with a part."""

from shopwright.kit import outbox
from shopwright.listeners.search import engines, filling, indexing, reindexing, tasks
from shopwright.listeners.search.backends.elastic.adapter import ElasticBackend
from tests.listeners.search.conftest import Find, Shop, index, titles

LOCALES = ("en", "de")


def loses_all(engine: ElasticBackend) -> None:
    for locale in LOCALES:
        engine.drop(str(engine.used(locale)))


def is_degraded(find: Find) -> bool:
    # As if the engine had just been told of: what was seen of it before is forgotten.
    engines.use(engines.with_aliases())
    return bool(find("mug")["degraded"])


def test_until_all_that_was_lost_is_written_again_postgresql_answers(
    engine: ElasticBackend, shop: Shop, find: Find
) -> None:
    for number in range(3):
        shop.sells(f"Mug {number}")
    index()
    assert not is_degraded(find)
    loses_all(engine)
    assert (len(titles(find("mug"))), is_degraded(find)) == (3, True)
    tasks.look()
    for left in (2, 1):
        assert indexing.run(1) == 1
        assert (len(titles(find("mug"))), is_degraded(find)) == (3, True), left
    index()
    assert (len(titles(find("mug"))), is_degraded(find)) == (3, False)
    assert engine.beside("en") == engine.beside("de") == []


def test_what_changes_while_it_is_filled_is_found_in_it(engine: ElasticBackend, shop: Shop, find: Find) -> None:
    shop.sells("Mug")
    index()
    loses_all(engine)
    tasks.look()
    shop.sells("New mug")
    index()
    assert (sorted(titles(find("mug"))), is_degraded(find)) == (["Mug", "New mug"], False)


def test_one_that_is_lost_while_it_is_filled_is_begun_anew(engine: ElasticBackend, shop: Shop, find: Find) -> None:
    for number in range(2):
        shop.sells(f"Mug {number}")
    index()
    loses_all(engine)
    tasks.look()
    indexing.run(1)
    for locale in LOCALES:
        for unfinished in engine.beside(locale):
            engine.drop(unfinished)
    outbox.drain()
    index()
    tasks.look()
    index()
    assert (len(titles(find("mug"))), is_degraded(find)) == (2, False)


def test_a_reindex_that_is_faster_is_used_and_what_was_begun_is_deleted(
    engine: ElasticBackend, shop: Shop, find: Find
) -> None:
    shop.sells("Mug")
    index()
    loses_all(engine)
    done = reindexing.reindex(engine)
    filling.begin(engine, {locale: engine.indices.prepare(locale) for locale in LOCALES})
    index()
    assert (titles(find("mug")), is_degraded(find)) == (["Mug"], False)
    assert {locale: engine.used(locale) for locale in LOCALES} == done.used
    assert engine.beside("en") == engine.beside("de") == []
