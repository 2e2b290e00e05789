import pytest

from shopwright.commerce.catalog import edits, media, service, translations, variants
from shopwright.commerce.catalog.drafts import MediaDraft, OptionDraft, OptionLabels, ProductDraft, VariantDraft
from shopwright.commerce.catalog.drafts import TranslationDraft as Text
from shopwright.commerce.catalog.errors import (
    LastVariant,
    SkuTaken,
    SlugTaken,
    TooManyVariants,
    UnknownVariant,
    VariantExists,
)
from shopwright.commerce.catalog.models import Product
from shopwright.kit import ids
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.transaction import reading, transaction
from tests.commerce.catalog.conftest import Facts
from tests.commerce.catalog.drafts import pot

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def product(app: object) -> Product:
    with transaction():
        return service.create_product(pot())


def seen(product: Product) -> Product:
    with reading():
        return edits.get(product.id)


def values(product: Product) -> list[list[str]]:
    return [variant.option_values for variant in seen(product).variants]


def test_a_new_variant_stands_behind_the_others(product: Product, facts: Facts) -> None:
    before = seen(product).version
    facts()
    with transaction():
        variants.add_variant(product.id, VariantDraft(option_values=["Large", "Blue"]))
    after = seen(product)
    assert (after.variants[-1].sku, after.variants[-1].position) == ("CLAY-PLANT-POT-LARGE-BLUE", 3)
    assert after.version == before + 1
    assert facts() == ["catalog.ProductChanged"]


def test_the_same_values_are_offered_once(product: Product) -> None:
    with pytest.raises(VariantExists), transaction():
        variants.add_variant(product.id, VariantDraft(option_values=["Small", "Red"]))
    with pytest.raises(VariantExists), transaction():
        variants.change_variant(product.id, product.variants[0].id, {"option_values": ["Small", "Red"]})
    assert values(product) == [["Large", "Red"], ["Small", "Red"], ["Small", "Blue"]]


def test_a_variant_has_a_value_for_each_option(product: Product) -> None:
    with pytest.raises(ValidationFailed), transaction():
        variants.add_variant(product.id, VariantDraft(option_values=["Large"]))
    assert len(values(product)) == 3


def test_a_change_of_a_variant_is_one_of_the_product(product: Product) -> None:
    before = seen(product).version
    with transaction():
        variants.change_variant(
            product.id, product.variants[2].id,
            {"option_values": ["Small", "Green"], "image": "https://pictures.example/pot.jpg", "barcode": "12345670"},
        )  # fmt: skip
    after = seen(product)
    assert after.version == before + 1
    assert after.options[1].values == ["Red", "Blue", "Green"]
    assert (after.variants[2].media_id, after.variants[2].barcode) == (after.media[0].id, "12345670")


def test_a_wrong_check_digit_is_refused(product: Product) -> None:
    with pytest.raises(ValidationFailed) as refused, transaction():
        variants.change_variant(product.id, product.variants[2].id, {"barcode": "12345671"})
    assert refused.value.facts["errors"][0]["pointer"] == "/barcode"
    assert seen(product).variants[2].barcode is None


def test_a_sku_of_another_is_refused(product: Product) -> None:
    with pytest.raises(SkuTaken), transaction():
        variants.change_variant(product.id, product.variants[2].id, {"sku": "POT-LR"})
    assert seen(product).variants[2].sku == "CLAY-PLANT-POT-SMALL-BLUE"


def test_the_last_variant_stays_on_offer(product: Product) -> None:
    for variant in product.variants[:2]:
        with transaction():
            variants.archive_variant(product.id, variant.id)
    with pytest.raises(LastVariant), transaction():
        variants.archive_variant(product.id, product.variants[2].id)
    assert [variant.archived_at is None for variant in seen(product).variants] == [False, False, True]
    with transaction():
        variants.restore_variant(product.id, product.variants[0].id)
    assert len(seen(product).variants_on_offer) == 2


def test_another_products_variant_is_not_found(product: Product) -> None:
    with transaction():
        other = service.create_product(ProductDraft(title="Mug"))
    for variant_id in (other.variants[0].id, ids.new()):
        with pytest.raises(UnknownVariant), transaction():
            variants.archive_variant(product.id, variant_id)


def test_a_product_has_at_most_250_variants_on_offer() -> None:
    with transaction():
        full = service.create_product(
            ProductDraft(
                title="Shade",
                options=[OptionDraft(name="Number")],
                variants=[VariantDraft(option_values=[str(number)]) for number in range(250)],
            )
        )
    with pytest.raises(TooManyVariants), transaction():
        variants.add_variant(full.id, VariantDraft(option_values=["250"]))
    with transaction():
        variants.archive_variant(full.id, full.variants[0].id)
    with transaction():
        variants.add_variant(full.id, VariantDraft(option_values=["250"]))
    with pytest.raises(TooManyVariants), transaction():
        variants.restore_variant(full.id, full.variants[0].id)
    assert len(seen(full).variants_on_offer) == 250


def test_an_option_is_renamed_added_and_taken_away(product: Product) -> None:
    size = OptionDraft(name="Format", values=["Large", "Small"], labels={"fr": OptionLabels(name="Taille")})
    color = OptionDraft(name="Color", values=["Red", "Blue"])
    with transaction():
        variants.set_options(product.id, [size, color, OptionDraft(name="Glaze", values=["Matt"])])
    after = seen(product)
    assert [option.name for option in after.options] == ["Format", "Color", "Glaze"]
    assert after.options[0].labels == {"fr": {"name": "Taille", "values": {}}}
    assert values(product) == [["Large", "Red", "Matt"], ["Small", "Red", "Matt"], ["Small", "Blue", "Matt"]]
    with pytest.raises(VariantExists), transaction():
        variants.set_options(product.id, [size])
    with transaction():
        variants.set_options(product.id, [size, color])
    assert values(product) == [["Large", "Red"], ["Small", "Red"], ["Small", "Blue"]]


def test_pictures_are_put_in_order_and_keep_their_ids(product: Product) -> None:
    first, second = product.media
    with transaction():
        media.arrange(
            product.id,
            [MediaDraft(source="pots/new.png", alt="New"), MediaDraft(source=first.source, alt="A pot, again")],
        )
    after = seen(product)
    assert [(each.source, each.alt) for each in after.media] == [
        ("pots/new.png", "New"),
        (first.source, "A pot, again"),
    ]
    assert after.media[1].id == first.id
    assert after.variants[1].media_id is None
    assert second.source not in [each.source for each in after.media]


def test_translations_are_set_as_a_whole(product: Product) -> None:
    with transaction():
        translations.translate(
            product.id, {"fr": Text(title="Pot en terre", description="<i>beau</i><script>1</script>")}
        )
    after = seen(product)
    assert [(text.locale, text.title, text.description) for text in after.translations] == [
        ("fr", "Pot en terre", "<i>beau</i>")
    ]


def test_a_translated_slug_is_one_products_only(product: Product) -> None:
    with transaction():
        other = service.create_product(ProductDraft(title="Mug"))
    with pytest.raises(SlugTaken), transaction():
        translations.translate(other.id, {"de": Text(slug="blumentopf-aus-ton")})
    assert seen(other).translations == []
