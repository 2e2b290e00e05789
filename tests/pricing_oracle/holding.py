"""Which of a rule's conditions fail, in the order in which a shopper is told of them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.pricing_oracle.codes import good_code
from tests.pricing_oracle.state import Basket, Line, Plain, Reason
from tests.pricing_oracle.touching import item_conditions, matches_all

PLACES = [
    "group", "paused", "window", "currency", "channel", "country", "first_order", "new_customer", "shipping_method",
    "hours", "code", "items", "quantity", "subtotal",
]  # fmt: skip


def failing(rule: Plain, basket: Basket, touched: list[Line]) -> list[tuple[str, Reason]]:
    """Each with its place. `touched` are the lines that the rule counts."""
    found = [("paused", ("paused", {}))] if rule.get("is_paused") else []
    found += window(rule, basket)
    if rule["effect"].get("currency") not in (None, basket.offer["currency"]):
        found.append(("currency", ("not-in-currency", {})))
    for condition in rule["conditions"]:
        reason = of_basket(condition, rule, basket, touched)
        if reason:
            found.append((condition["kind"], reason))
    if not touched:
        found.append(("items", no_items(rule, basket)))
    return sorted(found, key=lambda entry: PLACES.index(entry[0]))


def window(rule: Plain, basket: Basket) -> list[tuple[str, Reason]]:
    if rule["starts_at"] and basket.at < (starts_at := datetime.fromisoformat(rule["starts_at"])):
        return [("window", ("not-started", {"starts_at": starts_at.isoformat()}))]
    if rule["ends_at"] and basket.at >= (ends_at := datetime.fromisoformat(rule["ends_at"])):
        return [("window", ("ended", {"ended_at": ends_at.isoformat()}))]
    return []


def no_items(rule: Plain, basket: Basket) -> Reason:
    without_sale = [c for c in item_conditions(rule) if not (c["kind"] == "sale" and c["is_not"])]
    some_left = any(matches_all(without_sale, line, basket, rule["kind"]) for line in in_parts(rule, basket))
    return ("not-with-sale-items" if some_left else "no-such-items"), {}


def in_parts(rule: Plain, basket: Basket) -> list[Line]:
    if rule["effect"]["kind"] != "bundle":
        return basket.lines
    parts = rule["effect"]["parts"]
    return [line for line in basket.lines if any(matches_all(part["items"], line, basket, "cart") for part in parts)]


def of_basket(condition: Plain, rule: Plain, basket: Basket, touched: list[Line]) -> Reason | None:
    """Why this condition fails; None if it holds, or is one of the item conditions."""
    kind, offer, shopper = condition["kind"], basket.offer, basket.offer["shopper"]
    if kind == "quantity":
        return quantity(condition, touched)
    if kind == "subtotal":
        return subtotal(condition, touched, offer["currency"])
    if kind == "hours":
        return None if within_hours(condition, basket.at) else ("not-at-this-time", hours_facts(condition))
    if kind == "new_customer":
        fact = {"within_days": condition["within_days"]}
        return None if is_new(shopper, basket.at, condition["within_days"]) else ("not-new-customer", fact)
    if kind == "code":
        return None if good_code(rule, offer) else ("code-needed", {})
    country = offer["country"] if rule["kind"] == "cart" else offer.get("channel_country") or offer["country"]
    answers = {
        "currency": ("not-in-currency", lambda: offer["currency"] in condition["any_of"]),
        "channel": ("not-in-channel", lambda: offer["channel_id"] in condition["any_of"]),
        "country": ("not-in-country", lambda: country in condition["any_of"]),
        "group": ("unknown-code", lambda: bool(set(shopper["group_ids"]) & set(condition["any_of"]))),
        "first_order": ("not-first-order", lambda: not shopper["has_ordered"]),
        "shipping_method": ("not-with-shipping-method", lambda: offer["shipping_method_id"] in condition["any_of"]),
    }
    if kind not in answers:
        return None
    name, holds = answers[kind]
    return None if holds() else (name, {})


def quantity(condition: Plain, touched: list[Line]) -> Reason | None:
    pieces = sum(line.quantity for line in touched)
    if pieces < condition["at_least"]:
        return "more-pieces-needed", {"missing": condition["at_least"] - pieces}
    if condition["at_most"] is not None and pieces > condition["at_most"]:
        return "too-much", {"at_most": condition["at_most"]}
    return None


def subtotal(condition: Plain, touched: list[Line], currency: str) -> Reason | None:
    if condition["currency"] != currency:
        return "not-in-currency", {}
    worth = worth_of(touched)
    if worth < condition["at_least"]:
        return "more-needed", {"missing": condition["at_least"] - worth, "currency": currency}
    if condition["at_most"] is not None and worth > condition["at_most"]:
        return "too-much", {"at_most": condition["at_most"]}
    return None


def worth_of(touched: list[Line]) -> int:
    """At the prices after catalog promotions, whatever cart promotions took off already."""
    return sum(line.unit * line.quantity for line in touched)


def is_new(shopper: Plain, at: datetime, within_days: int) -> bool:
    if shopper["registered_at"] is None:
        return False
    return at - datetime.fromisoformat(shopper["registered_at"]) <= timedelta(days=within_days)


def within_hours(condition: Plain, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(condition["zone"]))
    today, yesterday = local.isoweekday(), (local - timedelta(days=1)).isoweekday()
    time, from_, until = local.strftime("%H:%M"), condition["from"], condition["until"]
    if from_ < until:
        return today in condition["weekdays"] and from_ <= time < until
    began_today = today in condition["weekdays"] and from_ <= time
    began_yesterday = yesterday in condition["weekdays"] and time < until
    return began_today or began_yesterday


def hours_facts(condition: Plain) -> Plain:
    return {
        "weekdays": list(condition["weekdays"]), "from": condition["from"], "until": condition["until"],
        "zone": condition["zone"],
    }  # fmt: skip
