import pytest
from msgspec.structs import replace

from shopwright.commerce.catalog import brands, categories, edits, product_types, service, translations, variants
from shopwright.commerce.catalog.drafts import AttributeDraft, MediaDraft, OptionDraft, ProductDraft, VariantDraft
from shopwright.commerce.catalog.drafts import TranslationDraft as Text
from shopwright.commerce.catalog.errors import SkuTaken
from shopwright.commerce.catalog.models import Product
from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.kit.transaction import reading, transaction
from tests.commerce.catalog.conftest import Facts
from tests.commerce.catalog.drafts import pot

pytestmark = pytest.mark.usefixtures("app")


def upsert(draft: ProductDraft) -> tuple[Product, str]:
    with transaction():
        return service.upsert_product("shopify", "clay-plant-pot", draft)


def seen(product: Product) -> Product:
    with reading():
        return edits.get(product.id)


def test_the_same_draft_twice_changes_nothing(facts: Facts) -> None:
    first, outcome = upsert(pot())
    assert outcome == "created"
    before = seen(first).version
    facts()
    again, outcome = upsert(pot())
    assert (again.id, outcome) == (first.id, "unchanged")
    assert seen(first).version == before
    assert facts() == []


def test_what_is_new_in_the_draft_is_taken_over(facts: Facts) -> None:
    product, _ = upsert(pot())
    facts()
    draft = replace(
        pot(),
        title="Clay Pot",
        variants=[
            VariantDraft(option_values=["Large", "Red"], weight_grams=950),
            VariantDraft(option_values=["Huge", "Red"]),
        ],
        media=[MediaDraft(source="https://pictures.example/third.jpg")],
    )
    assert upsert(draft)[1] == "changed"
    after = seen(product)
    assert (after.title, after.slug) == ("Clay Pot", "clay-plant-pot")
    assert [(v.sku, v.weight_grams) for v in after.variants] == [
        ("POT-LR", 950), ("CLAY-PLANT-POT-SMALL-RED", 0), ("CLAY-PLANT-POT-SMALL-BLUE", 0),
        ("CLAY-PLANT-POT-HUGE-RED", 0),
    ]  # fmt: skip
    assert after.options[0].values == ["Small", "Large", "Huge"]
    assert len(after.media) == 3
    assert facts() == ["catalog.ProductChanged"]
    assert upsert(draft)[1] == "unchanged"


def test_what_staff_did_is_kept() -> None:
    product, _ = upsert(replace(pot(), is_published=True))
    with transaction():
        service.unpublish(product.id)
    with transaction():
        variants.change_variant(product.id, product.variants[1].id, {"tax_class": "reduced", "sku": "OWN"})
    with transaction():
        translations.translate(product.id, {"fr": Text(title="Pot"), "de": Text(title="Topf")})
    with transaction():
        service.change_product(product.id, {"slug": "pot", "category_ids": [categories.category("Garden").id]})
    upsert(replace(pot(), translations={}))
    after = seen(product)
    assert after.published_at is None
    assert (after.variants[1].tax_class, after.variants[1].sku) == ("reduced", "OWN")
    assert {text.locale: text.title for text in after.translations} == {"fr": "Pot", "de": "Topf"}
    assert (after.slug, len(after.shelves)) == ("pot", 1)


def test_an_option_that_comes_later_is_given_to_the_variants_that_exist() -> None:
    plain = ProductDraft(title="Mug")
    product, _ = upsert(plain)
    sized = ProductDraft(
        title="Mug",
        options=[OptionDraft(name="Size")],
        variants=[VariantDraft(option_values=["Small"]), VariantDraft(option_values=["Large"])],
    )
    assert upsert(sized)[1] == "changed"
    after = seen(product)
    assert [(variant.sku, variant.option_values) for variant in after.variants] == [
        ("MUG", ["Small"]),
        ("MUG-LARGE", ["Large"]),
    ]
    assert after.variants[0].id == product.variants[0].id
    assert upsert(sized)[1] == "unchanged"


def test_answers_are_merged_and_checked() -> None:
    with transaction():
        kind = product_types.create_product_type(
            "Pot", [AttributeDraft(code=code, label=code, kind=AttributeKind.TEXT) for code in ("material", "origin")]
        )
    draft = replace(pot(), product_type_id=kind.id, attributes={"material": "clay"})
    product, _ = upsert(draft)
    assert upsert(replace(draft, attributes={"origin": "Delft"}))[1] == "changed"
    assert seen(product).attributes == {"material": "clay", "origin": "Delft"}


def test_a_refused_draft_changes_nothing() -> None:
    product, _ = upsert(pot())
    with transaction():
        service.create_product(ProductDraft(title="Mug", variants=[VariantDraft(sku="TAKEN")]))
    before = seen(product).version
    new = VariantDraft(option_values=["Huge", "Red"], sku="TAKEN")
    with pytest.raises(SkuTaken):
        upsert(replace(pot(), title="Else", variants=[new]))
    after = seen(product)
    assert (after.version, after.title, len(after.variants)) == (before, "Clay Plant Pot", 3)


def test_a_brand_is_made_once() -> None:
    with transaction():
        first = brands.brand("Delft & Sons").id
    with transaction():
        assert brands.brand("Delft & Sons").id == first
        assert brands.brand("Delft, Sons").slug == "delft-sons-2"
