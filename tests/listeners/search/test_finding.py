"""What shoppers type, and what they get."""

import pytest

from shopwright.commerce.catalog.drafts import OptionDraft, TranslationDraft, VariantDraft
from tests.listeners.search.conftest import Find, Shop, index, titles


def test_words_as_spelled_stand_above_inflected_ones(shop: Shop, find: Find) -> None:
    shop.sells("Harbour mugs, set of two")
    shop.sells("Harbour mug")
    index()
    found = find("mug")
    assert titles(found) == ["Harbour mug", "Harbour mugs, set of two"]
    assert (found["query"]["level"], found["total"], found["is_total_exact"]) == ("exact", 2, True)
    assert titles(find("mugs")) == ["Harbour mugs, set of two", "Harbour mug"]


def test_a_word_in_the_title_counts_more_than_one_in_the_description(shop: Shop, find: Find) -> None:
    shop.sells("Tray", description="<p>Holds a teapot.</p>")
    shop.sells("Teapot")
    index()
    assert titles(find("teapot")) == ["Teapot", "Tray"]


def test_brand_category_words_and_options_find_a_product(shop: Shop, find: Find) -> None:
    shop.sells(
        "Jumper", brand="Loom House", options=[OptionDraft(name="Colour")],
        variants=[VariantDraft(option_values=["Red"]), VariantDraft(option_values=["Blue"])],
    )  # fmt: skip
    index()
    assert titles(find("loom house jumper red")) == ["Jumper"]


def test_every_language_has_its_own_words_and_stems(shop: Shop, find: Find) -> None:
    german = {"de": TranslationDraft(title="Blaue Schüssel", description="Für Suppen")}
    shop.sells("Blue bowl", translations=german)
    index()
    assert titles(find("schusseln", locale="de")) == ["Blaue Schüssel"]
    assert find("schüssel", locale="de")["query"]["level"] == "exact"
    assert titles(find("bowls")) == ["Blue bowl"]
    assert find("schüssel")["total"] == 0


def test_a_slip_of_the_finger_is_forgiven_and_told(shop: Shop, find: Find) -> None:
    shop.sells("Enamel teapot")
    index()
    for typed in ("teapto", "tepot", "teapott", "taepot"):
        found = find(typed)
        assert titles(found) == ["Enamel teapot"], typed
        assert found["query"]["level"] == "fuzzy"
        assert found["query"]["corrected"] == {typed: "teapot"}


def test_numbers_and_short_words_are_meant_as_they_are(shop: Shop, find: Find) -> None:
    shop.sells("Lens 50mm")
    shop.sells("Red pot")
    index()
    assert find("55mm")["total"] == 0
    assert find("pit")["total"] == 0


def test_an_exact_hit_stands_above_one_that_is_nearly_spelled_so(shop: Shop, find: Find) -> None:
    shop.sells("Sofa, brown")
    shop.sells("Soda maker")
    index()
    assert titles(find("sofa")) == ["Sofa, brown", "Soda maker"]


def test_article_numbers_are_found_however_they_are_written(shop: Shop, find: Find) -> None:
    shop.sells("Headphones", variants=[VariantDraft(sku="WH-1000XM4", barcode="4006381333931")])
    shop.sells("A cable for WH 1000XM4")
    index()
    for typed in ("WH-1000XM4", "wh1000xm4", "wh-1000 xm4", "WH_1000.XM4", "4006381333931", "4006381-333931"):
        found = find(typed)
        assert (titles(found), found["query"]["level"]) == (["Headphones"], "code"), typed


@pytest.mark.parametrize("typed", ['13" laptop', "13 inch laptop", "13in laptop", "laptop 13 inches", "laptop 13″"])
def test_a_unit_is_the_same_however_it_is_written(typed: str, shop: Shop, find: Find) -> None:
    shop.sells('Laptop 13"')
    shop.sells('Laptop 15"')
    index()
    assert titles(find(typed)) == ['Laptop 13"']


def test_accents_and_ampersands_may_be_left_out_or_written_out(shop: Shop, find: Find) -> None:
    shop.sells("Crème brûlée torch")
    shop.sells("Salt & pepper")
    index()
    assert titles(find("creme brulee")) == ["Crème brûlée torch"]
    assert titles(find("salt and pepper")) == ["Salt & pepper"]


def test_compounds_are_found_by_their_parts_and_parts_by_the_compound(shop: Shop, find: Find) -> None:
    shop.sells("Sofa aus Leder", translations={"de": TranslationDraft(title="Sofa aus Leder")})
    shop.sells("Bücherregal", translations={"de": TranslationDraft(title="Bücherregal")})
    index()
    found = find("Ledersofa", locale="de")
    assert (titles(found), found["query"]["level"]) == (["Sofa aus Leder"], "synonyms")
    assert titles(find("Bücher Regal", locale="de")) == ["Bücherregal"]


def test_prices_in_words_are_filters(shop: Shop, find: Find) -> None:
    shop.sells("Cheap mug", 900)
    shop.sells("Fair mug", 1500)
    shop.sells("Dear mug", 9000)
    index()
    found = find("mug under 15")
    assert set(titles(found)) == {"Cheap mug", "Fair mug"}
    assert (found["query"]["price_min"], found["query"]["price_max"]) == (None, 1500)
    assert titles(find("mug 10-20 €")) == ["Fair mug"]
    assert titles(find("mug over 20 eur")) == ["Dear mug"]
    # What was chosen counts more than what was said.
    assert titles(find("mug under 15", price_min=2000)) == ["Dear mug"]


def test_what_is_not_wanted_is_left_out(shop: Shop, find: Find) -> None:
    shop.sells("Mug with handle")
    shop.sells("Mug, plain")
    index()
    found = find("mug without handle")
    assert (titles(found), found["query"]["excluded"]) == (["Mug, plain"], ["handle"])


def test_words_that_nothing_has_are_dropped_and_named(shop: Shop, find: Find) -> None:
    shop.sells("Blue mug")
    index()
    found = find("blue xylophone mug")
    assert titles(found) == ["Blue mug"]
    assert (found["query"]["level"], found["query"]["dropped"]) == ("partial", ["xylophone"])


def test_more_words_that_match_always_stand_above_fewer(shop: Shop, find: Find) -> None:
    shop.sells("Zebra zebra zebra")
    shop.sells("Tin kettle", description="With a zebra on it")
    index()
    assert titles(find("zebra kettle unheard"))[0] == "Tin kettle"


def test_something_else_is_proposed_only_if_it_is_found(shop: Shop, find: Find) -> None:
    shop.sells("Enamel teapot")
    shop.sells("Stone lamp")
    index()
    assert find("xylophon")["query"]["did_you_mean"] is None
    found = find("enamel teapod lamb")
    # Nothing has all of "enamel teapot lamp".
    assert (found["query"]["level"], found["query"]["did_you_mean"]) == ("partial", None)
    assert find("enamle teapod")["query"]["corrected"] == {"enamle": "enamel", "teapod": "teapot"}


def test_what_sells_better_stands_higher_among_equals_and_never_above_a_better_match(shop: Shop, find: Find) -> None:
    shop.sells("Oak bowl", quantity=0)
    shop.sells("Oak bowl")
    shop.sells("Oak bowls")
    index()
    found = find("oak bowl")
    assert [item["is_available"] for item in found["items"]] == [True, False, True]
    assert titles(found) == ["Oak bowl", "Oak bowl", "Oak bowls"]


def test_without_words_the_filters_alone_decide(shop: Shop, find: Find) -> None:
    shop.sells("Mug", brand="Salt & Kiln")
    shop.sells("Lamp", brand="Lumen")
    index()
    found = find("", brand="lumen")
    assert (titles(found), found["query"]["level"]) == (["Lamp"], "everything")


def test_suggestions_name_what_is_sold_here(client: object, shop: Shop) -> None:
    shop.sells("Mountain calendar", brand="Muller")
    shop.sells("Campfire mug")
    index()
    answer = client.get("/v1/search/suggestions", query_string={"q": "mu", "channel": shop.eu.code})  # type: ignore[attr-defined]
    assert [(each["kind"], each["text"]) for each in answer.get_json()["items"]] == [
        ("brand", "Muller"),
        ("product", "Campfire mug"),
    ]
    other = client.get("/v1/search/suggestions", query_string={"q": "mu", "channel": shop.us.code})  # type: ignore[attr-defined]
    assert other.get_json() == {"items": []}


@pytest.mark.parametrize(
    ("title", "typed", "locale"),
    [
        ("Nike Air Max 90", "nike air max 90", "en"), ("iPhone 15 Pro Max 256 blue", "iphone 15 pro max 256", "en"),
        ("Sofa bis 3 Personen", "sofa bis 3 personen", "de"), ("Zelt, grün, bis 3", "zelt bis 3", "de"),
        ("Windows licence under 10", "windows under 10", "en"),
    ],
)  # fmt: skip
def test_a_number_in_a_name_is_no_price(title: str, typed: str, locale: str, shop: Shop, find: Find) -> None:
    shop.sells(title, 99_00, translations={"de": TranslationDraft(title=title)})
    index()
    found = find(typed, locale=locale)
    assert (titles(found), found["query"]["level"], found["query"]["price_max"]) == ([title], "exact", None)


def test_a_number_that_nothing_is_called_by_is_a_price_if_something_costs_less(shop: Shop, find: Find) -> None:
    shop.sells("Windows 10 licence", 99_00)
    index()
    found = find("windows under 10")
    assert (titles(found), found["query"]["price_max"]) == (["Windows 10 licence"], None)
    shop.sells("Windows sticker", 5_00)
    index()
    found = find("windows under 10")
    assert (titles(found), found["query"]["price_max"]) == (["Windows sticker"], 10_00)
