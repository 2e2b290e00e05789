"""Tax rates in parts per million, and what they make of an amount. Exact integers, rounded half up."""

from decimal import Decimal

from msgspec import Struct

from shopwright.kit.money import Money, share

WHOLE = 1_000_000


class Rate(Struct, frozen=True):
    ppm: int
    name: str


#: Where no rate is set, no tax is due.
NONE = Rate(0, "")


def tax_in(gross: Money, ppm: int) -> Money:
    """The tax that is contained in an amount."""
    return Money(share(gross.amount, ppm, WHOLE + ppm), gross.currency)


def tax_on(net: Money, ppm: int) -> Money:
    """The tax that comes on top of an amount."""
    return Money(share(net.amount, ppm, WHOLE), net.currency)


def from_decimal(text: str) -> int:
    """`"0.19"` is 190000 parts per million."""
    return int(Decimal(text) * WHOLE)


def to_decimal(ppm: int) -> str:
    """190000 parts per million are `"0.19"`."""
    whole, rest = divmod(ppm, WHOLE)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")
