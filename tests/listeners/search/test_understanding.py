"""What a query says, without asking anybody."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.listeners.search import words
from shopwright.listeners.search.understanding import MOST_WORDS, is_gtin, understand


def said(query: str, locale: str = "en", currency: str = "EUR") -> tuple[list[str], int | None, int | None]:
    found = understand(query, locale, currency)
    return [term.text for term in found.terms], found.price_min, found.price_max


@pytest.mark.parametrize(
    ("query", "locale", "terms", "low", "high"),
    [
        ("mug under 50", "en", ["mug"], None, 5000),
        ("mug below €12.50", "en", ["mug"], None, 1250),
        ("50-80 eur mug", "en", ["mug"], 5000, 8000),
        ("mug between 10 and 20", "en", ["mug"], 1000, 2000),
        ("mug over 5 euro", "en", ["mug"], 500, None),
        ("tasse unter 49,90 €", "de", ["tasse"], None, 4990),
        ("tasse zwischen 10 und 20 euro", "de", ["tasse"], 1000, 2000),
        ("tasse moins de 20 €", "fr", ["tasse"], None, 2000),
        ("taza hasta 20 euros", "es", ["taza"], None, 2000),
        # No price: a measure, an age, another currency.
        ("shelf under 50 cm", "en", ["shelf", "under", "50cm"], None, None),
        ("toys over 5 years", "en", ["toys", "over", "5", "years"], None, None),
        ("mug under 50 usd", "en", ["mug", "under", "50", "usd"], None, None),
        # A number behind a word that stands before all kinds of numbers, in names, too.
        ("nike air max 90", "en", ["nike", "air", "max", "90"], None, None),
        ("iphone 15 pro max 256", "en", ["iphone", "15", "pro", "max", "256"], None, None),
        ("sofa bis 3 personen", "de", ["sofa", "bis", "3", "personen"], None, None),
        ("zelt bis 3", "de", ["zelt", "bis", "3"], None, None),
        ("jas tot 3", "nl", ["jas", "tot", "3"], None, None),
        ("mala ate 3", "pt", ["mala", "ate", "3"], None, None),
        # A currency or a word for it makes it a price.
        ("shoe max 90 eur", "en", ["shoe"], None, 9000),
        ("shoe price max 90", "en", ["shoe"], None, 9000),
        ("zelt preis bis 300", "de", ["zelt"], None, 30000),
        ("zelt bis 300 €", "de", ["zelt"], None, 30000),
        ("2 in 1 jacket", "en", ["2", "in", "1", "jacket"], None, None),
    ],
)
def test_prices_are_told_from_other_numbers(
    query: str, locale: str, terms: list[str], low: int | None, high: int | None
) -> None:
    assert said(query, locale) == (terms, low, high)


def test_a_price_is_a_guess_where_only_one_word_says_so() -> None:
    for query in ("windows under 10", "toys between 3 and 5"):
        assert understand(query, "en", "EUR").is_guessed
        literal = understand(query, "en", "EUR", guesses=False)
        assert [term.text for term in literal.terms] == query.split()
        assert (literal.price_min, literal.price_max, literal.is_guessed) == (None, None, False)
    for query in ("mug under 10 eur", "mug price under 10", "mug between 3 and 5 euros", "mug"):
        assert not understand(query, "en", "EUR").is_guessed
        assert understand(query, "en", "EUR", guesses=False) == understand(query, "en", "EUR")


def test_a_yen_has_no_hundredths() -> None:
    assert said("mug under 5000", currency="JPY") == (["mug"], None, 5000)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("WH-1000XM4", "wh1000xm4"), ("4006381333931", "4006381333931"), ("4006381333932", None), ("mug", None),
        ("13 inch laptop", None), ("1.5 l", None), ("a long list of words 12", None), ("12", None), ("10045", "10045"),
    ],
)  # fmt: skip
def test_article_numbers_are_told_from_words_and_measures(query: str, code: str | None) -> None:
    assert understand(query, "en", "EUR").code == code


def test_a_gtin_is_known_by_its_check_digit() -> None:
    assert is_gtin("4006381333931")
    assert not is_gtin("4006381333913")


def test_units_and_signs_are_spelled_in_one_way() -> None:
    for query in ('13"', "13 in", "13in", "13 inch", "13 inches", "13″"):
        assert words.words(query, "en") == ["13inch"]
    assert words.words("13 Zoll", "de") == ["13inch"]
    assert words.words("Bang & Olufsen", "de") == ["bang", "und", "olufsen"]
    assert words.stored_words("T-shirt 1,5 l", "en") == ["t", "shirt", "tshirt", "1.5l"]


@pytest.mark.parametrize("ampersand", ["&", "\uff06", "\ufe60"])
@pytest.mark.parametrize("text", ["salz {} pfeffer", "salz {} pfeffer" + " und mehr" * 100])
def test_texts_that_languages_share_are_spelled_in_each_as_it_does(ampersand: str, text: str) -> None:
    said = text.format(ampersand)
    for locale, word in (("de", "und"), ("en", "and"), ("de-AT", "und"), ("fr", "et")):
        assert words.stored(said, locale) == text.format(word)
        assert words.stored(text.format(""), locale) == text.format("").replace("  ", " ")


@given(st.text(max_size=500), st.sampled_from(["en", "de", "fr", "xx"]))
def test_any_text_is_understood_as_a_few_plain_words(query: str, locale: str) -> None:
    found = understand(query, locale, "EUR")
    assert len(found.terms) + len(found.excluded) <= MOST_WORDS
    for term in (*found.terms, *found.excluded):
        for word in term.words:
            assert word and all(sign.isalnum() or sign == "." for sign in word)


@pytest.mark.parametrize("part", ["under ", "1-", "between 1 and ", "a-", "€1 - ", "1.1.", "''", "in ", '1"'])
def test_no_pattern_grows_faster_than_the_query(part: str) -> None:
    def cost(length: int) -> float:
        query = (part * length)[:length]
        spent = []
        for _ in range(5):
            begun = time.thread_time()
            understand(query, "en", "EUR")
            spent.append(time.thread_time() - begun)
        return min(spent)

    # Ten times as long: a pattern that tries everything again at each place would take a hundred times as long.
    assert cost(20_000) < 40 * max(cost(2_000), 1e-4)
