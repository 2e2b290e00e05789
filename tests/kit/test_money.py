from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.kit.money import (
    CurrencyMismatch,
    Money,
    allocate,
    exponent,
    from_decimal,
    is_currency,
    share,
    zero,
)

amounts = st.integers(-(10**15), 10**15)
weightings = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


def test_sums_and_multiples_are_exact() -> None:
    assert Money(1999, "EUR") + Money(1, "EUR") == Money(2000, "EUR")
    assert Money(1999, "EUR") - Money(2000, "EUR") == Money(-1, "EUR")
    assert Money(1999, "EUR") * 3 == 3 * Money(1999, "EUR") == Money(5997, "EUR")
    assert -Money(5, "EUR") == Money(-5, "EUR")
    assert zero("JPY") == Money(0, "JPY")


def test_amounts_compare() -> None:
    small, large = Money(1, "EUR"), Money(2, "EUR")
    assert small < large and small <= large and large > small and large >= small
    assert small <= Money(1, "EUR") and not small < Money(1, "EUR")
    assert max(small, large) == large


def test_the_same_amount_of_another_currency_is_not_equal() -> None:
    assert Money(1, "EUR") != Money(1, "USD")
    assert len({Money(1, "EUR"), Money(1, "USD"), Money(1, "EUR")}) == 2


@pytest.mark.parametrize(
    "mix",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a < b,
        lambda a, b: a <= b,
        lambda a, b: a > b,
        lambda a, b: a >= b,
    ],
)
def test_currencies_do_not_mix(mix: Callable[[Money, Money], Any]) -> None:
    with pytest.raises(CurrencyMismatch, match="EUR and USD"):
        mix(Money(1, "EUR"), Money(1, "USD"))


def test_a_float_is_no_multiple() -> None:
    with pytest.raises(TypeError):
        Money(1, "EUR") * 1.5  # type: ignore[operator]


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3)])
def test_each_currency_has_its_own_minor_unit(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


def test_a_currency_is_one_that_cldr_knows() -> None:
    assert is_currency("EUR") and not is_currency("EUX") and not is_currency("eur")


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("19.99", Money(1999, "EUR")),
        ("19.9", Money(1990, "EUR")),
        ("19", Money(1900, "EUR")),
        ("-0.01", Money(-1, "EUR")),
        ("1999", Money(1999, "JPY")),
        ("1.234", Money(1234, "KWD")),
        ("9007199254740.99", Money(900719925474099, "EUR")),
    ],
)
def test_major_units_are_read(text: str, money: Money) -> None:
    assert from_decimal(text, money.currency) == money


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("19.999", "EUR"),
        ("19.990", "EUR"),
        ("1.0", "JPY"),
        ("1.2345", "KWD"),
        ("", "EUR"),
        ("1,99", "EUR"),
        ("1e3", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        (" 1", "EUR"),
        ("1\n", "EUR"),
        ("+1", "EUR"),
        (".5", "EUR"),
        ("1.", "EUR"),
        ("\u0661", "EUR"),
        ("9" * 19, "EUR"),
    ],
)
def test_what_is_not_an_amount_of_this_currency_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r"not a plain decimal|digits after the point"):
        from_decimal(text, currency)


def test_major_units_keep_their_digits() -> None:
    assert str(Money(1990, "EUR").to_decimal()) == "19.90"
    assert str(Money(-5, "EUR").to_decimal()) == "-0.05"
    assert str(Money(1, "KWD").to_decimal()) == "0.001"
    assert str(Money(1999, "JPY").to_decimal()) == "1999"
    assert str(zero("EUR").to_decimal()) == "0.00"


@given(amounts, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_written_in_major_units_is_read_back(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    assert from_decimal(str(money.to_decimal()), currency) == money


@pytest.mark.parametrize(
    ("locale", "money", "text"),
    [
        ("de-DE", Money(-123450, "EUR"), "-1.234,50\xa0€"),
        ("en-US", Money(123450, "EUR"), "€1,234.50"),
        ("ja", Money(1999, "JPY"), "¥1,999"),
        ("en", Money(1234, "KWD"), "KWD1.234"),
    ],
)
def test_money_is_written_as_the_locale_writes_it(locale: str, money: Money, text: str) -> None:
    assert money.formatted(locale).replace("￥", "¥") == text


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (5, [0, 0, 0], [2, 2, 1]),
        (10, [3, 0, 7], [3, 0, 7]),
        (1, [1, 2], [0, 1]),
        (7, [5], [7]),
        (0, [1, 2], [0, 0]),
        (0, [], []),
    ],
)
def test_a_total_is_split_by_weight(total: int, weights: list[int], parts: list[int]) -> None:
    assert allocate(total, weights) == parts


def test_a_split_needs_somebody_and_no_negative_weight() -> None:
    with pytest.raises(ValueError, match="nobody"):
        allocate(1, [])
    with pytest.raises(ValueError, match="negative"):
        allocate(1, [2, -1])


@given(amounts, weightings)
def test_no_cent_is_lost_and_no_part_is_a_cent_off(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    fair = weights if any(weights) else [1] * len(weights)
    assert sum(parts) == total
    assert all(abs(part - Fraction(total * weight, sum(fair))) < 1 for part, weight in zip(parts, fair, strict=True))


@given(amounts, weightings)
def test_a_negative_split_mirrors_the_positive_one(total: int, weights: list[int]) -> None:
    assert allocate(-total, weights) == [-part for part in allocate(total, weights)]


@pytest.mark.parametrize(
    ("amount", "numerator", "denominator", "result"),
    [
        (5, 1, 10, 1),
        (-5, 1, 10, -1),
        (4, 1, 10, 0),
        (-4, 1, 10, 0),
        (1999, 19, 100, 380),
        (5, -1, 10, -1),
        (5, 1, -10, -1),
        (0, 1, -3, 0),
    ],
)
def test_a_share_is_rounded_half_up(amount: int, numerator: int, denominator: int, result: int) -> None:
    assert share(amount, numerator, denominator) == result


@given(amounts, st.integers(-(10**6), 10**6), st.integers(1, 10**6))
def test_a_share_is_what_exact_decimals_say(amount: int, numerator: int, denominator: int) -> None:
    exact = Fraction(amount * numerator, denominator)
    size = int((Decimal(abs(exact.numerator)) * 2 // exact.denominator + 1) // 2)
    assert share(amount, numerator, denominator) == (size if exact >= 0 else -size)


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ZeroDivisionError):
        share(1, 1, 0)


def test_money_crosses_the_wire_checked() -> None:
    assert msgspec.json.encode(Money(1999, "EUR")) == b'{"amount":1999,"currency":"EUR"}'
    assert msgspec.json.decode(b'{"amount":1999,"currency":"EUR"}', type=Money) == Money(1999, "EUR")


@pytest.mark.parametrize(
    "body",
    [
        b'{"amount":19.99,"currency":"EUR"}',
        b'{"amount":"1999","currency":"EUR"}',
        b'{"amount":1999,"currency":"eur"}',
        b'{"amount":1999,"currency":"EURO"}',
        b'{"amount":9007199254740992,"currency":"EUR"}',
        b'{"amount":1999}',
    ],
)
def test_what_is_not_money_does_not_cross_the_wire(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Money)
