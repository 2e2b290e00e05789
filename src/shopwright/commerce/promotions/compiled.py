"""A rule made ready to be judged many times."""

from shopwright.commerce.promotions.holding import checks_of
from shopwright.commerce.promotions.rules import (
    Attributes,
    Bundle,
    BuyGet,
    Categories,
    Code,
    Collections,
    Condition,
    FreeGift,
    Groups,
    ItemCondition,
    Kind,
    Quantity,
    Rule,
    ShippingOff,
    Subtotal,
)  # fmt: skip
from shopwright.commerce.promotions.state import State
from shopwright.commerce.promotions.touching import Touch

Place = tuple[int, int]
"""Priority and id: lower goes first."""


#: What is told of an item only if some rule asks for it.
ASKS: dict[type, str] = {Categories: "categories", Collections: "collections", Attributes: "attributes"}


class Compiled:
    """A rule with its conditions sorted by when they are asked, and its place in the order."""

    __slots__ = (
        "asks", "checks", "counts", "groups", "has_code", "id", "is_announced", "is_bundle", "is_catalog", "is_shipping",
        "needs_items",
        "parts", "place", "rule", "touch",
    )  # fmt: skip

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.id = rule.id
        self.place: Place = (rule.priority, rule.id.int)
        self.is_catalog = rule.kind is Kind.CATALOG
        self.is_bundle = isinstance(rule.effect, Bundle)
        self.is_shipping = isinstance(rule.effect, ShippingOff)
        self.is_announced = rule.is_announced
        self.has_code = any(isinstance(one, Code) for one in rule.conditions)
        self.groups = [frozenset([id_.int for id_ in one.any_of]) for one in rule.conditions if isinstance(one, Groups)]
        self.checks = checks_of(rule)
        self.touch = Touch(items_in(rule.conditions))
        # Quantities first: that is the order in which a shopper is told.
        counted = [one for one in rule.conditions if isinstance(one, Quantity | Subtotal)]
        self.counts = sorted(counted, key=lambda one: isinstance(one, Subtotal))
        self.needs_items = not (self.touch.is_empty and isinstance(rule.effect, FreeGift | ShippingOff))
        self.parts = _parts(rule)
        conditions = [one for touch in (self.touch, *self.parts) for one in touch.conditions]
        self.asks = frozenset(ASKS[type(one)] for one in conditions if type(one) in ASKS)

    def touched(self, state: State) -> int:
        """The set of lines that it touches, closed or not. A bundle touches what one of its parts can be made of."""
        lines = self.touch.of(state)
        return self._narrowed(lines, state) if self.is_bundle else lines

    def is_emptied_by_sale(self, state: State) -> bool:
        """Whether it would touch something if it took sale items, too."""
        others = self.touch.without_sale()
        if others is None:
            return False
        lines = others.of(state)
        return bool(self._narrowed(lines, state) if self.is_bundle else lines)

    def _narrowed(self, lines: int, state: State) -> int:
        fitting = 0
        for part in self.parts:
            fitting |= part.of(state)
        return lines & fitting

    def is_for(self, groups: frozenset[int]) -> bool:
        """Whether a shopper of these groups may know of it."""
        return not self.groups or all(not wanted.isdisjoint(groups) for wanted in self.groups)


def items_in(conditions: tuple[Condition, ...]) -> list[ItemCondition]:
    return [one for one in conditions if isinstance(one, ItemCondition)]


def _parts(rule: Rule) -> list[Touch]:
    """What the effect takes by conditions of its own."""
    match rule.effect:
        case Bundle(parts=parts):
            return [Touch(part.items) for part in parts]
        case BuyGet(get=get) if get is not None:
            return [Touch(get)]
        case _:
            return []
