"""Versions, tombstones, indexes side by side, and an engine that is away."""

from uuid import UUID

import msgspec
import pytest

from shopwright.embedded.process import free_port
from shopwright.kit import ids
from shopwright.listeners.search.backend import Ask, EngineAway, Gone, Written
from shopwright.listeners.search.backends.elastic.adapter import ElasticBackend, OpenSearchBackend
from tests.listeners.search.contract.conftest import with_aliases
from tests.listeners.search.contract.shelf import EU, Shelf, document


def test_a_newer_version_replaces_all_of_an_older_one_and_never_the_other_way(shelf: Shelf) -> None:
    product = ids.new()
    for version, title, said in (
        (2, "Red mug", Written.DONE),
        (1, "Old mug", Written.STALE),
        (2, "Blue mug", Written.DONE),
    ):
        (outcome,) = shelf.store(document(title, product_id=product, version=version))
        assert (outcome.product_id, outcome.written) == (product, said)
    assert shelf.ask("red").total == shelf.ask("old").total == 0
    assert shelf.ask("blue").hits[0].product_id == product


def test_what_is_gone_is_brought_back_by_no_late_write(shelf: Shelf) -> None:
    product = shelf.put("Mug", codes=["mug1"], version=3)
    assert shelf.bury(product, 2).written == Written.STALE
    assert shelf.ask("mug").total == 1
    assert shelf.bury(product, 4).written == Written.DONE
    (late,) = shelf.store(document("Mug", product_id=product, version=3))
    assert late.written == Written.STALE
    assert shelf.ask("mug").total == shelf.ask().total == shelf.ask("mug1", code="mug1").total == 0
    assert shelf.ask("mug", pins=(product,)).total == 0
    assert shelf.backend.versions("en", None, 10) == []
    shelf.store(document("Mug", product_id=product, version=5))
    assert shelf.found("mug") == ["Mug"]


def test_of_what_was_gone_before_a_version_it_is_forgotten_and_of_nothing_else(shelf: Shelf) -> None:
    for title, version in (("Old mug", 3), ("Older mug", 2), ("Mug", 9)):
        shelf.bury(shelf.put(title, version=version), version + 1)
    shelf.put("Found mug", version=1)
    late = document("Late mug", product_id=shelf.put("Lamp", version=12), version=11)
    shelf.bury(late.product_id, 13)
    assert [shelf.backend.sweep(locale, 10, 1) for locale in ("de", "en", "en", "en")] == [0, 1, 1, 0]
    assert shelf.store(late)[0].written == Written.STALE
    assert shelf.found() == ["Found mug"]
    assert shelf.backend.sweep("en", 14, 10) == 2
    assert shelf.store(msgspec.structs.replace(late, version=15))[0].written == Written.DONE
    assert sorted(shelf.found("mug")) == ["Found mug", "Late mug"]


def test_versions_of_all_that_is_found_are_listed_by_id(shelf: Shelf) -> None:
    put = sorted((shelf.put(f"Mug {number}", version=number), number) for number in range(1, 8))
    shelf.bury(put[3][0], 99)
    listed, after = [], None
    while page := shelf.backend.versions("en", after, 2):
        assert len(page) <= 2
        listed += page
        after = page[-1][0]
    assert listed == put[:3] + put[4:]
    assert shelf.backend.versions("de", None, 5) == []


def test_a_product_whose_price_is_gone_from_a_channel_is_not_found_there(shelf: Shelf) -> None:
    product = shelf.put("Mug")
    shelf.store(document("Mug", product_id=product, version=2, offers=[]))
    assert shelf.ask("mug").total == 0


def test_an_index_is_built_beside_the_one_in_use_and_changed_for_it_and_back(shelf: Shelf) -> None:
    backend = with_aliases(shelf.backend)
    shelf.put("Old mug")
    new = backend.create("en")
    assert new.startswith(f"{backend.indices.alias('en')}-")
    shelf.store(document("New mug"), index=new)
    assert shelf.found("mug") == ["Old mug"]
    old = backend.swap("en", new)
    assert old is not None
    backend.refresh("en")
    assert shelf.found("mug") == ["New mug"]
    assert backend.swap("en", old) == new
    assert shelf.found("mug") == ["Old mug"]
    backend.drop(new)
    assert shelf.found("mug") == ["Old mug"]


def test_indexes_that_are_there_are_left_alone(shelf: Shelf) -> None:
    backend = with_aliases(shelf.backend)
    shelf.put("Mug")
    before = backend.indices.used("en")
    backend.prepare(["en", "de"])
    assert backend.indices.used("en") == before
    assert shelf.found("mug") == ["Mug"]


def test_a_language_without_an_index_is_an_engine_that_is_away_and_none_is_made_by_a_write(shelf: Shelf) -> None:
    backend = with_aliases(shelf.backend)
    with pytest.raises(EngineAway, match="index_not_found"):
        shelf.ask("mug", "fr")
    (said,) = backend.write("fr", [document("Tasse", locale="fr")])
    assert said.written == Written.LATER
    assert backend.indices.used("fr") is None


def test_a_write_to_an_index_that_was_dropped_says_so(shelf: Shelf) -> None:
    backend = with_aliases(shelf.backend)
    dropped = backend.create("en")
    backend.drop(dropped)
    assert shelf.store(document("Mug"), index=dropped)[0].written == Written.DROPPED
    assert backend.delete("en", [Gone(ids.new(), 1)], dropped)[0].written == Written.DROPPED
    assert backend.beside("en") == []


def test_what_an_engine_cannot_store_is_refused_by_itself(shelf: Shelf) -> None:
    backend = with_aliases(shelf.backend)
    wrong = document("Mug", codes=["x" * 40_000])
    said = {each.product_id: each for each in shelf.store(wrong, document("Lamp"))}
    assert said[wrong.product_id].written == Written.REFUSED
    assert "x" * 10 in said[wrong.product_id].reason or "immense" in said[wrong.product_id].reason
    assert shelf.ask("lamp").total == 1
    assert backend.versions("en", None, 5)[0][0] != wrong.product_id


def test_a_read_only_index_takes_writes_later(shelf: Shelf) -> None:
    backend = with_aliases(shelf.backend)
    index = backend.indices.used("en")
    assert index is not None
    backend.patient.indices.put_settings(index=index, settings={"index.blocks.write": True})
    (said,) = backend.write("en", [document("Mug")])
    assert said.written == Written.LATER
    backend.patient.indices.put_settings(index=index, settings={"index.blocks.write": False})
    shelf.put("Mug")


@pytest.mark.parametrize("adapter", [ElasticBackend, OpenSearchBackend])
def test_an_engine_that_is_not_there_says_so(adapter: type[ElasticBackend]) -> None:
    backend = adapter.at(f"http://127.0.0.1:{free_port()}")
    ask = Ask(channel_id=EU, locale="en")
    for question in (
        lambda: backend.search(ask), lambda: backend.versions("en", UUID(int=0), 1), lambda: backend.prepare(["en"]),
        lambda: backend.write("en", [document("Mug")]), lambda: backend.create("en"),
    ):  # fmt: skip
        with pytest.raises(EngineAway):
            question()
    backend.client.close()
