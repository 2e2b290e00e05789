"""What shoppers are told of facets, and how far PostgreSQL counts; that it counts right is in the contract of all engines."""

import random

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from shopwright.commerce.catalog import categories, product_types
from shopwright.commerce.catalog.drafts import AttributeDraft, ChoiceDraft, OptionDraft, VariantDraft
from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search.backend import Ask, Facets, Filters, Term
from shopwright.listeners.search.backends.postgres import facets
from shopwright.listeners.search.backends.postgres.adapter import PostgresBackend
from shopwright.listeners.search.ranges import borders, ranges
from tests.listeners.search import shelves
from tests.listeners.search.conftest import Find, Shop, index

NAMES = ("category", "brand", "available", "attribute:material", "attribute:room", "option:colour", "option:size")
ALL = Facets(
    category=True, brand=True, price=True, available=True, attributes=("material", "room"), options=("colour", "size")
)
backend = PostgresBackend()


def test_counts_say_whether_they_are_of_all_that_match(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    documents = [shelves.product(chance) for _ in range(120)]
    with transaction():
        backend.write("en", documents)
    offered = [*shelves.Judge(documents, Filters()).fitting()]
    chosen = Filters(brand_ids=(shelves.BRANDS[0],))
    judge = shelves.Judge(documents, chosen)
    ask = Ask(channel_id=shelves.EU, locale="en", terms=(Term(("mug",)),), filters=chosen, facets=ALL)
    assert len(offered) < len(documents)
    for limit, is_exact in ((len(offered), True), (len(offered) - 1, False)):
        monkeypatch.setattr(facets, "EXACT_UP_TO", limit)
        with reading():
            found = {facet.name: facet for facet in backend.search(ask).facets}
        for name in NAMES:
            assert found[name].is_exact is is_exact
            said = {each.value: each.count for each in found[name].counts}
            assert not is_exact or said == judge.counted(name), name


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=50))
def test_ranges_have_readable_borders_and_hold_every_price(prices: list[int]) -> None:
    found = ranges([(price, 1) for price in sorted(prices)])
    assert sum(each.count for each in found) == len(prices)
    assert found[-1].high is None or found[-1].high > max(prices)
    assert len(borders(min(prices), max(prices))) <= 7
    for each in found:
        assert each.count == sum(each.low <= price and (each.high is None or price < each.high) for price in prices)


def test_facets_are_labelled_in_the_shoppers_language_and_keep_what_was_chosen(shop: Shop, find: Find) -> None:
    with transaction():
        above = categories.create_category(title="Kitchen")
        below = categories.create_category(title="Mugs", parent_id=above.id)
        kind = product_types.create_product_type("Pot", [AttributeDraft(
            code="material", label="Material", kind=AttributeKind.CHOICE, is_facetable=True,
            choices=[ChoiceDraft(code="clay", label="Clay", labels={"de": "Ton"})], labels={"de": "Werkstoff"},
        )])  # fmt: skip
    shop.sells(
        "Mug", brand="Salt & Kiln", category_ids=[below.id], product_type_id=kind.id, attributes={"material": "clay"},
        options=[OptionDraft(name="Colour")], variants=[VariantDraft(option_values=["Red"])],
    )  # fmt: skip
    index()
    facets = {facet["name"]: facet for facet in find("", locale="de")["facets"]}
    assert (facets["attribute:material"]["label"], facets["attribute:material"]["values"][0]["label"]) == (
        "Werkstoff",
        "Ton",
    )
    (kitchen,) = facets["category"]["values"]
    assert (kitchen["value"], kitchen["count"], kitchen["children"][0]["value"]) == ("kitchen", 1, "mugs")
    assert [(each["value"], each["count"]) for each in facets["brand"]["values"]] == [("salt-kiln", 1)]
    nothing = find("", brand="salt-kiln", option="colour:Blue", attribute="material:clay")
    assert nothing["total"] == 0
    facets = {facet["name"]: facet for facet in nothing["facets"]}
    chosen = [(each["value"], each["count"], each["is_selected"]) for each in facets["option:colour"]["values"]]
    assert chosen == [("Red", 1, False), ("Blue", 0, True)]
    assert [(each["value"], each["count"], each["is_selected"]) for each in facets["brand"]["values"]] == [
        ("salt-kiln", 0, True)
    ]
