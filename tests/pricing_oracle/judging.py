"""The whole: first all catalog rules, then all cart rules, then what is told."""

from tests.pricing_oracle.catalog import judge_catalog
from tests.pricing_oracle.refusing import refusals
from tests.pricing_oracle.state import Basket, Plain, in_order, turns
from tests.pricing_oracle.trying import Tried, apply, attempt


def judge(rules: list[Plain], offer: Plain) -> Plain:
    """Judge an offer by these rules; all of them, and what comes back, as builtins."""
    basket = Basket(offer)
    results = judge_catalog(rules, basket)
    for members in turns(in_order(rules, "cart")):
        results |= judge_together(members, basket)
    return {
        "lines": [
            {
                "line_id": line.id, "unit_amount": line.unit, "amount": line.amount,
                "catalog": line.catalog_steps, "cart": line.cart_steps,
            }
            for line in basket.all_lines
        ],
        "gifts": basket.gifts,
        "shipping_amount": basket.shipping,
        "shipping": basket.shipping_steps,
        "refusals": refusals(rules, results, basket),
        "redemptions": basket.redemptions,
    }  # fmt: skip


def judge_together(members: list[Plain], basket: Basket) -> dict[str, Tried]:
    """Each alone on the basket as it is; the one that takes off most is applied, of equals the lower id."""
    results = {rule["id"]: attempt(rule, basket) for rule in members}
    giving = [rule for rule in members if results[rule["id"]].worth > 0]
    if not giving:
        return results
    winner = min(giving, key=lambda rule: (-results[rule["id"]].worth, rule["id"]))
    apply(winner, results[winner["id"]], basket)
    for rule in giving:
        if rule is not winner:
            results[rule["id"]] = Tried(reason=("replaced", {"by": winner["name"], "by_id": winner["id"]}))
    return results
