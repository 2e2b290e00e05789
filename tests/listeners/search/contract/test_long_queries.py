"""However much somebody types, an engine can answer it; and what it cannot answer is no reason to leave it alone."""

from collections.abc import Iterator
from itertools import product
from string import ascii_lowercase

import pytest

from shopwright.kit import ids
from shopwright.listeners.search import engines
from shopwright.listeners.search.backend import Ask, Level, SearchBackend, Tier
from shopwright.listeners.search.curation.steering import MOST_PINS
from tests.listeners.search.contract.conftest import with_aliases
from tests.listeners.search.contract.shelf import EU, Shelf, terms

COMPOUNDS = (
    "wohnzimmertisch kinderzimmerlampe badezimmerspiegel schlafzimmerschrank gartenmöbelauflage küchenarbeitsplatte"
    " esszimmerstuhlkissen bücherregalwand hängematten­gestell kleiderschrankspiegel nachttischlampenschirm"
    " sonnenschirmständer wandschrankbeleuchtung arbeitszimmerteppich fensterbankauflage treppenhausleuchte"
).replace("\u00ad", "")
ENGLISH = (
    "garden furniture cushion outdoor waterproof lounger umbrella parasol striped weather proof canvas folding"
    " armchair table bench"
)

#: As many as a rule may have, none of them there.
PINS = tuple(ids.new() for _ in range(MOST_PINS))


@pytest.fixture(autouse=True)
def _postgres_again() -> Iterator[None]:
    yield
    engines.use(None)


def crowd(words: str, count: int = 60) -> str:
    """So many others that are spelled nearly as each of the words."""
    endings = ["".join(pair) for pair in product(ascii_lowercase, repeat=2)][:count]
    return " ".join(word[:-2] + ending for word in words.split() for ending in endings)


@pytest.mark.parametrize("count", [6, 8, 16])
def test_many_compounds_are_looked_for_at_once(shelf: Shelf, count: int) -> None:
    said = " ".join(COMPOUNDS.split()[:count])
    shelf.put("Wohnzimmertisch", locale="de")
    shelf.put("Etwas", attribute_text=crowd(said), locale="de")
    shelf.put("Kinderzimmerlampe Wohnzimmertisch", locale="de")
    found = shelf.ask(said, "de", pins=PINS)
    # In more words than six an engine looks for no slips: it would take longer than anybody waits.
    if count <= 6 or shelf.backend.name == "postgres":
        assert shelf.named(found)[0] == "Etwas"
        assert (found.level, found.hits[0].tier) == (Level.FUZZY, Tier.FUZZY)
    else:
        assert shelf.named(found)[0] == "Kinderzimmerlampe Wohnzimmertisch"
        assert found.level is Level.PARTIAL


def test_many_words_with_many_synonyms_are_looked_for_at_once(shelf: Shelf) -> None:
    synonyms = {word: [f"{word} other {number}" for number in range(20)] for word in ENGLISH.split()}
    shelf.put("Something", attribute_text=crowd(ENGLISH))
    shelf.put("Patio seat", attribute_text=ENGLISH.replace("bench", "bench other 0"))
    found = shelf.ask(terms=terms(ENGLISH, **synonyms), pins=PINS)
    assert (shelf.named(found)[0], found.level) == ("Patio seat", Level.EXACT)
    synonym = terms(ENGLISH, **(synonyms | {"bench": ["patio seat"]}))
    found = shelf.ask(terms=tuple(term for term in synonym if term.text != "table"))
    assert shelf.named(found)[0] == "Patio seat"


def test_every_word_keeps_its_first_synonym(shelf: Shelf) -> None:
    synonyms = {word: [f"{word}x", *(f"{word} other {number}" for number in range(20))] for word in ENGLISH.split()}
    shelf.put("Something", attribute_text=" ".join(f"{word}x" for word in ENGLISH.split()))
    found = shelf.ask(terms=terms(ENGLISH, **synonyms))
    assert (shelf.named(found), found.level) == (["Something"], Level.SYNONYMS)


def test_neighbours_written_together_are_found_in_a_long_query(shelf: Shelf) -> None:
    shelf.put("Hängematte mit Kissenbezug", locale="de")
    found = shelf.ask("Hänge Matte Kissen Bezug", "de")
    assert (shelf.named(found), found.level) == (["Hängematte mit Kissenbezug"], Level.SYNONYMS)


def test_a_question_that_an_engine_refuses_is_answered_by_postgresql_and_the_next_one_by_the_engine(
    backend: SearchBackend, shelf: Shelf
) -> None:
    engine = with_aliases(backend)
    engines.use(engine)
    shelf.put("Mug")
    # More clauses than any engine takes, and more values than one takes in a list.
    too_much = (
        Ask(channel_id=EU, locale="en", terms=terms("mug"), pins=tuple(ids.new() for _ in range(20_000))),
        Ask(channel_id=EU, locale="en", terms=terms("mug"), hides=tuple(ids.new() for _ in range(70_000))),
    )
    for ask in too_much * 3:
        assert engines.search(ask).is_degraded
    assert not engines.search(Ask(channel_id=EU, locale="en", terms=terms("mug"))).is_degraded
