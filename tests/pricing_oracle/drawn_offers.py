"""Offers by chance."""

from datetime import UTC, datetime, timedelta

from tests.pricing_oracle.drawing import COUNTRIES, Chance, World
from tests.pricing_oracle.state import Plain

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def draw_offer(chance: Chance, world: World, rules: list[Plain], at: datetime, lines: list[Plain]) -> Plain:
    has_method = chance.happens(75)
    return {
        "channel_id": world.channels[0],
        "currency": world.currency,
        "country": chance.choice(COUNTRIES[:2]),
        "channel_country": None if chance.happens(20) else chance.choice(COUNTRIES[:2]),
        "at": at.isoformat(),
        "lines": lines,
        "shopper": draw_shopper(chance, world, at),
        "shipping_method_id": chance.choice(world.methods) if has_method else None,
        "shipping_amount": draw_shipping(chance, world) if has_method else None,
        "codes": draw_codes(chance, world, rules),
        "gifts": draw_gifts(chance, world),
        "chosen_gifts": chance.some(world.gifts, 2) if chance.happens(50) else [],
        "spent": [],
    }


def draw_moment(chance: Chance) -> datetime:
    return BEGIN + timedelta(days=chance.randrange(365), seconds=chance.randrange(86_400))


def draw_lines(chance: Chance, world: World) -> list[Plain]:
    count = 0 if chance.happens(1) else chance.choice([1, 2, 2, 3, 3, 4, 5, 7])
    lines = []
    for line_id in world.lines[:count]:
        variant = chance.choice(world.variants)
        # The same variant may lie there twice.
        lines.append({"line_id": line_id, "quantity": draw_quantity(chance), **variant})
    return lines


def draw_quantity(chance: Chance) -> int:
    if chance.happens(2):
        return chance.randint(20, 400)
    return chance.choice([1, 1, 1, 2, 2, 3, 3, 4, 5, 7])


def draw_shopper(chance: Chance, world: World, at: datetime) -> Plain:
    if chance.happens(25):
        return {"customer_id": None, "group_ids": [], "has_ordered": chance.happens(30), "registered_at": None}
    return {
        "customer_id": world.strangers[0],
        "group_ids": chance.some(world.groups, 2) if chance.happens(75) else [],
        "has_ordered": chance.happens(40),
        "registered_at": (at - timedelta(days=chance.choice([0, 1, 29, 30, 31, 400]))).isoformat(),
    }


def draw_shipping(chance: Chance, world: World) -> int:
    return 0 if chance.happens(8) else chance.randint(1, world.usual // 10)


def draw_gifts(chance: Chance, world: World) -> list[Plain]:
    stocked = [variant for variant in world.gifts if chance.happens(70)]
    prices = {variant: 0 if chance.happens(6) else chance.randint(1, world.usual // 4) for variant in stocked}
    return [
        {"variant_id": v, "unit_amount": p, "unit_cost": None if chance.happens(30) else p * chance.randint(10, 120) // 100}
        for v, p in prices.items()
    ]  # fmt: skip


def draw_codes(chance: Chance, world: World, rules: list[Plain]) -> list[Plain]:
    """Codes of the rules that ask for one, and some that lead nowhere."""
    codes = []
    for number, rule in enumerate(rules):
        if any(condition["kind"] == "code" for condition in rule["conditions"]) and chance.happens(80):
            text = f"CODE{number}"
            codes.append({"text": chance.choice([text, text.lower(), f" {text} "]), "promotion_id": rule["id"]})
            if chance.happens(15):
                codes.append({"text": text, "promotion_id": rule["id"]})
            if chance.happens(15):
                codes.append({"text": f"OTHER{number}", "promotion_id": rule["id"]})
    if chance.happens(8):
        codes.append({"text": "NOSUCH", "promotion_id": None})
    if chance.happens(3):
        codes.append({"text": "GONE", "promotion_id": world.strangers[1]})
    chance.shuffle(codes)
    return codes


def draw_spent(chance: Chance, world: World, rules: list[Plain], codes: list[Plain]) -> list[Plain]:
    spent = []
    for rule in rules:
        entry = {"promotion_id": rule["id"], "code": None, "left": None}
        if rule["kind"] == "cart" and chance.happens(4):
            spent.append(entry | {"limit": chance.choice(["total", "per_customer", "per_day"])})
        if rule["kind"] == "cart" and chance.happens(10):
            left = chance.choice([None, 0, 1, world.usual // 20, world.usual, 10**13])
            spent.append(entry | {"limit": "budget", "left": left})
    for code in codes:
        if code["promotion_id"] and chance.happens(10):
            text = code["text"].strip().upper()
            spent.append({"promotion_id": code["promotion_id"], "limit": "per_code", "code": text, "left": None})
    return spent
