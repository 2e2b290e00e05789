"""What single cells mean. Each function says in a ValueError why a text is not what it should be."""

from decimal import Decimal, InvalidOperation

from shopwright.commerce.catalog.measures import KIND_OF, Unit
from shopwright.kit import money
from shopwright.kit.money import Money

MOST = 2**53 - 1
#: As files write them.
UNITS: dict[str, Unit] = {unit: unit for unit in Unit} | {"item": Unit.PIECE, "items": Unit.PIECE}
MOST_PIECES = 10**9


def price(text: str, currency: str) -> Money:
    try:
        amount = money.from_decimal(text, currency)
    except ValueError as fault:
        raise ValueError(f"“{_short(text)}” is not a price: {fault}") from None
    if amount.amount < 0:
        raise ValueError(f"“{_short(text)}” is negative")
    if amount.amount > MOST:
        raise ValueError(f"“{_short(text)}” is more than can be asked for")
    return amount


def truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"“{_short(text)}” is neither true nor false")
    return text.lower() == "true"


def count(text: str) -> int:
    """A whole number, which may be negative or written as `28.0`."""
    try:
        number = Decimal(text)
        whole = int(number)
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError(f"“{_short(text)}” is not a number") from None
    if whole != number or abs(whole) > MOST_PIECES:
        raise ValueError(f"“{_short(text)}” is not a whole number of a size that is accepted")
    return whole


def measure(text: str, unit: str) -> tuple[int, Unit]:
    """A whole number of this unit, or of the largest smaller one that makes it whole: 0.75 l are 75 cl."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"“{_short(text)}” is not a number") from None
    if not 0 < number < MOST_PIECES:
        raise ValueError(f"“{_short(text)}” is not a measure of a size that is accepted")
    asked = UNITS[unit]
    sizes = KIND_OF[asked]
    smaller = sorted((each for each in sizes if sizes[each] < sizes[asked]), key=lambda each: -sizes[each])
    for fitting in (asked, *smaller):
        amount = number * sizes[asked] / sizes[fitting]
        if amount == int(amount):
            return int(amount), fitting
    raise ValueError(f"“{_short(text)}” has more digits than are kept of {unit}")


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
