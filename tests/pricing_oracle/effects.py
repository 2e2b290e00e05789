"""What the effects of cart rules take off the touched lines, before cap and floor."""

from tests.pricing_oracle.grouping import bundle, buy_get, cheapest_free, lacking
from tests.pricing_oracle.holding import worth_of
from tests.pricing_oracle.pieces import Piece
from tests.pricing_oracle.sharing import percentage, spread
from tests.pricing_oracle.state import Basket, Line, Plain, Reason

USING_UP = {"cheapest_free": cheapest_free, "buy_get": buy_get, "bundle": bundle}


def off_lines(effect: Plain, touched: list[Line], basket: Basket) -> tuple[dict[Line, int], list[Piece]] | Reason:
    """What goes off each line and which pieces are used up; or what is missing for it."""
    kind = effect["kind"]
    if kind in USING_UP:
        missing = lacking(effect, touched, basket)
        if missing and lacking(effect, touched, basket, used_too=True) == 0:
            return "used-up", {}
        if missing:
            return "more-pieces-needed", {"missing": missing}
        return USING_UP[kind](effect, touched, basket)
    if kind == "percentage":
        return {line: percentage(line.amount, effect["ppm"]) for line in touched}, []
    if kind == "amount":
        return amount_off(effect, touched), []
    if kind == "fixed_price":
        return {line: max(0, line.amount - effect["amount"] * line.quantity) for line in touched}, []
    assert kind == "tiers"
    return tiers(effect, touched)


def amount_off(effect: Plain, touched: list[Line]) -> dict[Line, int]:
    if effect["per"] == "item":
        return {line: min(line.amount, effect["amount"] * line.quantity) for line in touched}
    if effect["per"] == "line":
        return {line: min(line.amount, effect["amount"]) for line in touched}
    amounts = {line: line.amount for line in touched}
    return spread(min(effect["amount"], sum(amounts.values())), amounts)


def tiers(effect: Plain, touched: list[Line]) -> tuple[dict[Line, int], list[Piece]] | Reason:
    in_money = effect["currency"] is not None
    value = worth_of(touched) if in_money else sum(line.quantity for line in touched)
    reached = [tier for tier in effect["tiers"] if tier["at_least"] <= value]
    if not reached:
        missing = min(tier["at_least"] for tier in effect["tiers"]) - value
        if in_money:
            return "more-needed", {"missing": missing, "currency": effect["currency"]}
        return "more-pieces-needed", {"missing": missing}
    ppm = max(reached, key=lambda tier: tier["at_least"])["ppm"]
    return {line: percentage(line.amount, ppm) for line in touched}, []
