"""The products of a catalog, drawn from a seed; each as a draft for the shop's services, too."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from bench.million_frame import COLORS, MATERIALS, Frame

from shopwright.commerce.catalog.drafts import MediaDraft, OptionDraft, ProductDraft, TranslationDraft, VariantDraft

#: How many variants one product after the other has: five on average.
VARIANTS = (1, 3, 5, 7, 9)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
#: Three products in a row came out at the same moment.
AT_ONCE, YEAR = 3, timedelta(days=365)
NOUNS = ["Bowl", "Chair", "Jacket", "Kettle", "Lamp", "Mug", "Pillow", "Shirt", "Table", "Vase"]
GERMAN = ["Schale", "Stuhl", "Jacke", "Kessel", "Lampe", "Becher", "Kissen", "Hemd", "Tisch", "Vase"]


class Offered(NamedTuple):
    """A variant with its price in the EU, and how many lie near and far."""

    sku: str
    size: str
    amount: int
    compare_at: int | None
    near: int
    far: int


class Thing(NamedTuple):
    """One product; `number` counts from 0."""

    number: int
    title: str
    german: str | None
    published_at: datetime
    is_draft: bool
    is_archived: bool
    brand: int
    type_id: UUID
    answers: dict[str, str | bool]
    category_ids: list[UUID]
    variants: list[Offered]

    @property
    def slug(self) -> str:
        return f"{self.title.lower().replace(' ', '-')}"

    @property
    def german_slug(self) -> str | None:
        return self.german and self.german.lower().replace(" ", "-")

    @property
    def pictures(self) -> list[str]:
        return [f"https://pictures.example/{self.number}-{place}.jpg" for place in range(1 + self.number % 2)]

    @property
    def description(self) -> str:
        return f"<p>{self.title}, made to last. It comes in {len(self.variants)} sizes.</p>"

    def draft(self) -> ProductDraft:
        sized = [VariantDraft(sku=each.sku, weight_grams=100, option_values=[each.size]) for each in self.variants]
        alone = [VariantDraft(sku=self.variants[0].sku, weight_grams=100)]
        german = {"de": TranslationDraft(title=self.german, slug=self.german_slug)} if self.german else {}
        return ProductDraft(
            title=self.title, slug=self.slug, description=self.description, brand=f"Brand {self.brand}",
            product_type_id=self.type_id, attributes=self.answers, category_ids=self.category_ids,
            options=[OptionDraft(name="Size")] if len(sized) > 1 else [], variants=sized if len(sized) > 1 else alone,
            media=[MediaDraft(source=each) for each in self.pictures], translations=german,
            is_published=not self.is_draft,
        )  # fmt: skip


def draw(frame: Frame, products: int, seed: str) -> Iterator[Thing]:
    chance = random.Random(seed)
    for number in range(products):
        color, material, noun = chance.choice(COLORS), chance.choice(MATERIALS), chance.randrange(len(NOUNS))
        leaves = chance.sample(frame.leaves, 1 + (chance.random() < 0.3))
        answers: dict[str, str | bool] = {"color": color, "material": material, "note": f"n{number}"}
        if chance.random() < 0.3:
            answers["organic"] = True
        yield Thing(
            number=number,
            title=f"{color.title()} {material} {NOUNS[noun]} {number}",
            german=f"{GERMAN[noun]} {number}" if number % 5 == 0 else None,
            published_at=FIRST + YEAR * (number // AT_ONCE * AT_ONCE / products),
            is_draft=number % 50 == 7,
            is_archived=number % 67 == 13,
            brand=chance.randrange(len(frame.brands)),
            type_id=frame.types[number % len(frame.types)],
            answers=answers,
            category_ids=[leaf for leaf, _ in leaves],
            variants=[*_variants(chance, number, 1 + leaves[0][1])],
        )


def _variants(chance: random.Random, number: int, aisle: int) -> Iterator[Offered]:
    """Some aisles are dearer than others, as in a real shop; many prices are the same."""
    amount = chance.randrange(5 * aisle, 50 * aisle) * 100 + 99
    is_reduced = chance.random() < 0.05
    # Of every seventh product there is nothing left.
    most = 0 if number % 7 == 0 else 9
    for place in range(VARIANTS[number % len(VARIANTS)]):
        asked = amount + place // 2 * 100
        before = asked + asked // 4 if is_reduced else None
        near, far = chance.randint(0, most), chance.randint(0, most)
        yield Offered(f"S{number:07}-{place}", f"Size {place}", asked, before, near, far)
