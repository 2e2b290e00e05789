import pytest

from shopwright.commerce.catalog import categories, collections, edits, product_types, queries, service, variants
from shopwright.commerce.catalog.drafts import AttributeDraft, ChoiceDraft, ProductDraft
from shopwright.commerce.catalog.models import Product
from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.commerce.catalog.views import Card, Facet, Sellable
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests.commerce.catalog.drafts import pot
from tests.commerce.catalog.showing import page_of, whole

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def product(app: object) -> Product:
    """The pot, in "Garden / Pots", with two answers."""
    with transaction():
        pots = categories.category("Garden", "Pots")
        categories.change_category(pots.id, {"translations": {"de": {"title": "Töpfe"}}})
        material = AttributeDraft(
            code="material", label="Material", kind=AttributeKind.CHOICE, is_facetable=True, labels={"de": "Stoff"},
            choices=[ChoiceDraft(code="clay", label="Clay", labels={"de": "Ton"})],
        )  # fmt: skip
        drained = AttributeDraft(code="drained", label="Drained", kind=AttributeKind.BOOLEAN)
        kind = product_types.create_product_type("Pot", [material, drained])
        made = service.create_product(pot())
        service.change_product(
            made.id,
            {
                "category_ids": [pots.id],
                "product_type_id": kind.id,
                "attributes": {"material": "clay", "drained": True},
            },
        )
    with reading():
        return edits.get(made.id)


def test_what_is_sellable_is_told_in_the_language_asked_for(product: Product) -> None:
    variant = product.variants[1]
    shelf = product.shelves[0].category_id
    with reading():
        found = queries.sellable([variant.id, ids.new()], "de-CH")
        path = categories.get(shelf).path
    assert found.keys() == {variant.id}
    sellable = found[variant.id]
    assert sorted(sellable.category_ids) == sorted(path)
    assert sellable == Sellable(
        variant_id=variant.id, product_id=product.id, sku="CLAY-PLANT-POT-SMALL-RED", title="Blumentopf aus Ton",
        variant_title="Klein / Red", options={"Größe": "Klein", "Color": "Red"}, slug="blumentopf-aus-ton",
        image_url="https://pictures.example/small.jpg", weight_grams=0, tax_class="standard",
        requires_shipping=True, brand_id=product.brand_id, category_ids=sellable.category_ids,
        collection_ids=[], attributes=sellable.attributes,
    )  # fmt: skip


def test_the_first_language_and_picture_stand_behind_the_others(product: Product) -> None:
    variant_id = product.variants[0].id
    with reading():
        found = queries.sellable([variant_id], "fr")[variant_id]
    assert (found.title, found.slug, found.variant_title) == ("Clay Plant Pot", "clay-plant-pot", "Large / Red")
    assert found.image_url == "https://pictures.example/pot.jpg"


def test_nothing_else_is_sellable(product: Product) -> None:
    first, second, third = (variant.id for variant in product.variants)
    with transaction():
        variants.archive_variant(product.id, first)
    with reading():
        assert queries.sellable([first, second, third]).keys() == {second, third}
        assert queries.sellable([]) == {}
    with transaction():
        service.unpublish(product.id)
    with reading():
        assert queries.sellable([second]) == {}
        assert whole("clay-plant-pot") is None


def test_a_page_shows_everything_but_price_and_stock(product: Product) -> None:
    with reading():
        page = page_of(product.slug, "de")
    assert (page.title, page.slug, page.description) == (
        "Blumentopf aus Ton", "blumentopf-aus-ton", "<p>Thrown by hand</p>",
    )  # fmt: skip
    assert page.slugs == {"de": "blumentopf-aus-ton"}
    assert [(o.label, [v.label for v in o.values]) for o in page.options] == [
        ("Größe", ["Klein", "Groß"]),
        ("Color", ["Red", "Blue"]),
    ]
    assert [variant.title for variant in page.variants] == ["Groß / Red", "Klein / Red", "Klein / Blue"]
    assert [(media.url, media.alt) for media in page.media] == [
        ("https://pictures.example/pot.jpg", "Ein Topf"),
        ("https://pictures.example/small.jpg", "Blumentopf aus Ton"),
    ]
    assert [(a.label, a.value, a.text, a.is_facetable) for a in page.attributes] == [
        ("Stoff", "clay", "Ton", True),
        ("Drained", True, "true", False),
    ]
    assert [crumb.title for crumb in page.breadcrumb] == ["Garden", "Töpfe"]
    assert page.brand and page.brand.name == "Delft & Sons"


def test_categories_are_read_as_a_tree(product: Product) -> None:
    with reading():
        (garden,) = queries.category_tree("de")
        pots = queries.category_by_slug("pots", "de")
        below = session.scalars(queries.products_in_category(garden.id)).all()
    assert (garden.title, [child.title for child in garden.children]) == ("Garden", ["Töpfe"])
    assert [crumb.slug for crumb in pots.breadcrumb] == ["garden", "pots"]
    assert below == [product.id]


def test_listings_are_made_from_published_products(product: Product) -> None:
    with transaction():
        service.create_product(ProductDraft(title="Draft"))
        summer = collections.create_collection(title="Summer")
        collections.pick(summer.id, [product.id])
    with reading():
        (row,) = session.execute(queries.published_products()).all()
        assert session.execute(queries.published_products([ids.new()])).all() == []
        assert session.scalars(queries.products_in_collection(summer.id)).all() == [product.id]
        assert queries.collection_by_slug("summer").title == "Summer"
    assert (row.id, row.variant_ids) == (product.id, [variant.id for variant in product.variants])
    assert (len(row.category_ids), row.collection_ids, row.tags) == (2, [summer.id], ["garden", "clay"])


def test_cards_and_facets_speak_the_language(product: Product) -> None:
    with reading():
        assert queries.cards([product.id], "de") == {
            product.id: Card(
                product_id=product.id, title="Blumentopf aus Ton", slug="blumentopf-aus-ton",
                image_url="https://pictures.example/pot.jpg", image_alt="Ein Topf", brand="Delft & Sons",
            )
        }  # fmt: skip
        assert queries.facets("de") == [Facet(code="material", label="Stoff", kind="choice", choices={"clay": "Ton"})]


def test_variants_are_found_by_sku_and_lead_to_their_product(product: Product) -> None:
    with reading():
        assert queries.variant_ids_by_sku(["POT-LR", "NONE"]) == {"POT-LR": product.variants[0].id}
        assert queries.products_of([product.variants[0].id, ids.new()]) == {product.variants[0].id: product.id}


def test_a_picture_of_our_own_has_an_address_in_the_shop() -> None:
    from shopwright.commerce.catalog.wording import address

    assert address("pots/1.png") == "/media/pots/1.png"
    assert address(None) is None
