"""What every engine finds, and in which order."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from shopwright.listeners.search.backend import (
    MARK,
    UNMARK,
    Boost,
    Filters,
    Level,
    Order,
    Signals,
    Suggested,
    Suggestion,
    Tier,
)
from tests.listeners.search.contract.shelf import US, Shelf, offer, terms


def test_words_as_they_are_spelled_stand_above_inflected_ones(shelf: Shelf) -> None:
    shelf.put("Harbour mugs, set of two")
    shelf.put("Harbour mug")
    found = shelf.ask("mug")
    assert shelf.named(found) == ["Harbour mug", "Harbour mugs, set of two"]
    assert [hit.tier for hit in found.hits] == [Tier.EXACT, Tier.STEMMED]
    assert (found.level, found.total, found.is_exact) == (Level.EXACT, 2, True)
    assert shelf.found("mugs") == ["Harbour mugs, set of two", "Harbour mug"]


def test_synonyms_stand_below_the_words_themselves(shelf: Shelf) -> None:
    shelf.put("Sofa of oak")
    shelf.put("Couch of oak")
    found = shelf.ask(terms=terms("couch oak", couch=["sofa"]))
    assert shelf.named(found) == ["Couch of oak", "Sofa of oak"]
    assert [hit.tier for hit in found.hits] == [Tier.EXACT, Tier.SYNONYMS]


def test_synonyms_of_several_words_must_all_be_there(shelf: Shelf) -> None:
    shelf.put("Hair dryer")
    shelf.put("Hair brush")
    found = shelf.ask(terms=terms("blower", blower=["hair dryer"]))
    assert (shelf.named(found), found.level) == (["Hair dryer"], Level.SYNONYMS)


def test_a_slip_of_the_finger_is_forgiven_and_told(shelf: Shelf) -> None:
    shelf.put("Enamel teapot")
    for typed in ("teapto", "tepot", "teapott", "taepot"):
        found = shelf.ask(typed)
        assert (shelf.named(found), found.level) == (["Enamel teapot"], Level.FUZZY), typed
        assert found.corrected == {typed: "teapot"}


def test_numbers_and_short_words_are_meant_as_they_are(shelf: Shelf) -> None:
    shelf.put("Lens 50mm")
    shelf.put("Red pot")
    assert (shelf.found("55mm"), shelf.found("pit")) == ([], [])
    assert shelf.ask("pit").level == Level.NONE


def test_words_that_nothing_has_are_dropped_and_named_unless_that_is_forbidden(shelf: Shelf) -> None:
    shelf.put("Blue mug")
    found = shelf.ask("blue xylophone mug")
    assert shelf.named(found) == ["Blue mug"]
    assert (found.level, found.dropped, found.hits[0].tier) == (Level.PARTIAL, ("xylophone",), Tier.PARTIAL)
    assert shelf.ask("blue xylophone mug", may_drop_words=False).level == Level.NONE


def test_more_words_stand_above_fewer(shelf: Shelf) -> None:
    shelf.put("Zebra zebra zebra", signals=Signals(popularity=1_000))
    shelf.put("Tin kettle", description="With a zebra on it")
    assert shelf.found("zebra kettle unheard")[0] == "Tin kettle"


def test_a_title_counts_more_than_a_description(shelf: Shelf) -> None:
    shelf.put("Tray", description="Holds a teapot.")
    shelf.put("Teapot")
    assert shelf.found("teapot") == ["Teapot", "Tray"]


def test_brand_category_and_attributes_are_words_too(shelf: Shelf) -> None:
    shelf.put("Jumper", brand="Loom House", brand_id=UUID(int=7), category_text="Knitwear", attribute_text="Red Wool")
    assert shelf.found("red loom house knitwear jumper wool") == ["Jumper"]


def test_article_numbers_are_tried_before_words(shelf: Shelf) -> None:
    shelf.put("A cable for WH 1000XM4")
    shelf.put("Headphones", codes=["wh1000xm4", "4006381333931"])
    found = shelf.ask("wh 1000xm4", code="wh1000xm4")
    assert (shelf.named(found), found.level, found.hits[0].tier) == (["Headphones"], Level.CODE, Tier.CODE)
    assert shelf.found("wh 1000xm4", code="wh1000") == ["A cable for WH 1000XM4"]


@pytest.mark.parametrize("typed", ['13" laptop', "13 inch laptop", "13in laptop", "laptop 13 inches", "laptop 13″"])
def test_a_unit_is_the_same_however_it_is_written(typed: str, shelf: Shelf) -> None:
    shelf.put('Laptop 13"')
    shelf.put('Laptop 15"')
    assert shelf.found(typed) == ['Laptop 13"']


def test_accents_and_signs_may_be_left_out_or_written_out(shelf: Shelf) -> None:
    shelf.put("Crème brûlée torch")
    shelf.put("Salt & pepper T-shirt")
    assert shelf.found("creme brulee") == ["Crème brûlée torch"]
    assert shelf.found("salt and pepper tshirt") == shelf.found("t shirt") == ["Salt & pepper T-shirt"]


def test_every_language_has_its_own_index_and_stems(shelf: Shelf) -> None:
    shelf.put("Blaue Schüssel", locale="de")
    shelf.put("Blue bowl")
    assert shelf.found("schusseln", "de") == ["Blaue Schüssel"]
    assert shelf.found("bowls") == ["Blue bowl"]
    assert shelf.found("schüssel") == shelf.found("bowl", "de") == []


def test_compounds_are_found_by_their_parts_and_parts_by_the_compound(shelf: Shelf) -> None:
    shelf.put("Sofa aus Leder", locale="de")
    shelf.put("Bücherregal", locale="de")
    found = shelf.ask("Ledersofa", "de")
    assert (shelf.named(found), found.level) == (["Sofa aus Leder"], Level.SYNONYMS)
    assert shelf.found("Bücher Regal", "de") == ["Bücherregal"]


def test_a_compound_of_three_words_is_found_by_all_of_them(shelf: Shelf) -> None:
    shelf.put("Regal aus Holz, für Kinder und Bücher", locale="de")
    shelf.put("Regal für Kinder", locale="de")
    shelf.put("Regal für Bücher", locale="de")
    found = shelf.ask("Kinderbücherregal", "de")
    assert (shelf.named(found), found.level) == (["Regal aus Holz, für Kinder und Bücher"], Level.SYNONYMS)
    assert shelf.found("Kinderbücherregale", "de") == shelf.named(found)


def test_what_is_excluded_is_not_found(shelf: Shelf) -> None:
    shelf.put("Mug with handles")
    shelf.put("Mug", description="Looks well beside one with a handle.")
    assert shelf.found("mug", excluded=terms("handle")) == ["Mug"]


def test_signals_reorder_equals_and_never_lift_a_worse_match(shelf: Shelf) -> None:
    shelf.put("Oak bowl", offers=[offer(in_stock=False)])
    shelf.put("Oak bowl", signals=Signals(popularity=100))
    everything = Signals(popularity=10**6, margin=1, stock=10**6)
    shelf.put("Oak bowls", signals=everything, published_at=datetime.now(UTC))
    found = shelf.ask("oak bowl")
    assert shelf.named(found) == ["Oak bowl", "Oak bowl", "Oak bowls"]
    popular, away = found.hits[:2]
    assert popular.score > away.score


def test_boosts_lift_within_a_tier_only(shelf: Shelf, colours: dict[str, UUID]) -> None:
    category, brand = UUID(int=50), UUID(int=51)
    shelf.put("Tin mug", category_ids=[category])
    shelf.put("Clay mug", brand_id=brand, brand="Kiln")
    shelf.put("Old mugs")
    ways = (
        (Boost(factor=3, category_id=category), "Tin mug"), (Boost(factor=3, brand_id=brand), "Clay mug"),
        (Boost(factor=3, product_ids=(colours["Green"],)), "Green mug"),
    )  # fmt: skip
    for boost, first in ways:
        assert shelf.found("mug", boosts=(boost,))[0] == first
    (old,) = (id_ for id_, title in shelf.titles.items() if title == "Old mugs")
    assert shelf.found("mug", boosts=(Boost(factor=10, product_ids=(old,)),))[-1] == "Old mugs"
    assert shelf.found("mug", boosts=(Boost(factor=0.1, product_ids=(colours["Red"],)),))[-2] == "Red mug"


def test_no_boost_lifts_over_more_words(shelf: Shelf) -> None:
    shelf.put("Red steel lamp")
    fewer = shelf.put("Red steel")
    boosts = (Boost(factor=10, product_ids=(fewer,)),)
    assert shelf.found("red steel lamp garden", boosts=boosts) == ["Red steel lamp", "Red steel"]


def test_boosts_together_lift_no_more_than_the_highest_one(shelf: Shelf) -> None:
    once, twice = shelf.put("Mug", brand_id=UUID(int=51), brand="Kiln"), shelf.put("Mug", brand="Kiln")
    highest = Boost(factor=10, product_ids=(once, twice))
    found = shelf.ask("mug", boosts=(highest, Boost(factor=5, brand_id=UUID(int=51))))
    assert {hit.product_id for hit in found.hits} == {once, twice}
    assert found.hits[0].score == pytest.approx(found.hits[1].score)


def test_where_no_words_were_said_every_hit_says_so(shelf: Shelf, colours: dict[str, UUID]) -> None:
    for more in ({}, {"pins": (colours["Red"],)}, {"order": Order.TITLE}):
        found = shelf.ask(**more)
        assert {hit.tier for hit in found.hits} == {Tier.EVERYTHING}


def test_a_pin_that_does_not_match_is_of_the_last_tier(shelf: Shelf) -> None:
    lamp = shelf.put("Lamp")
    shelf.put("Mug", codes=["mug1"])
    for more in ({}, {"code": "mug1"}):
        found = shelf.ask("mug", pins=(lamp,), **more)
        assert shelf.named(found) == ["Lamp", "Mug"]
        assert found.hits[0].tier == Tier.PARTIAL


def test_pins_stand_first_in_their_order_and_hidden_ones_nowhere(shelf: Shelf, colours: dict[str, UUID]) -> None:
    lamp = shelf.put("Lamp")
    pinned = (lamp, colours["Blue"])
    found = shelf.ask("mug", pins=pinned, hides=(colours["Red"],))
    assert shelf.named(found) == ["Lamp", "Blue mug", "Green mug"]
    assert (found.level, found.total) == (Level.EXACT, 3)
    # They stand on the first page and push the others on.
    assert shelf.named(shelf.ask("mug", pins=pinned, offset=2)) != shelf.named(found)[:2]
    assert sorted(shelf.found("mug", pins=pinned, order=Order.TITLE)) == ["Blue mug", "Green mug", "Red mug"]


def test_pins_do_not_decide_how_far_is_looked(shelf: Shelf, colours: dict[str, UUID]) -> None:
    chandelier = shelf.put("Chandelier")
    pins = tuple(colours.values())
    near = shelf.ask("chandeleir", pins=pins)
    assert (near.level, near.total, near.hits[-1].product_id) == (Level.FUZZY, 4, chandelier)
    # What looks like an article's number and is none is searched for by its words.
    cases = [shelf.put(f"Phone 15 case {name}") for name in ("oak", "red", "tin")]
    found = shelf.ask("phone 15 case", code="phone15case", pins=(cases[2],))
    assert (found.level, found.total, found.hits[0].product_id) == (Level.EXACT, 3, cases[2])


def test_another_channels_products_are_never_found(shelf: Shelf) -> None:
    hidden = shelf.put("Mug", codes=["mug1"], offers=[offer(channel_id=US)], brand="Salt", brand_id=UUID(int=9))
    assert shelf.ask("mug").total == shelf.ask("mug", pins=(hidden,)).total == shelf.ask().total == 0
    assert shelf.ask("mug1", code="mug1").total == 0
    assert shelf.suggested("mu") == shelf.suggested("sal") == []
    assert shelf.found("mug", channel_id=US) == ["Mug"]


def test_without_words_all_that_is_offered_is_found(shelf: Shelf, colours: dict[str, UUID]) -> None:
    found = shelf.ask(order=Order.TITLE)
    assert (shelf.named(found), found.level) == (["Blue mug", "Green mug", "Red mug"], Level.EVERYTHING)


def test_what_matched_is_marked_and_nothing_is_escaped(shelf: Shelf) -> None:
    shelf.put("<b>Mugs</b> & crème brûlée")
    for typed in ("mug", "creme mug"):
        (hit,) = shelf.ask(typed).hits
        marked = hit.highlights["title"]
        assert marked.replace(MARK, "").replace(UNMARK, "") == "<b>Mugs</b> & crème brûlée"
        assert f"{MARK}Mugs{UNMARK}" in marked
    assert f"{MARK}crème{UNMARK}" in marked


def test_marks_in_a_title_of_its_own_are_not_taken_for_ours(shelf: Shelf) -> None:
    shelf.put(f"{MARK}Evil{UNMARK} mug")
    (hit,) = shelf.ask("mug").hits
    assert hit.highlights["title"] == f"Evil {MARK}mug{UNMARK}"


def test_suggestions_are_products_by_the_beginnings_of_their_titles(shelf: Shelf) -> None:
    calendar = shelf.put("Mountain calendar", brand="Muller & Sons", brand_id=UUID(int=4))
    mug = shelf.put("Campfire mug")
    shelf.put("Lamp", offers=[offer(channel_id=US)])
    assert shelf.suggested("mu") == [Suggestion(Suggested.PRODUCT, "Campfire mug", mug)]
    assert shelf.suggested("calendar mou") == [Suggestion(Suggested.PRODUCT, "Mountain calendar", calendar)]
    assert shelf.suggested("la") == shelf.suggested("") == []
    assert [each.text for each in shelf.suggested("la", US)] == ["Lamp"]


def test_another_spelling_is_proposed_only_if_something_has_all_of_it(shelf: Shelf) -> None:
    shelf.put("Enamel teapot")
    shelf.put("Stone lamp")
    assert shelf.corrected("enamle teapod") == ("enamel", "teapot")
    assert shelf.corrected("enamel teapod lamb") is None
    assert shelf.corrected("xylophon") is None
    assert shelf.corrected("enamel teapot") is None


def test_no_spelling_is_proposed_that_finds_nothing_by_itself(shelf: Shelf) -> None:
    teapot, mug = shelf.put("Enamel teapot"), shelf.put("Mug")
    assert shelf.corrected("enamle teapto") == shelf.corrected("enamle teapto", pins=(mug,)) == ("enamel", "teapot")
    assert shelf.corrected("enamle teapto", pins=(mug,), hides=(teapot,)) is None
    assert shelf.corrected("enamle teapto", filters=Filters(price_max=100)) is None
    assert shelf.corrected("enamle teapto", filters=Filters(brand_ids=(UUID(int=7),))) is None
    assert shelf.corrected("enamle teapto", excluded=terms("teapot")) is None
    assert shelf.corrected("enamle teapto", channel_id=US) is None


def test_operators_and_signs_are_only_words(shelf: Shelf, colours: dict[str, UUID]) -> None:
    for typed in ("*", "mug AND NOT (", '"mug', "mug~", "/.*.*.*x/", "title:mug", "\\", "🙂", "m" * 5000, "ﷺ مرحبا"):
        found = shelf.ask(typed)
        assert found.total in (0, 3), typed


def test_the_page_beyond_the_last_is_empty(shelf: Shelf, colours: dict[str, UUID]) -> None:
    for offset in (3, 9_990, 10_000, 240_000):
        found = shelf.ask("mug", offset=offset)
        assert (found.hits, found.total, found.level) == ((), 3, Level.EXACT)


def test_a_short_page_is_filled_with_what_lacks_a_word_in_the_same_order_on_every_page(shelf: Shelf) -> None:
    shelf.put("Blue oak bowl")
    shelf.put("Blue oaken bowls")
    partial = {f"Blue bowl {number}": shelf.put(f"Blue bowl {number}") for number in range(9)}
    shelf.put("Blue lamp")
    found = shelf.ask("blue oak bowl")
    assert shelf.named(found)[0] == "Blue oak bowl"
    assert {*shelf.named(found)[1:]} >= {*partial}
    assert [hit.tier for hit in found.hits] == sorted(hit.tier for hit in found.hits)
    assert (found.level, found.dropped, found.total) == (Level.EXACT, (), len(found.hits))
    pages = [shelf.ask("blue oak bowl", offset=offset, size=4) for offset in range(0, found.total, 4)]
    assert [title for page in pages for title in shelf.named(page)] == shelf.named(found)
    assert {(page.level, page.dropped, page.total) for page in pages} == {(Level.EXACT, (), found.total)}


def test_nothing_fills_a_list_of_two_words_or_in_another_order(shelf: Shelf) -> None:
    for title in ("Blue oak bowl", "Blue bowl", "Oak lamp"):
        shelf.put(title)
    assert shelf.found("oak bowl") == ["Blue oak bowl"]
    assert shelf.found("blue oak bowl", order=Order.CHEAPEST) == ["Blue oak bowl"]
    assert shelf.found("blue oak bowl", may_drop_words=False) == ["Blue oak bowl"]


def test_who_wants_no_marks_finds_the_same(shelf: Shelf) -> None:
    shelf.put("Blue mug")
    marked, plain = shelf.ask("mug"), shelf.ask("mug", has_highlights=False)
    assert [hit.highlights for hit in (*marked.hits, *plain.hits)] == [{"title": f"Blue {MARK}mug{UNMARK}"}, {}]
    assert [(hit.product_id, hit.variant_id, hit.tier) for hit in marked.hits] == [
        (hit.product_id, hit.variant_id, hit.tier) for hit in plain.hits
    ]
