"""Rules by chance: conditions that mostly hold for what lies in the basket, and often only just."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.pricing_oracle.drawing import COLORS, COUNTRIES, PRICES, SIZES, Chance, World
from tests.pricing_oracle.drawn_effects import draw_cart_effect, draw_catalog_effect
from tests.pricing_oracle.state import Plain

ITEMS = ["product", "variant", "category", "collection", "brand", "attribute", "price"]
BASKET = ["currency", "channel", "country", "group", "hours"]
CART_ONLY = ["quantity", "subtotal", "first_order", "new_customer", "shipping_method", "code", "code", "code"]


def draw_rule(chance: Chance, world: World, number: int, at: datetime, lines: list[Plain]) -> Plain:
    kind = "catalog" if chance.happens(30) else "cart"
    draw_effect = draw_catalog_effect if kind == "catalog" else draw_cart_effect
    starts_at, ends_at = draw_window(chance, at)
    return {
        "id": world.rules[number],
        "version": chance.randint(1, 9),
        "name": f"rule {number}",
        "kind": kind,
        "effect": draw_effect(chance, world, lambda: draw_items(chance, world, kind, 70)),
        "conditions": draw_conditions(chance, world, kind, at, lines),
        "priority": chance.choice([1, 2, 3, 100, 100]),
        "exclusive_group": chance.choice(["first", "second"]) if chance.happens(35) else None,
        "is_final": chance.happens(9),
        "is_announced": chance.happens(40),
        "floor_margin_ppm": chance.choice([0, 1, 100_000, 333_333]) if chance.happens(20) else None,
        "starts_at": starts_at and starts_at.isoformat(),
        "ends_at": ends_at and ends_at.isoformat(),
        "is_paused": chance.happens(4),
    }


def draw_window(chance: Chance, at: datetime) -> tuple[datetime | None, datetime | None]:
    """Open, or with a bound on this or the other side of now, or exactly now."""
    instant = timedelta(seconds=chance.choice([1, 3600, 10**6]))
    if chance.happens(4):
        return at + instant, at + 2 * instant
    if chance.happens(4):
        return at - 2 * instant, at - chance.choice([timedelta(0), instant])
    if chance.happens(10):
        return at - chance.choice([timedelta(0), instant]), at + instant
    return None, None


def draw_conditions(chance: Chance, world: World, kind: str, at: datetime, lines: list[Plain]) -> list[Plain]:
    conditions = draw_items(chance, world, kind, 45)
    kinds = BASKET + (CART_ONLY if kind == "cart" else [])
    for name in chance.sample(kinds, chance.choice([0, 0, 0, 1, 1, 1, 2])):
        conditions.append(draw_basket_condition(chance, world, name, at, lines))
    unique = {condition["kind"]: condition for condition in conditions if condition["kind"] == "code"}
    conditions = [condition for condition in conditions if condition["kind"] != "code"] + list(unique.values())
    chance.shuffle(conditions)
    return conditions


def draw_items(chance: Chance, world: World, kind: str, percent: int) -> list[Plain]:
    if not chance.happens(percent):
        return []
    kinds = ITEMS + (["sale", "sale"] if kind == "cart" else [])
    return [draw_item_condition(chance, world, name) for name in chance.sample(kinds, chance.choice([1, 1, 1, 2]))]


def draw_item_condition(chance: Chance, world: World, kind: str) -> Plain:
    is_not = chance.happens(25)
    if kind == "price":
        currency = chance.choice(list(PRICES)) if chance.happens(10) else world.currency
        at_least = chance.choice([0, 0, world.usual // 10, world.usual // 3])
        at_most = chance.choice([None, world.usual // 3, world.usual * 2 // 3])
        return {"kind": kind, "currency": currency, "at_least": at_least, "at_most": at_most}
    if kind == "sale":
        return {"kind": kind, "is_not": chance.happens(70)}
    if kind == "attribute":
        code, values = chance.choice([("color", COLORS), ("size", SIZES)])
        return {"kind": kind, "code": code, "any_of": chance.some(values, 2), "is_not": is_not}
    known = {
        "product": [variant["product_id"] for variant in world.variants],
        "variant": [variant["variant_id"] for variant in world.variants],
        "category": world.categories, "collection": world.collections, "brand": world.brands,
    }[kind]  # fmt: skip
    return {"kind": kind, "any_of": chance.some(sorted(set(known)), 4), "is_not": is_not}


def draw_basket_condition(chance: Chance, world: World, kind: str, at: datetime, lines: list[Plain]) -> Plain:
    if kind == "quantity":
        pieces = sum(line["quantity"] for line in lines)
        least = min(400, max(1, chance.choice([1, 2, 3, pieces // 2, pieces, pieces + 1])))
        return {"kind": kind, "at_least": least, "at_most": chance.choice([None, None, least + 2, least])}
    if kind == "subtotal":
        currency = chance.choice(list(PRICES)) if chance.happens(8) else world.currency
        worth = sum(line["quantity"] * line["unit_amount"] for line in lines)
        least = min(10**11, chance.choice([0, 1, worth // 3, worth // 2, worth * 4 // 5, worth, worth + 1, worth * 2]))
        most = chance.choice([None, None, min(10**11, least * 2)])
        return {"kind": kind, "currency": currency, "at_least": least, "at_most": most}
    if kind == "new_customer":
        return {"kind": kind, "within_days": chance.choice([1, 30, 3650])}
    if kind == "hours":
        return draw_hours(chance, at)
    if kind in ("first_order", "code"):
        return {"kind": kind}
    known = {
        "currency": sorted(PRICES), "channel": world.channels, "country": COUNTRIES, "group": world.groups,
        "shipping_method": world.methods,
    }[kind]  # fmt: skip
    return {"kind": kind, "any_of": chance.some(known, 2)}


def draw_hours(chance: Chance, at: datetime) -> Plain:
    zone = chance.choice(["Europe/Berlin", "Asia/Tokyo", "America/New_York", "Asia/Kathmandu"])
    local = at.astimezone(ZoneInfo(zone))
    times = [
        local.strftime("%H:%M"),
        f"{(local.hour + 3) % 24:02}:00",
        f"{(local.hour - 3) % 24:02}:30",
        "00:00",
        "22:00",
    ]
    days = sorted(chance.some([str(day) for day in range(1, 8)], 7)) + (
        [str(local.isoweekday())] if chance.happens(60) else []
    )
    return {
        "kind": "hours", "zone": zone, "weekdays": sorted({int(day) for day in days}),
        "from": chance.choice(times), "until": chance.choice(times),
    }  # fmt: skip
