import pytest
from flask import Flask

from shopwright.commerce.catalog import brands, categories, collections, product_types, service
from shopwright.commerce.catalog.drafts import AttributeDraft, ChoiceDraft, ProductDraft
from shopwright.commerce.catalog.errors import (
    AttributeKindFixed,
    CategoryCycle,
    CategoryTooDeep,
    NameTaken,
    SlugTaken,
    StillInUse,
    UnknownCategory,
    UnknownCollection,
    UnknownProduct,
)
from shopwright.commerce.catalog.taxonomy import AttributeKind, Category, ProductType
from shopwright.kit import ids
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.transaction import reading, transaction
from tests.commerce.catalog.conftest import Facts

pytestmark = pytest.mark.usefixtures("app")


def grow(*titles: str) -> Category:
    with transaction():
        return categories.category(*titles)


def seen(category: Category) -> Category:
    with reading():
        return categories.get(category.id)


def lamp_type() -> ProductType:
    with transaction():
        return product_types.create_product_type(
            "Lamp",
            [
                AttributeDraft(code="shade", label="Shade", kind=AttributeKind.TEXT),
                AttributeDraft(code="watts", label="Watts", kind=AttributeKind.NUMBER, is_facetable=True),
                AttributeDraft(code="dimmable", label="Dimmable", kind=AttributeKind.BOOLEAN),
                AttributeDraft(
                    code="socket", label="Socket", kind=AttributeKind.CHOICE,
                    choices=[ChoiceDraft(code="e27", label="E27"), ChoiceDraft(code="gu10", label="GU10")],
                ),
            ],
        )  # fmt: skip


def test_a_path_of_categories_is_made_once(facts: Facts) -> None:
    mugs = grow("Kitchen", "Mugs")
    assert grow("Kitchen", "Mugs").id == mugs.id
    assert len(mugs.path) == 2
    assert facts() == ["catalog.CategoryChanged", "catalog.CategoryChanged"]
    assert grow("Bathroom", "Mugs").slug == "mugs-2"


def test_a_category_moves_with_all_below_it() -> None:
    mugs, cups = grow("Kitchen", "Mugs"), grow("Kitchen", "Mugs", "Cups")
    gifts = grow("Gifts")
    with transaction():
        categories.change_category(mugs.id, {"parent_id": gifts.id})
    assert seen(mugs).path == [gifts.id, mugs.id]
    assert seen(cups).path == [gifts.id, mugs.id, cups.id]
    with transaction():
        categories.change_category(mugs.id, {"parent_id": None})
    assert seen(cups).path == [mugs.id, cups.id]


def test_a_category_never_lies_below_itself() -> None:
    kitchen, cups = grow("Kitchen"), grow("Kitchen", "Mugs", "Cups")
    for parent in (kitchen, cups):
        with pytest.raises(CategoryCycle), transaction():
            categories.change_category(kitchen.id, {"parent_id": parent.id})
    assert seen(kitchen).path == [kitchen.id]


def test_the_tree_has_ten_levels() -> None:
    deep, two = grow(*"abcdefghi"), grow("x", "y")
    with pytest.raises(CategoryTooDeep), transaction():
        categories.change_category(two.parent_id or two.id, {"parent_id": deep.id})
    assert seen(two).path == [two.parent_id, two.id]


def test_a_category_in_use_is_not_deleted() -> None:
    kitchen, mugs = grow("Kitchen"), grow("Kitchen", "Mugs")
    with transaction():
        service.create_product(ProductDraft(title="Mug", category_ids=[mugs.id]))
    for category in (kitchen, mugs):
        with pytest.raises(StillInUse), transaction():
            categories.delete_category(category.id)
    empty = grow("Kitchen", "Empty")
    with transaction():
        categories.delete_category(empty.id)
    with pytest.raises(UnknownCategory):
        seen(empty)


def test_sisters_differ_in_title_and_all_in_slug() -> None:
    kitchen = grow("Kitchen")
    grow("Kitchen", "Mugs")
    with pytest.raises(NameTaken), transaction():
        categories.create_category(title="Mugs", parent_id=kitchen.id)
    with pytest.raises(SlugTaken), transaction():
        categories.create_category(title="Else", slug="mugs")


@pytest.mark.parametrize(
    ("answers", "faulty"),
    [
        ({"shade": "linen", "watts": 7.5, "dimmable": True, "socket": "e27"}, []),
        ({"shade": 1, "watts": "7", "dimmable": "yes", "socket": "e14"}, ["shade", "watts", "dimmable", "socket"]),
        ({"watts": True, "height": 3}, ["watts", "height"]),
        ({"shade": "", "watts": 1e300}, ["shade", "watts"]),
    ],
)
def test_answers_fit_their_attributes(app: Flask, answers: dict[str, object], faulty: list[str]) -> None:
    lamp = lamp_type()
    with transaction():
        if not faulty:
            product_types.check_answers(lamp.id, answers)
            return
        with pytest.raises(ValidationFailed) as refused:
            product_types.check_answers(lamp.id, answers)
    assert [fault["pointer"] for fault in refused.value.facts["errors"]] == [f"/attributes/{code}" for code in faulty]


def test_an_attribute_that_is_answered_keeps_its_kind() -> None:
    lamp = lamp_type()
    with transaction():
        service.create_product(ProductDraft(title="Lamp", product_type_id=lamp.id, attributes={"watts": 7}))
    turned = [AttributeDraft(code=code, label=code, kind=AttributeKind.TEXT) for code in ("watts", "dimmable")]
    with pytest.raises(AttributeKindFixed), transaction():
        product_types.change_product_type(lamp.id, "Lamp", turned)
    with transaction():
        changed = product_types.change_product_type(lamp.id, "Lamp", turned[1:])
    assert changed.version == lamp.version + 1
    with reading():
        assert [each.code for each in product_types.get(lamp.id).attributes] == ["dimmable"]


def test_a_type_or_brand_in_use_is_not_deleted() -> None:
    lamp = lamp_type()
    with transaction():
        product = service.create_product(ProductDraft(title="Lamp", product_type_id=lamp.id, brand="Lux"))
    with pytest.raises(StillInUse), transaction():
        product_types.delete_product_type(lamp.id)
    with pytest.raises(StillInUse), transaction():
        brands.delete_brand(product.brand_id or ids.new())


def test_a_collection_keeps_the_order_in_which_it_was_picked(facts: Facts) -> None:
    with transaction():
        products = [service.create_product(ProductDraft(title=title)).id for title in "abc"]
        summer = collections.create_collection(title="Summer")
    first = summer.version
    with transaction():
        collections.pick(summer.id, products)
    facts()
    with transaction():
        picked = collections.pick(summer.id, [products[2], products[0], products[2]])
    assert picked.version == first + 2
    assert facts() == ["catalog.CollectionChanged"]
    with reading():
        assert [item.product_id for item in collections.get(summer.id).items] == [products[2], products[0]]
    with pytest.raises(UnknownProduct), transaction():
        collections.pick(summer.id, [ids.new()])
    with transaction():
        collections.delete_collection(summer.id)
    with pytest.raises(UnknownCollection), reading():
        collections.get(summer.id)
