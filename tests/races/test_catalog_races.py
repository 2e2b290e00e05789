from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from shopwright.commerce.catalog import brands, categories, edits, service, variants
from shopwright.commerce.catalog.drafts import OptionDraft, ProductDraft, VariantDraft
from shopwright.commerce.catalog.errors import CategoryCycle, LastVariant, SlugTaken, TooManyVariants, VariantExists
from shopwright.commerce.catalog.models import Product
from shopwright.commerce.catalog.taxonomy import Brand, Category
from shopwright.kit.db import session
from shopwright.kit.errors import Busy
from shopwright.kit.transaction import atomically, reading, transaction
from tests.races.parallel import together

pytestmark = pytest.mark.usefixtures("real_app")


def brand(name: str) -> UUID:
    return atomically(lambda: brands.brand(name).id)


def category(*titles: str) -> UUID:
    return atomically(lambda: categories.category(*titles).id)


def move(moved: UUID, parent: UUID) -> UUID:
    return atomically(lambda: categories.change_category(moved, {"parent_id": parent}).id)


def add(product_id: UUID, value: str) -> str:
    return atomically(lambda: variants.add_variant(product_id, VariantDraft(option_values=[value])).slug)


def shade(*values: str) -> Product:
    with transaction():
        return service.create_product(
            ProductDraft(
                title="Shade",
                options=[OptionDraft(name="Number")],
                variants=[VariantDraft(option_values=[value]) for value in values],
            )
        )


def test_who_asks_for_a_brand_at_once_gets_the_same_one(real_app: Flask) -> None:
    assert len(set(together([partial(brand, "Delft & Sons")] * 32))) == 1
    with reading():
        assert session.scalar(select(func.count()).select_from(Brand)) == 1


def test_who_asks_for_a_category_at_once_gets_the_same_one(real_app: Flask) -> None:
    assert len(set(together([partial(category, "Kitchen", "Mugs", "Cups")] * 32))) == 1
    with reading():
        assert session.scalar(select(func.count()).select_from(Category)) == 3


def test_moves_in_all_directions_leave_a_tree(real_app: Flask) -> None:
    ids = [category(title) for title in "abcdef"]
    moves = [partial(move, one, other) for one in ids for other in ids if one != other]
    for outcome in together(moves):
        assert outcome in ids or isinstance(outcome, CategoryCycle)
    with reading():
        paths = {each.id: each.path for each in session.scalars(select(Category))}
        parents = {each.id: each.parent_id for each in session.scalars(select(Category))}
    for one, path in paths.items():
        parent = parents[one]
        assert path == [*(paths[parent] if parent else []), one]
        assert len(set(path)) == len(path)


def test_together_nobody_passes_the_limit_of_variants(real_app: Flask) -> None:
    product = shade(*(str(number) for number in range(245)))
    outcomes = together([partial(add, product.id, f"n{number}") for number in range(20)])
    assert sum(outcome == "shade" for outcome in outcomes) == 5
    assert sum(isinstance(outcome, TooManyVariants) for outcome in outcomes) == 15
    with reading():
        assert len(edits.get(product.id).variants_on_offer) == 250


def test_the_same_variant_is_added_once(real_app: Flask) -> None:
    product = shade("1")
    outcomes = together([partial(add, product.id, "2")] * 16)
    assert sum(outcome == "shade" for outcome in outcomes) == 1
    assert sum(isinstance(outcome, VariantExists) for outcome in outcomes) == 15


def test_one_variant_is_left_however_many_archive(real_app: Flask) -> None:
    product = shade("1", "2", "3", "4")
    archive = [
        partial(atomically, partial(variants.archive_variant, product.id, variant.id)) for variant in product.variants
    ]
    outcomes = together(archive)
    assert sum(isinstance(outcome, LastVariant) for outcome in outcomes) == 1
    with reading():
        assert len(edits.get(product.id).variants_on_offer) == 1


def test_a_product_that_is_imported_at_once_is_there_once(real_app: Flask) -> None:
    def upsert() -> str:
        return service.upsert_product("shopify", "mug", ProductDraft(title="Mug", brand="Lux"))[1]

    outcomes = together([partial(atomically, upsert)] * 8)
    assert outcomes.count("created") == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [outcome for outcome in refused if not isinstance(outcome, Busy | SlugTaken)] == []
    with reading():
        assert session.scalar(select(func.count()).select_from(Product)) == 1
