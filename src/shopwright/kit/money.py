"""Money: whole minor units of one currency, never a float; and how to split it without losing a cent."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Self

import msgspec
from babel import Locale
from babel.numbers import format_currency, get_currency_precision, list_currencies

CurrencyCode = Annotated[
    str, msgspec.Meta(pattern="^[A-Z]{3}$(?!\n)", examples=["EUR"], description="ISO 4217 currency code")
]
# JSON numbers beyond this lose digits in many clients (RFC 8259 §6).
Amount = Annotated[int, msgspec.Meta(ge=-(2**53) + 1, le=2**53 - 1, description="whole minor units", examples=[1999])]

_DECIMAL = re.compile(r"-?[0-9]{1,18}(?:\.([0-9]{1,6}))?", re.ASCII)


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum or comparison: a mistake of the caller, never of a client."""


class Money(msgspec.Struct, frozen=True):
    """An amount in whole minor units (1999 EUR is 19.99 €). Equal only if amount and currency both are."""

    amount: Amount
    currency: CurrencyCode

    def __add__(self, other: Self) -> Self:
        return type(self)(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.amount - self._same(other), self.currency)

    def __mul__(self, count: int) -> Self:
        # A float would slip through as `amount` unseen: msgspec checks types only on the wire.
        if not isinstance(count, int):
            return NotImplemented
        return type(self)(self.amount * count, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Self) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Self) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Self) -> bool:
        return self.amount >= self._same(other)

    def to_decimal(self) -> Decimal:
        """In major units, exact, with all its digits: 1990 EUR is `Decimal("19.90")`."""
        sign, digits, _ = Decimal(self.amount).as_tuple()
        return Decimal((sign, digits, -exponent(self.currency)))

    def formatted(self, locale: str) -> str:
        """As people of this locale (`de-CH`) write it."""
        return format_currency(self.to_decimal(), self.currency, locale=Locale.parse(locale, sep="-"))

    def _same(self, other: Self) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount


def zero(currency: str) -> Money:
    """Nothing, in this currency."""
    return Money(0, currency)


def from_decimal(text: str, currency: str) -> Money:
    """Read major units (`-19.99`). Raises ValueError for anything else, or for more digits than it has."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ValueError("not a plain decimal number")
    digits = exponent(currency)
    if len(match[1] or "") > digits:
        raise ValueError(f"{currency} has {digits} digits after the point")
    return Money(int(Decimal(text).scaleb(digits)), currency)


@lru_cache(maxsize=512)
def exponent(currency: str) -> int:
    """How many digits the minor unit has (CLDR): EUR 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


@lru_cache(maxsize=512)
def is_currency(code: str) -> bool:
    """Whether this is a currency that CLDR knows."""
    return code in list_currencies()


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split by weight into whole parts that add up to `total` again, by the largest remainder.

    Equal remainders go to the earlier part; if all weights are zero the split is even. Raises ValueError for
    a negative weight, and for no weights at all unless there is nothing to split.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight may not be negative")
    if not weights:
        if total:
            raise ValueError("nobody to give it to")
        return []
    if not any(weights):
        weights = [1] * len(weights)
    whole, sign = sum(weights), -1 if total < 0 else 1
    parts, remainders = zip(*(divmod(abs(total) * weight, whole) for weight in weights), strict=True)
    result = list(parts)
    by_remainder = sorted(range(len(weights)), key=lambda position: -remainders[position])
    for position in by_remainder[: abs(total) - sum(parts)]:
        result[position] += 1
    return [sign * part for part in result]


def share(amount: int, numerator: int, denominator: int) -> int:
    """`amount * numerator / denominator`, rounded half up: half a unit goes away from zero."""
    if denominator == 0:
        raise ZeroDivisionError("a share of nothing")
    product = amount * numerator
    size = (2 * abs(product) + abs(denominator)) // (2 * abs(denominator))
    return size if (product < 0) == (denominator < 0) else -size
