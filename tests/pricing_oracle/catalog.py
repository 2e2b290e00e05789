"""Catalog rules: the price of one piece, for each line by itself, as a listing shows it."""

from collections import defaultdict

from tests.pricing_oracle.holding import failing
from tests.pricing_oracle.sharing import floor_of, percentage
from tests.pricing_oracle.state import Basket, Line, Plain, Reason, in_order, step, turns
from tests.pricing_oracle.touching import matching
from tests.pricing_oracle.trying import Tried


def judge_catalog(rules: list[Plain], basket: Basket) -> dict[str, Tried]:
    """Lower the units of the lines; what came of each rule, by its id."""
    rules = in_order(rules, "catalog")
    results = {rule["id"]: Tried(failing=failing(rule, basket, matching(rule, basket))) for rule in rules}
    whys: dict[str, list[Reason]] = defaultdict(list)
    for line in basket.lines:
        is_closed = False
        for members in turns(rules):
            judged = [rule for rule in members if not results[rule["id"]].failing and line in matching(rule, basket)]
            tried = {rule["id"]: off_piece(rule, line, is_closed) for rule in judged}
            if not judged:
                continue
            winner = min(judged, key=lambda rule: (-tried[rule["id"]][0], rule["id"]))
            off = tried[winner["id"]][0]
            for rule in judged:
                own_off, why = tried[rule["id"]]
                if own_off == 0 and why:
                    whys[rule["id"]].append(why)
                elif rule is not winner:
                    whys[rule["id"]].append(("replaced", {"by": winner["name"], "by_id": winner["id"]}))
            if off:
                line.catalog_steps.append(step(winner, line.unit, off, None))
                line.unit -= off
                results[winner["id"]].gave = True
                is_closed = is_closed or winner["is_final"]
        line.amount = line.unit * line.quantity
    for rule in rules:
        if whys[rule["id"]]:
            results[rule["id"]].reason = weightiest(whys[rule["id"]], rules)
    return results


def off_piece(rule: Plain, line: Line, is_closed: bool) -> tuple[int, Reason | None]:
    """What goes off one piece of the line, or why nothing does."""
    if is_closed:
        return 0, ("stopped", {})
    effect = rule["effect"]
    if effect["kind"] == "percentage":
        off = percentage(line.unit, effect["ppm"])
    elif effect["kind"] == "amount":
        off = min(line.unit, effect["amount"])
    else:
        off = max(0, line.unit - effect["amount"])
    if effect["cap"] is not None:
        off = min(off, effect["cap"])
    if off == 0:
        return 0, ("no-discount", {})
    cost = line.plain["unit_cost"]
    if rule["floor_margin_ppm"] is not None and cost is not None:
        off = min(off, max(0, line.unit - floor_of(cost, rule)))
    return (off, None) if off else (0, ("at-floor", {}))


def weightiest(reasons: list[Reason], rules: list[Plain]) -> Reason:
    """Of the lines' reasons the one that is told: replaced (by the first in order), at its floor, nothing, stopped."""
    order = [rule["id"] for rule in rules]
    kinds = ["replaced", "at-floor", "no-discount", "stopped"]
    return min(reasons, key=lambda why: (kinds.index(why[0]), order.index(why[1].get("by_id", order[0]))))
