"""Carts by chance: rules and an offer as builtins, all from one seed."""

from tests.pricing_oracle.drawing import Chance, World
from tests.pricing_oracle.drawn_offers import draw_lines, draw_moment, draw_offer, draw_spent
from tests.pricing_oracle.drawn_rules import draw_rule
from tests.pricing_oracle.state import Plain


def draw_cart(seed: int) -> tuple[list[Plain], Plain]:
    """Some rules, and an offer that many of them have something to do with."""
    chance = Chance(seed)
    world = World(chance)
    at, lines = draw_moment(chance), draw_lines(chance, world)
    rules = [draw_rule(chance, world, number, at, lines) for number in range(chance.choice([3, 5, 6, 7, 8, 10, 14]))]
    if chance.happens(15):
        make_twins(*chance.sample(rules, 2))
    offer = draw_offer(chance, world, rules, at, lines)
    offer["spent"] = draw_spent(chance, world, rules, offer["codes"])
    return rules, offer


def make_twins(one: Plain, other: Plain) -> None:
    """Let two rules say the same in one group, so that only their ids tell which of them is given."""
    one["exclusive_group"] = "first"
    other |= {name: one[name] for name in ("kind", "effect", "conditions", "exclusive_group")}
