"""What the carts drawn are good for: how often each effect gives something, and each condition makes a difference."""

from collections import Counter

from tests.pricing_oracle.judging import judge
from tests.pricing_oracle.state import Plain

EFFECTS = [
    "percentage", "amount per item", "amount per line", "amount per order", "fixed_price", "cheapest_free", "buy_get",
    "bundle", "tiers", "gift", "shipping",
]  # fmt: skip
CONDITIONS = [
    "product", "variant", "category", "collection", "brand", "attribute", "price", "sale", "quantity", "subtotal",
    "currency", "channel", "country", "group", "first_order", "new_customer", "shipping_method", "hours", "code", "window",
]  # fmt: skip


def count(rules: list[Plain], offer: Plain, judgement: Plain) -> Counter[str]:
    """What happened in one cart, each at most once."""
    by_id = {rule["id"]: rule for rule in rules}
    applied = applied_ids(judgement)
    found = {"carts"} | ({"two or more rules apply"} if len(applied) > 1 else set())
    found |= {f"effect {name(by_id[rule_id]['effect'])}" for rule_id in applied}
    found |= {f"refusal {refusal['kind']}" for refusal in judgement["refusals"]}
    return Counter(found)


def applied_ids(judgement: Plain) -> set[str]:
    steps = [step for line in judgement["lines"] for step in line["catalog"] + line["cart"]]
    steps += judgement["shipping"] + [gift["step"] for gift in judgement["gifts"]]
    return {step["promotion_id"] for step in steps}


def name(effect: Plain) -> str:
    return f"amount per {effect['per']}" if effect["kind"] == "amount" else effect["kind"]


def count_deciding(rules: list[Plain], offer: Plain, judgement: Plain) -> Counter[str]:
    """The kinds of conditions without one of which another price would come out."""
    prices = without_refusals(judgement)
    found = {"carts looked at without each condition"}
    for number, rule in enumerate(rules):
        for kind, changed in less_by_one(rule):
            if f"condition {kind}" not in found:
                others = [*rules[:number], changed, *rules[number + 1 :]]
                found |= {f"condition {kind}"} if without_refusals(judge(others, offer)) != prices else set()
    return Counter(found)


def without_refusals(judgement: Plain) -> Plain:
    return {key: value for key, value in judgement.items() if key != "refusals"}


def less_by_one(rule: Plain) -> list[tuple[str, Plain]]:
    conditions = rule["conditions"]
    fewer = [
        (condition["kind"], rule | {"conditions": [*conditions[:i], *conditions[i + 1 :]]})
        for i, condition in enumerate(conditions)
    ]
    return [*fewer, ("window", rule | {"starts_at": None, "ends_at": None})]


def table(counts: Counter[str]) -> str:
    """In percent of the carts (of conditions: of those that were judged without each of them)."""
    looked_at = counts["carts looked at without each condition"]
    rows = [("two or more rules apply", counts["carts"])]
    rows += [(f"effect {effect}", counts["carts"]) for effect in EFFECTS]
    rows += [(f"condition {kind}", looked_at) for kind in CONDITIONS]
    rows += [(kind, counts["carts"]) for kind in sorted(counts) if kind.startswith("refusal")]
    return "\n".join(f"{row:36}{counts[row] / of:8.1%}" for row, of in rows if of)
