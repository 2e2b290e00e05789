"""Which lines a rule touches."""

from tests.pricing_oracle.state import Basket, Line, Plain

ITEM_KINDS = {"product", "variant", "category", "collection", "brand", "attribute", "price", "sale"}


def item_conditions(rule: Plain) -> list[Plain]:
    return [condition for condition in rule["conditions"] if condition["kind"] in ITEM_KINDS]


def matching(rule: Plain, basket: Basket) -> list[Line]:
    """All that the rule's item conditions match, closed or not. A bundle touches only what goes into one of its parts."""
    lines = [line for line in basket.lines if matches_all(item_conditions(rule), line, basket, rule["kind"])]
    if rule["effect"]["kind"] == "bundle":
        parts = rule["effect"]["parts"]
        lines = [line for line in lines if any(matches_all(part["items"], line, basket, "cart") for part in parts)]
    return lines


def is_about_the_basket(rule: Plain) -> bool:
    """Shipping and gifts without item conditions: closed lines count for them as all others do."""
    return rule["effect"]["kind"] in ("shipping", "gift") and not item_conditions(rule)


def matches_all(conditions: list[Plain], line: Line, basket: Basket, rule_kind: str) -> bool:
    return all(matches(condition, line, basket, rule_kind) for condition in conditions)


def matches(condition: Plain, line: Line, basket: Basket, rule_kind: str) -> bool:
    if condition["kind"] == "price":
        price = line.plain["unit_amount"] if rule_kind == "catalog" else line.unit
        return (
            condition["currency"] == basket.offer["currency"]
            and condition["at_least"] <= price
            and (condition["at_most"] is None or price <= condition["at_most"])
        )
    if condition["kind"] == "sale":
        return line.is_reduced != condition["is_not"]
    is_one_of_them = any(value in values_of(condition, line.plain) for value in condition["any_of"])
    return is_one_of_them != condition["is_not"]


def values_of(condition: Plain, line: Plain) -> list[str]:
    if condition["kind"] == "product":
        return [line["product_id"]]
    if condition["kind"] == "variant":
        return [line["variant_id"]]
    if condition["kind"] == "category":
        return list(line["category_ids"])
    if condition["kind"] == "collection":
        return list(line["collection_ids"])
    if condition["kind"] == "brand":
        return [line["brand_id"]] if line["brand_id"] else []
    assert condition["kind"] == "attribute"
    value = line["attributes"].get(condition["code"])
    return [] if value is None else [value]
