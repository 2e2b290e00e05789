"""Whole minor units: rounding, and splitting without losing one."""

from fractions import Fraction
from math import ceil, floor

from tests.pricing_oracle.state import Line, Plain

WHOLE = 1_000_000


def percentage(amount: int, ppm: int) -> int:
    """Rounded half up."""
    return floor(Fraction(amount * ppm, WHOLE) + Fraction(1, 2))


def spread(total: int, weights: dict[Line, int]) -> dict[Line, int]:
    """By weight; what is left over goes in single units to the largest fractions, then to the lower variant and line."""
    if total == 0:
        return dict.fromkeys(weights, 0)
    exact = {line: Fraction(total * weight, sum(weights.values())) for line, weight in weights.items()}
    result = {line: floor(part) for line, part in exact.items()}
    by_fraction = sorted(exact, key=lambda line: (result[line] - exact[line], line.place))
    for line in by_fraction[: total - sum(result.values())]:
        result[line] += 1
    return result


def capped(discounts: dict[Line, int], cap: int | None) -> dict[Line, int]:
    """At most `cap` in all."""
    if cap is None or sum(discounts.values()) <= cap:
        return discounts
    return spread(cap, discounts)


def floored(discounts: dict[Line, int], touched: list[Line], rule: Plain) -> dict[Line, int]:
    """So that the touched lines together do not go below their floor; lines without a known cost are left alone."""
    if rule["floor_margin_ppm"] is None:
        return discounts
    with_cost = {line: off for line, off in discounts.items() if line.plain["unit_cost"] is not None}
    room = max(0, above_floor(touched, rule))
    if sum(with_cost.values()) <= room:
        return discounts
    return discounts | spread(room, with_cost)


def above_floor(touched: list[Line], rule: Plain) -> int:
    """How much the touched lines with a known cost are above their floor."""
    known = [line for line in touched if line.plain["unit_cost"] is not None]
    return sum(line.amount - floor_of(line.plain["unit_cost"] * line.quantity, rule) for line in known)


def floor_of(cost: int, rule: Plain) -> int:
    return ceil(Fraction(cost * (WHOLE + rule["floor_margin_ppm"]), WHOLE))
