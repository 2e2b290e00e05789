"""The shop's evaluator beside this one."""

import json
from difflib import unified_diff

import msgspec

from tests.pricing_oracle.carts import draw_cart
from tests.pricing_oracle.judging import judge
from tests.pricing_oracle.state import Plain


def judge_as_the_shop_does(rules: list[Plain], offer: Plain) -> Plain:
    """What the shop's evaluator makes of it, as builtins."""
    from shopwright.commerce.promotions import evaluator
    from shopwright.commerce.promotions.offers import Offer
    from shopwright.commerce.promotions.rules import Rule

    judgement = evaluator.judge(msgspec.convert(rules, tuple[Rule, ...]), msgspec.convert(offer, Offer))
    return plain(msgspec.to_builtins(judgement))


def plain(value: object) -> Plain:
    """With lists for tuples, as JSON has them."""
    return msgspec.json.decode(msgspec.json.encode(value))


def difference(rules: list[Plain], offer: Plain, expected: Plain) -> str:
    """How the shop's judgement differs from the expected one; empty if it does not."""
    found = judge_as_the_shop_does(rules, offer)
    if found == expected:
        return ""
    lines = unified_diff(written(expected), written(found), "the oracle", "the shop", lineterm="", n=8)
    return "\n".join(["the judgements differ", *lines])


def written(value: object) -> list[str]:
    return json.dumps(value, indent=1, sort_keys=True).splitlines()


def told(seed: int) -> str:
    """The whole cart of a seed and both judgements of it, for who looks into a difference."""
    rules, offer = draw_cart(seed)
    parts = {"rules": rules, "offer": offer, "judgement": judge(rules, offer)}
    return "\n".join(f"{name}: {json.dumps(part, indent=1)}" for name, part in parts.items())
