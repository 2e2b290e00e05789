"""Singular and plural find each other also where no stemmer takes them for one."""

import pytest

from shopwright.listeners.search import plurals
from shopwright.listeners.search.backend import Term
from shopwright.listeners.search.understanding import understand


@pytest.mark.parametrize(
    ("one", "other", "locale"),
    [
        ("scarf", "scarves", "en"), ("knife", "knives", "en-GB"), ("woman", "women", "en"), ("sofa", "sofas", "de"),
        ("shampoo", "shampoos", "de-AT"), ("pulli", "pullis", "de"),
    ],
)  # fmt: skip
def test_each_is_the_others_other(one: str, other: str, locale: str) -> None:
    assert other in plurals.others(one, locale)
    assert one in plurals.others(other, locale)


@pytest.mark.parametrize(
    ("word", "locale"), [("sofa", "en"), ("sofas", "fr"), ("if", "en"), ("cliff", "en"), ("gas", "de"), ("tisch", "de")]
)
def test_what_stemmers_know_or_what_has_none_is_left_alone(word: str, locale: str) -> None:
    assert list(plurals.others(word, locale)) == []


def test_a_query_looks_for_both() -> None:
    said = understand("red scarves without knife", "en", "EUR")
    assert said.terms == (Term(("red",)), Term(("scarves",), (("scarf",), ("scarfe",))))
    assert said.excluded == (Term(("knife",)),)
