"""A basket while it is judged."""

from datetime import datetime
from typing import Any

Plain = dict[str, Any]
#: A refusal's kind and its facts.
Reason = tuple[str, Plain]


class Line:
    """`unit` and `amount` go down from step to step; of its pieces the first `used` are used up."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain
        self.id: str = plain["line_id"]
        self.variant_id: str = plain["variant_id"]
        self.quantity: int = plain["quantity"]
        self.unit: int = plain["unit_amount"]
        self.amount = self.unit * self.quantity
        self.used = 0
        self.is_closed = False
        self.catalog_steps: list[Plain] = []
        self.cart_steps: list[Plain] = []

    @property
    def place(self) -> tuple[str, str]:
        """Whose turn it is among equals; where a line stands in the basket does not matter."""
        return self.variant_id, self.id

    @property
    def is_reduced(self) -> bool:
        return self.plain["is_on_sale"] or self.unit < self.plain["unit_amount"]


class Basket:
    def __init__(self, offer: Plain) -> None:
        self.offer = offer
        self.at = datetime.fromisoformat(offer["at"])
        self.all_lines = [Line(plain) for plain in offer["lines"]]
        #: A gift card takes part in nothing.
        self.lines = [line for line in self.all_lines if not line.plain["is_gift_card"]]
        self.shipping: int | None = offer["shipping_amount"]
        self.shipping_steps: list[Plain] = []
        self.gifts: list[Plain] = []
        self.redemptions: list[Plain] = []


def in_order(rules: list[Plain], kind: str) -> list[Plain]:
    """The rules of a kind as they are judged: by priority, then by id."""
    return sorted((rule for rule in rules if rule["kind"] == kind), key=lambda rule: (rule["priority"], rule["id"]))


def turns(rules: list[Plain]) -> list[list[Plain]]:
    """Who is judged together, in order: an exclusive group at the place of its first member, all others alone."""
    result: list[list[Plain]] = []
    seen: set[str] = set()
    for rule in rules:
        group = rule["exclusive_group"]
        if group is None:
            result.append([rule])
        elif group not in seen:
            seen.add(group)
            result.append([member for member in rules if member["exclusive_group"] == group])
    return result


def step(rule: Plain, base: int, amount: int, code: str | None) -> Plain:
    """What is noted of a rule where it took something off."""
    return {
        "promotion_id": rule["id"], "version": rule["version"], "name": rule["name"],
        "base": base, "amount": amount, "code": code,
    }  # fmt: skip
