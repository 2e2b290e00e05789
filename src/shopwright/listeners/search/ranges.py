"""Prices in a handful of ranges whose borders people can read."""

from collections.abc import Sequence

from shopwright.listeners.search.backend import PriceRange

ABOUT = 5
#: Borders are multiples of one of these times a power of ten.
_NICE = (1, 2, 5, 10)


def borders(low: int, high: int) -> list[int]:
    """Where ranges begin that cover all from `low` to `high`; about five."""
    step = _step((high - low) / ABOUT)
    first = low // step * step
    return list(range(first, high + 1, step))


def ranges(prices: Sequence[tuple[int, int]]) -> tuple[PriceRange, ...]:
    """Of rising prices, each with how many cost it; an empty range is left out, and the last one is open."""
    if not prices:
        return ()
    starts = borders(prices[0][0], prices[-1][0])
    counts = dict.fromkeys(starts, 0)
    step = starts[1] - starts[0] if len(starts) > 1 else 1
    for price, number in prices:
        counts[starts[min((price - starts[0]) // step, len(starts) - 1)]] += number
    ends = [*starts[1:], None]
    return tuple(
        PriceRange(start, end, counts[start]) for start, end in zip(starts, ends, strict=True) if counts[start]
    )


def _step(width: float) -> int:
    magnitude = 1
    while magnitude * 10 <= width:
        magnitude *= 10
    return next((magnitude * nice for nice in _NICE if magnitude * nice >= width), magnitude * 10)
