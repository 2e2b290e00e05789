"""The worker's part when things go wrong. A fake engine stands where a real one would: it is somebody else's."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text

from shopwright.commerce.promotions.rules import Kind, Percentage
from shopwright.kit import clock, outbox
from shopwright.kit.db import session
from shopwright.kit.transaction import transaction
from shopwright.listeners.search import documents, engines, indexing, reconciling, states
from shopwright.listeners.search.backend import (
    Ask,
    Capabilities,
    Document,
    EngineAway,
    Found,
    Gone,
    Outcome,
    Written,
)
from shopwright.listeners.search.backends.postgres.adapter import PostgresBackend
from shopwright.listeners.search.models import SearchDeadLetter, SearchState
from tests.listeners.search.conftest import Find, Shop, index, titles
from tests.make import make_promotion


class Engine(PostgresBackend):
    """An engine that may be away, or refuse some titles. It keeps what it was given."""

    name = "fake"
    capabilities = Capabilities()

    def __init__(self) -> None:
        self.is_away = False
        self.refuses = ""
        self.titles: dict[UUID, str] = {}
        self.held: dict[str, dict[UUID, int]] = {}

    def write(self, locale: str, documents: Sequence[Document], index: str | None = None) -> list[Outcome]:
        if self.is_away:
            raise EngineAway("no answer")
        bad = {each.product_id for each in documents if self.refuses and self.refuses in each.title}
        self.titles |= {each.product_id: each.title for each in documents if each.product_id not in bad}
        self.held.setdefault(locale, {}).update({each.product_id: each.version for each in documents})
        return [
            Outcome(each.product_id, Written.REFUSED if each.product_id in bad else Written.DONE, "too odd")
            for each in documents
        ]

    def delete(self, locale: str, gone: Sequence[Gone], index: str | None = None) -> list[Outcome]:
        return [Outcome(each.product_id, Written.DONE) for each in gone]

    def versions(self, locale: str, after: UUID | None, count: int, index: str | None = None) -> list[tuple[UUID, int]]:
        return [each for each in sorted(self.held.get(locale, {}).items()) if after is None or each[0] > after][:count]

    def search(self, ask: Ask) -> Found:
        if self.is_away:
            raise EngineAway("no answer")
        return super().search(ask)


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    engines.use(made)
    yield made
    engines.use(None)


def test_postgresql_answers_while_the_engine_is_away_and_the_engine_catches_up(
    shop: Shop, find: Find, engine: Engine
) -> None:
    engine.is_away = True
    with clock.held_at(clock.now()):
        product_id, _ = shop.sells("Mug")
        index()
        found = find("mug")
        assert (titles(found), found["degraded"]) == (["Mug"], True)
        with transaction():
            assert states.lag().waiting == 1
            assert states.claim(10) == {}
        engine.is_away = False
        clock.advance(timedelta(seconds=15))
        indexing.run()
        assert engine.titles == {product_id: "Mug"}
        assert find("mug")["degraded"] is False
        with transaction():
            assert states.lag().waiting == 0


def test_as_many_are_claimed_as_are_asked_for_however_postgresql_goes_about_it(shop: Shop) -> None:
    for number in range(5):
        shop.sells(f"Mug {number}")
    outbox.drain()
    with transaction():
        for way in ("hashagg", "hashjoin", "mergejoin", "material", "memoize", "sort"):
            session.execute(text(f"SET LOCAL enable_{way} = off"))
        claimed = [states.claim(count) for count in (1, 2, 5)]
    assert [len(versions) for versions in claimed] == [1, 2, 2]


def test_while_the_engine_is_away_what_postgresql_has_is_not_written_to_it_again_and_again(
    shop: Shop, find: Find, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[int] = []
    build = documents.build
    monkeypatch.setattr(documents, "build", lambda versions: built.append(len(versions)) or build(versions))
    engine.is_away = True
    with clock.held_at(clock.now()):
        shop.sells("Mug")
        shop.sells("Beaker")
        index()
        # The products that wait for the engine alone are left in peace, and what is new is found at once.
        clock.advance(engines.REST - timedelta(seconds=1))
        shop.sells("New mug")
        index()
        assert built == [2, 1]
        assert sorted(titles(find("mug"))) == ["Mug", "New mug"]
        # One batch finds that it is still away.
        clock.advance(timedelta(seconds=20))
        indexing.run(1)
        indexing.run(1)
        assert built == [2, 1, 1]
        engine.is_away = False
        clock.advance(timedelta(seconds=20))
        indexing.run()
        assert sorted(engine.titles.values()) == ["Beaker", "Mug", "New mug"]


def test_who_was_away_often_is_asked_again_only_after_a_while(shop: Shop, find: Find, engine: Engine) -> None:
    shop.sells("Mug")
    index()
    engine.is_away = True
    for _ in range(5):
        assert find("mug")["degraded"] is True
    engine.is_away = False
    assert find("mug")["degraded"] is True


def test_what_an_outage_put_off_is_tried_again_soon_and_is_no_refusal(shop: Shop, engine: Engine) -> None:
    product_id, _ = shop.sells("Mug")
    engine.is_away, now = True, clock.now()
    for step in range(12):
        with clock.held_at(now + timedelta(minutes=step)):
            index()
            with transaction():
                waits = session.get_one(SearchState, product_id, populate_existing=True).next_try_at - clock.now()
            assert timedelta(0) < waits <= timedelta(seconds=15)
    engine.is_away, engine.refuses = False, "Mug"
    with clock.held_at(now + timedelta(minutes=20)):
        indexing.run()
        with transaction():
            assert session.scalars(select(SearchDeadLetter)).all() == []


def test_states_that_were_put_back_as_they_were_go_on_above_what_engines_hold(shop: Shop, engine: Engine) -> None:
    product_id, _ = shop.sells("Mug")
    index()
    held = engine.held["en"][product_id]
    with transaction():
        session.execute(text("UPDATE search_states SET version = 1"))
        states.touch([product_id])
        assert session.get_one(SearchState, product_id, populate_existing=True).version > held


def test_a_document_that_is_refused_holds_up_no_other_and_ends_as_a_dead_letter(shop: Shop, engine: Engine) -> None:
    engine.refuses = "Odd"
    with clock.held_at(clock.now()):
        odd, _ = shop.sells("Odd mug")
        good, _ = shop.sells("Mug")
        index()
        assert engine.titles == {good: "Mug"}
        for _ in range(states.TRIES):
            clock.advance(timedelta(minutes=10))
            indexing.run()
        with transaction():
            letters = session.execute(
                select(SearchDeadLetter.product_id, SearchDeadLetter.locale, SearchDeadLetter.reason)
            )
            assert sorted(letters.all()) == [(odd, "de", "too odd"), (odd, "en", "too odd")]
            assert states.lag().waiting == 0
        # What was changed is tried again, and forgiven.
        engine.refuses = ""
        with transaction():
            states.touch([odd])
        indexing.run()
        with transaction():
            assert session.scalars(select(SearchDeadLetter)).all() == []
        assert engine.titles[odd] == "Odd mug"


def test_a_product_that_the_index_cannot_hold_is_set_aside_alone(
    shop: Shop, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.held_at(clock.now()):
        odd, _ = shop.sells("Odd mug")
        shop.sells("Mug")
        outbox.drain()
        with transaction():
            session.execute(text("ALTER TABLE search_documents ADD CONSTRAINT none_odd CHECK (title NOT LIKE 'Odd%')"))
        indexing.run()
        assert titles(find("mug")) == ["Mug"]
        with transaction():
            assert session.scalars(select(SearchState.product_id).where(SearchState.dirty_at.is_not(None))).all() == [
                odd
            ]


def test_what_was_claimed_by_somebody_who_died_is_taken_over(shop: Shop) -> None:
    with clock.held_at(clock.now()):
        product_id, _ = shop.sells("Mug")
        outbox.drain()
        with transaction():
            assert [*states.claim(10)] == [product_id]
        assert indexing.run() == 0
        clock.advance(states.LEASE + timedelta(seconds=1))
        assert indexing.run() == 1


def test_prices_that_the_clock_changes_are_followed(shop: Shop) -> None:
    with clock.held_at(clock.now()):
        product_id, _ = shop.sells("Mug", 1000)
        make_promotion(Percentage(ppm=500_000), kind=Kind.CATALOG, starts_at=clock.now() + timedelta(hours=1))
        index()
        with transaction():
            indexing.follow_the_clock()
        assert indexing.run() == 0
        clock.advance(timedelta(hours=2))
        with transaction():
            indexing.follow_the_clock()
        assert indexing.run() == 1
        assert _price(product_id) == 500


def test_what_an_engine_lost_or_has_too_much_is_found_and_mended(shop: Shop, engine: Engine) -> None:
    lost, _ = shop.sells("Lost mug")
    kept, _ = shop.sells("Mug")
    index()
    assert reconciling.reconcile().products == set()
    whole = {locale: dict(held) for locale, held in engine.held.items()}
    too_many = UUID(int=5)
    del engine.held["en"][lost]
    engine.held["de"][kept] -= 1
    engine.held["de"][too_many] = 1
    with transaction():
        session.execute(delete(SearchState).where(SearchState.product_id == kept))
    drift = reconciling.reconcile()
    assert (drift.unknown, drift.astray) == ({kept}, {"fake": {lost, kept, too_many}})
    indexing.run()
    assert {*engine.held["en"], *engine.held["de"]} >= {*whole["en"]}
    with transaction():
        assert states.lag().waiting == 0


def _price(product_id: UUID) -> int:
    with transaction():
        found = session.execute(
            text("SELECT DISTINCT price FROM search_offers WHERE product_id = :id"), {"id": product_id}
        )
        return int(found.scalar_one())
