from uuid import uuid4

import pytest
from flask import Flask
from msgspec.structs import replace
from sqlalchemy import func, select

from shopwright.commerce.catalog import edits, service
from shopwright.commerce.catalog.drafts import ProductDraft, VariantDraft
from shopwright.commerce.catalog.errors import SkuTaken, SlugTaken, UnknownCategory, UnknownProduct
from shopwright.commerce.catalog.models import Product, Status
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.transaction import reading, transaction
from tests.commerce.catalog.conftest import Facts
from tests.commerce.catalog.drafts import GTIN, pot
from tests.commerce.catalog.showing import page_of

pytestmark = pytest.mark.usefixtures("app")


def make(draft: ProductDraft) -> Product:
    with transaction():
        return service.create_product(draft)


def seen(product: Product) -> Product:
    with reading():
        return edits.get(product.id)


def how_many() -> int:
    with reading():
        return session.scalars(select(func.count()).select_from(Product)).one()


def test_a_product_is_made_with_all_its_parts() -> None:
    product = seen(make(pot()))
    assert product.slug == "clay-plant-pot"
    assert product.description == "<p>Thrown by hand</p>"
    assert product.tags == ["garden", "clay"]
    assert product.status == Status.PUBLISHED
    assert [(option.name, option.values) for option in product.options] == [
        ("Size", ["Small", "Large"]),
        ("Color", ["Red", "Blue"]),
    ]
    assert [(v.sku, v.option_values, v.barcode, v.weight_grams, v.tax_class) for v in product.variants] == [
        ("POT-LR", ["Large", "Red"], GTIN, 900, "standard"),
        ("CLAY-PLANT-POT-SMALL-RED", ["Small", "Red"], None, 0, "standard"),
        ("CLAY-PLANT-POT-SMALL-BLUE", ["Small", "Blue"], None, 0, "reduced"),
    ]
    assert [media.source for media in product.media] == [
        "https://pictures.example/pot.jpg",
        "https://pictures.example/small.jpg",
    ]
    assert product.variants[1].media_id == product.media[1].id


def test_making_a_product_is_announced(facts: Facts) -> None:
    make(replace(pot(), brand=None))
    assert facts() == ["catalog.ProductChanged", "catalog.ProductChanged", "catalog.ProductPublished"]


def test_a_product_without_variants_gets_one() -> None:
    product = seen(make(ProductDraft(title="Größe & Maß")))
    assert product.slug == "groesse-mass"
    assert [(variant.sku, variant.option_values) for variant in product.variants] == [("GROESSE-MASS", [])]
    assert product.status == Status.DRAFT


def test_slugs_and_skus_that_are_derived_do_not_collide() -> None:
    first, second = make(ProductDraft(title="Mug")), make(ProductDraft(title="Mug"))
    assert (first.slug, second.slug) == ("mug", "mug-2")
    assert [product.variants[0].sku for product in (first, second)] == ["MUG", "MUG-2"]


def test_a_sku_is_one_variants_only() -> None:
    make(ProductDraft(title="Mug", variants=[VariantDraft(sku="M-1")]))
    before = how_many()
    with pytest.raises(SkuTaken) as refused, transaction():
        service.create_product(ProductDraft(title="Cup", variants=[VariantDraft(sku="M-1")]))
    assert refused.value.facts == {"sku": "M-1"}
    assert how_many() == before


def test_every_fault_of_a_draft_is_named() -> None:
    draft = replace(
        pot(),
        variants=[
            VariantDraft(option_values=["Large"], sku="A", barcode="4006381333932"),
            VariantDraft(option_values=["Large", "Red"], sku="A"),
            VariantDraft(option_values=["Large", "Red"]),
        ],
    )
    with pytest.raises(ValidationFailed) as refused, transaction():
        service.create_product(draft)
    assert [fault["pointer"] for fault in refused.value.facts["errors"]] == [
        "/variants/0/option_values", "/variants/0/barcode", "/variants/2/option_values", "/variants/1/sku",
    ]  # fmt: skip
    assert how_many() == 0


def test_a_draft_made_in_python_is_held_to_its_shape() -> None:
    with pytest.raises(ValidationFailed) as refused, transaction():
        service.create_product(ProductDraft(title="", variants=[VariantDraft(weight_grams=-1)]))
    assert [fault["pointer"] for fault in refused.value.facts["errors"]] == ["/title", "/variants/0/weight_grams"]


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(UnknownCategory), transaction():
        service.create_product(ProductDraft(title="Mug", category_ids=[uuid4()]))
    assert how_many() == 0


def test_an_old_slug_goes_on_leading_to_the_product() -> None:
    product = make(pot())
    with transaction():
        service.change_product(product.id, {"slug": "terracotta-pot"})
    with reading():
        for slug in ("clay-plant-pot", "terracotta-pot"):
            page = page_of(slug)
            assert (page.id, page.slug) == (product.id, "terracotta-pot")
        assert page_of("terracotta-pot", "de-CH").slug == "blumentopf-aus-ton"


def test_an_old_slug_is_not_given_to_another() -> None:
    product, other = make(pot()), make(ProductDraft(title="Mug"))
    with transaction():
        service.change_product(product.id, {"slug": "terracotta-pot"})
    with pytest.raises(SlugTaken), transaction():
        service.change_product(other.id, {"slug": "clay-plant-pot"})
    assert seen(other).slug == "mug"
    with transaction():
        assert service.change_product(product.id, {"slug": "clay-plant-pot"}).slug == "clay-plant-pot"


def test_a_change_is_a_new_version_and_a_fact(facts: Facts) -> None:
    product = make(ProductDraft(title="Mug"))
    before = product.version
    facts()
    with transaction():
        service.change_product(product.id, {"title": "Cup", "description": "<b>x</b><iframe></iframe>"})
    after = seen(product)
    assert (after.version, after.title, after.description) == (before + 1, "Cup", "<b>x</b>")
    assert facts() == ["catalog.ProductChanged"]


def test_publishing_archiving_and_back(facts: Facts) -> None:
    product = make(ProductDraft(title="Mug"))
    facts()
    states = []
    for act in (service.publish, service.archive, service.restore, service.unpublish):
        with transaction():
            states.append(act(product.id).status)
    assert states == [Status.PUBLISHED, Status.ARCHIVED, Status.PUBLISHED, Status.DRAFT]
    assert facts() == [
        "catalog.ProductChanged", "catalog.ProductPublished", "catalog.ProductChanged", "catalog.ProductArchived",
        "catalog.ProductChanged", "catalog.ProductChanged",
    ]  # fmt: skip


def test_a_product_that_does_not_exist_cannot_be_changed(app: Flask) -> None:
    with pytest.raises(UnknownProduct), transaction():
        service.publish(ids.new())
