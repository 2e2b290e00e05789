"""Who is told what: each code that gave nothing, then the rules that came near."""

from tests.pricing_oracle.codes import entered, spent_limit_of
from tests.pricing_oracle.holding import PLACES
from tests.pricing_oracle.state import Basket, Plain, Reason, in_order
from tests.pricing_oracle.trying import Tried

#: What a rule lacks is told to who entered its code, and if the rule is announced.
LACKS = ("more-needed", "more-pieces-needed")


def refusals(rules: list[Plain], results: dict[str, Tried], basket: Basket) -> list[Plain]:
    by_id = {rule["id"]: rule for rule in rules}
    codes = entered(basket.offer)
    told = []
    for code in codes:
        rule = by_id.get(code["promotion_id"])
        if rule is None or is_hidden(results[rule["id"]]):
            told.append(refusal(("unknown-code", {}), None, code["text"]))
        elif not results[rule["id"]].gave:
            told.append(refusal(of_code(code, rule, results[rule["id"]], basket), rule, code["text"]))
    with_code = {code["promotion_id"] for code in codes}
    for rule in in_order(rules, "catalog") + in_order(rules, "cart"):
        reason = of_rule(rule, results[rule["id"]], basket)
        if reason and rule["id"] not in with_code:
            told.append(refusal(reason, rule, None))
    return told


def is_hidden(tried: Tried) -> bool:
    """A rule of a group that the shopper is not in does not exist for them."""
    return any(place == "group" for place, _ in tried.failing)


def of_code(code: Plain, rule: Plain, tried: Tried, basket: Basket) -> Reason:
    reasons = [(place, reason) for place, reason in tried.failing if place != "code"]
    if rule["effect"]["kind"] == "shipping" and basket.shipping is None:
        reasons.append(("shipping_method", ("not-with-shipping-method", {})))
    if reasons:
        return min(reasons, key=lambda entry: PLACES.index(entry[0]))[1]
    if limit := spent_limit_of(code, basket.offer):
        return "limit-reached", {"limit": limit}
    assert tried.reason
    return tried.reason


def of_rule(rule: Plain, tried: Tried, basket: Basket) -> Reason | None:
    is_unready = rule["effect"]["kind"] == "shipping" and basket.shipping is None
    if tried.gave or is_hidden(tried) or is_unready:
        return None
    if tried.reason:
        return tried.reason if rule["is_announced"] or tried.reason[0] not in LACKS else None
    misses_by_one = len(tried.failing) == 1 and tried.failing[0][0] != "paused"
    return tried.failing[0][1] if rule["is_announced"] and misses_by_one else None


def refusal(reason: Reason, rule: Plain | None, code: str | None) -> Plain:
    return {
        "kind": reason[0], "promotion_id": rule and rule["id"], "name": rule and rule["name"],
        "code": code, "facts": reason[1],
    }  # fmt: skip
