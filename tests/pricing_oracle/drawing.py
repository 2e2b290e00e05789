"""Chance, and a small world to draw from: few products, so that rules meet on the same items."""

import random
from uuid import UUID

from tests.pricing_oracle.state import Plain

#: The most that a piece costs, in whole minor units, in each currency.
PRICES = {"EUR": 20_000, "JPY": 30_000, "KWD": 90_000}
COUNTRIES = ["DE", "JP", "KW"]
COLORS, SIZES = ["red", "blue", "green"], ["s", "m"]


class Chance(random.Random):
    """All follows from the seed."""

    def happens(self, percent: float) -> bool:
        return self.random() * 100 < percent

    def some(self, things: list[str], most: int) -> list[str]:
        return self.sample(things, self.randint(1, min(most, len(things))))


class World:
    def __init__(self, chance: Chance) -> None:
        numbers = iter(chance.sample(range(1, 4096), 80))

        def ids(count: int) -> list[str]:
            return [str(UUID(int=next(numbers), version=4)) for _ in range(count)]

        self.categories, self.collections, self.brands = ids(4), ids(3), ids(3)
        self.groups, self.channels, self.methods, self.gifts = ids(3), ids(2), ids(2), ids(3)
        self.lines, self.rules, self.strangers = ids(12), ids(20), ids(4)
        self.currency = chance.choice(list(PRICES))
        self.variants = [self.variant(chance, product, variant) for product in ids(4) for variant in ids(2)]

    def variant(self, chance: Chance, product_id: str, variant_id: str) -> Plain:
        price = self.price(chance)
        return {
            "variant_id": variant_id,
            "product_id": product_id,
            "unit_amount": price,
            "unit_cost": None if chance.happens(25) else price * chance.randint(20, 105) // 100,
            "brand_id": None if chance.happens(20) else chance.choice(self.brands),
            "category_ids": chance.some(self.categories, 2),
            "collection_ids": chance.some(self.collections, 2) if chance.happens(60) else [],
            "attributes": {"color": chance.choice(COLORS)}
            | ({"size": chance.choice(SIZES)} if chance.happens(50) else {}),
            "is_on_sale": chance.happens(20),
            "is_gift_card": chance.happens(4),
        }

    def price(self, chance: Chance) -> int:
        if chance.happens(5):
            return chance.randint(0, 9)
        if chance.happens(3):
            return chance.randint(10**9, 10**11)
        if chance.happens(30):
            return chance.randint(1, 4) * PRICES[self.currency] // 4
        return chance.randint(1, PRICES[self.currency])

    @property
    def usual(self) -> int:
        return PRICES[self.currency]
