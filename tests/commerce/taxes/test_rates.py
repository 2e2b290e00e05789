import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.commerce.taxes.rates import WHOLE, from_decimal, tax_in, tax_on, to_decimal
from shopwright.kit.money import Money

amounts = st.integers(-(10**12), 10**12)
rates = st.integers(0, WHOLE)


@pytest.mark.parametrize(
    ("net", "ppm", "tax"),
    [(100, 190_000, 19), (50, 190_000, 10), (49, 190_000, 9), (1, 500_000, 1), (-50, 190_000, -10), (100, 0, 0)],
)
def test_tax_comes_on_top_rounded_half_up(net: int, ppm: int, tax: int) -> None:
    assert tax_on(Money(net, "EUR"), ppm) == Money(tax, "EUR")


@pytest.mark.parametrize(
    ("gross", "ppm", "tax"),
    [(119, 190_000, 19), (1999, 190_000, 319), (107, 70_000, 7), (3, 1_000_000, 2), (-119, 190_000, -19), (100, 0, 0)],
)
def test_tax_is_contained_rounded_half_up(gross: int, ppm: int, tax: int) -> None:
    assert tax_in(Money(gross, "EUR"), ppm) == Money(tax, "EUR")


@settings(deadline=None)
@given(amounts, rates)
def test_tax_is_never_off_by_more_than_half_a_unit(amount: int, ppm: int) -> None:
    assert abs(2 * (tax_on(Money(amount, "EUR"), ppm).amount * WHOLE - amount * ppm)) <= WHOLE
    whole = WHOLE + ppm
    assert abs(2 * (tax_in(Money(amount, "EUR"), ppm).amount * whole - amount * ppm)) <= whole


@settings(deadline=None)
@given(rates)
def test_a_rate_is_read_as_it_is_written(ppm: int) -> None:
    assert from_decimal(to_decimal(ppm)) == ppm


@pytest.mark.parametrize(
    ("text", "ppm"), [("0.19", 190_000), ("0", 0), ("1", 1_000_000), ("0.000001", 1), ("0.055", 55_000)]
)
def test_rates_are_decimal_shares(text: str, ppm: int) -> None:
    assert from_decimal(text) == ppm
    assert to_decimal(ppm) == text
