"""What any search must beat, over a handful of texts that can be reckoned by hand."""

from math import log

import pytest

from shopwright.listeners.search.golden.floors import at_random, naive_bm25

TEXTS = {
    "en": {"a": "Leather sofa", "b": "Sofa bed, blue", "c": "Leather shoe, sofa", "d": "Lamp"},
    "de": {"a": "Ledersofa", "b": "Schlafsofa", "c": "Lederschuh", "d": "Lampe"},
}


def test_bm25_puts_first_what_has_all_words_and_is_short() -> None:
    assert naive_bm25(TEXTS)("LEATHER sofa", "en", 10) == ["a", "c", "b"]
    assert naive_bm25(TEXTS)("leather sofa", "en", 2) == ["a", "c"]


def test_bm25_knows_no_word_but_the_very_same() -> None:
    assert naive_bm25(TEXTS)("sofas", "en", 10) == []
    assert naive_bm25(TEXTS)("ledersofa", "de", 10) == ["a"]


def test_bm25_is_the_formula() -> None:
    """One word in one of four texts of 9 words: its rarity alone decides, so a rarer word outweighs a more common one."""
    rare, common = log(1 + 3.5 / 1.5), log(1 + 1.5 / 3.5)
    assert rare > common
    assert naive_bm25(TEXTS)("lamp sofa", "en", 10)[0] == "d"


@pytest.mark.parametrize("k", [0, 3, 50])
def test_chance_draws_different_keys_and_the_same_for_the_same_words(k: int) -> None:
    keys = [f"product {number}" for number in range(20)]
    search = at_random(keys)
    drawn = search("sofa", "en", k)
    assert len({*drawn}) == len(drawn) == min(k, 20)
    assert search("sofa", "en", k) == drawn
    assert k == 0 or search("couch", "en", k) != drawn
