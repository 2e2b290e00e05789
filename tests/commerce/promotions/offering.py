"""Short ways to say an offer and a rule."""

from typing import Any
from uuid import UUID

import msgspec

from shopwright.commerce.promotions.evaluator import judge
from shopwright.commerce.promotions.offers import Judgement, Offer, OfferLine
from shopwright.commerce.promotions.rules import Condition, Effect, Kind, Rule
from tests.commerce.promotions.draws import CHANNEL, LINE, NOW, PRODUCT, RULE, VARIANT, some_id


def line(number: int, unit_amount: int, quantity: int = 1, **more: Any) -> OfferLine:
    """A line whose variant and product have its number."""
    return OfferLine(
        line_id=some_id(LINE, number), variant_id=some_id(VARIANT, number), product_id=some_id(PRODUCT, number),
        unit_amount=unit_amount, quantity=quantity, **more,
    )  # fmt: skip


def offer(*lines: OfferLine, **more: Any) -> Offer:
    """In the first channel, in euro, in Germany."""
    said = {"channel_id": some_id(CHANNEL, 0), "currency": "EUR", "country": "DE", "at": NOW} | more
    return Offer(lines=lines, **said)


def rule(number: int, effect: Effect, *conditions: Condition, **more: Any) -> Rule:
    """A cart rule named after its number."""
    said = {"version": 1, "name": f"Rule {number}", "kind": Kind.CART} | more
    return Rule(id=some_id(RULE, number), effect=effect, conditions=conditions, **said)


def amounts(rules: list[Rule], basket: Offer) -> list[int]:
    """What the lines cost in the end."""
    return [one.amount for one in judge(rules, basket).lines]


def refusals(found: Judgement) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Kind, name of the rule, and facts."""
    return [(one.kind.value, one.name, one.facts) for one in found.refusals]


def replaced(basket: Offer, **changes: Any) -> Offer:
    return msgspec.structs.replace(basket, **changes)


def variant(number: int) -> UUID:
    return some_id(VARIANT, number)
