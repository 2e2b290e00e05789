"""Which lines a rule touches."""

from collections.abc import Callable, Iterable

from shopwright.commerce.promotions.rules import (
    Attributes,
    Brands,
    Categories,
    Collections,
    ItemCondition,
    OnSale,
    PriceRange,
    Products,
    Variants,
)  # fmt: skip
from shopwright.commerce.promotions.state import State

Test = Callable[[State], int]
KIND: dict[type, str] = {
    Products: "product", Variants: "variant", Categories: "category", Collections: "collection", Brands: "brand",
    Attributes: "attribute",
}  # fmt: skip


class Touch:
    """The item conditions of a rule, or of a part of its effect, ready to be asked for lines."""

    __slots__ = ("conditions", "is_empty", "tests")

    def __init__(self, conditions: Iterable[ItemCondition]) -> None:
        self.conditions = tuple(conditions)
        self.tests = [_test(condition) for condition in self.conditions]
        self.is_empty = not self.tests

    def of(self, state: State) -> int:
        """The set of lines for which all conditions hold."""
        lines = state.everything
        for test in self.tests:
            lines &= test(state)
        return lines

    def without_sale(self) -> "Touch | None":
        """The same but for sale items being left out; None if it does not leave them out."""
        others = [one for one in self.conditions if not (isinstance(one, OnSale) and one.is_not)]
        return Touch(others) if len(others) < len(self.conditions) else None


def _test(condition: ItemCondition) -> Test:
    match condition:
        case OnSale(is_not=is_not):
            return lambda state: sum([line.bit for line in state.lines if line.is_on_sale != is_not])
        case PriceRange():
            return _in_range(condition)
    kind = KIND[type(condition)]
    wanted = wanted_by(condition)

    def test(state: State) -> int:
        having, lines = state.having[kind], 0
        for one in wanted.intersection(having):
            lines |= having[one]
        return lines

    return (lambda state: ~test(state)) if condition.is_not else test


def wanted_by(
    condition: Products | Variants | Categories | Collections | Brands | Attributes,
) -> frozenset[int | tuple[str, str]]:
    """What a line has to have, spelled as in `State.having`."""
    if isinstance(condition, Attributes):
        return frozenset([(condition.code, word) for word in condition.any_of])
    return frozenset([one.int for one in condition.any_of])


def _in_range(price: PriceRange) -> Test:
    def test(state: State) -> int:
        if state.offer.currency != price.currency:
            return 0
        return sum([line.bit for line in state.lines if _holds(price, line.shown)])

    return test


def _holds(price: PriceRange, amount: int) -> bool:
    return price.at_least <= amount and (price.at_most is None or amount <= price.at_most)
