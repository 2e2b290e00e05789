"""Effects by chance."""

from collections.abc import Callable

from tests.pricing_oracle.drawing import PRICES, Chance, World
from tests.pricing_oracle.state import Plain

Items = Callable[[], list[Plain]]
CART = [
    "percentage", "percentage", "amount", "amount", "amount", "fixed_price", "cheapest_free", "buy_get", "buy_get",
    "bundle", "bundle", "tiers", "tiers", "gift", "shipping",
]  # fmt: skip


def draw_catalog_effect(chance: Chance, world: World, draw_items: Items) -> Plain:
    kind = chance.choice(["percentage", "percentage", "amount", "fixed_price"])
    effect = draw(chance, world, kind, draw_items)
    return effect | {"per": "item"} if kind == "amount" else effect


def draw_cart_effect(chance: Chance, world: World, draw_items: Items) -> Plain:
    return draw(chance, world, chance.choice(CART), draw_items)


def draw(chance: Chance, world: World, kind: str, draw_items: Items) -> Plain:
    cap = chance.choice([0, 1, 7, world.usual // 20, world.usual // 5, world.usual]) if chance.happens(20) else None
    if kind == "gift":
        return {"kind": kind, "any_of": chance.some(world.gifts, 3), "is_chosen": chance.happens(50)}
    if kind == "shipping":
        return {"kind": kind, "ppm": chance.choice([1_000_000, 500_000, 333_333]), "cap": cap}
    if kind == "tiers":
        return draw_tiers(chance, world) | {"cap": cap}
    if kind == "cheapest_free":
        return {"kind": kind, "of": chance.choice([2, 2, 3, 3, 4, 6]), "cap": cap}
    if kind == "buy_get":
        return draw_buy_get(chance, draw_items) | {"cap": cap}
    if kind == "percentage":
        return {"kind": kind, "ppm": draw_ppm(chance), "cap": cap}
    currency = chance.choice(list(PRICES)) if chance.happens(6) else world.currency
    if kind == "bundle":
        parts = [
            {"items": draw_items(), "quantity": chance.choice([1, 1, 1, 2])} for _ in range(chance.choice([1, 2, 2, 3]))
        ]
        price = chance.choice(world.variants)["unit_amount"] if chance.happens(30) else chance.randint(0, world.usual)
        most = chance.choice([None, None, 1, 2])
        return {"kind": kind, "parts": parts, "price": price, "currency": currency, "most_times": most, "cap": cap}
    amount = chance.choice([0, 1, 5, world.usual // 40, world.usual // 10, world.usual // 3])
    if kind == "fixed_price":
        return {"kind": kind, "amount": chance.randint(0, world.usual * 2 // 3), "currency": currency, "cap": cap}
    per = chance.choice(["item", "line", "order"])
    return {"kind": kind, "amount": amount, "currency": currency, "per": per, "cap": cap}


def draw_ppm(chance: Chance) -> int:
    return chance.choice([1, 50_000, 100_000, 125_000, 150_000, 333_333, 500_000, chance.randint(1, 10**6), 1_000_000])


def draw_tiers(chance: Chance, world: World) -> Plain:
    currency = world.currency if chance.happens(50) else None
    steps = [2, 3, 5, 8] if currency is None else [world.usual // 4, world.usual, world.usual * 3]
    tiers = [{"at_least": chance.choice(steps), "ppm": draw_ppm(chance)} for _ in range(chance.choice([1, 2, 3]))]
    unique = {tier["at_least"]: tier for tier in tiers}
    return {"kind": "tiers", "tiers": list(unique.values()), "currency": currency}


def draw_buy_get(chance: Chance, draw_items: Items) -> Plain:
    return {
        "kind": "buy_get",
        "buy_quantity": chance.choice([1, 1, 2, 3]),
        "get_quantity": chance.choice([1, 1, 2]),
        "get": draw_items() if chance.happens(50) else None,
        "ppm": 1_000_000 if chance.happens(60) else draw_ppm(chance),
        "most_times": chance.choice([None, None, 1, 2]),
    }
