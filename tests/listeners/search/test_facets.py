"""Counts of what could be chosen, judged by a few lines of Python that go through all products."""

import random

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopwright.commerce.catalog import categories, product_types
from shopwright.commerce.catalog.drafts import AttributeDraft, ChoiceDraft, OptionDraft, VariantDraft
from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search.backend import Ask, Document, Facets, Filters, Order, Term
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


class Shelf(list[Document]):
    """With a name that fits into a line where a test fails."""

    def __repr__(self) -> str:
        return f"{len(self)} documents"


@pytest.fixture
def documents(app: Flask) -> Shelf:
    chance = random.Random(7)
    made = Shelf(shelves.product(chance) for _ in range(120))
    with transaction():
        backend.write("en", made)
    return made


def test_counts_say_whether_they_are_of_all_that_match(documents: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = [each for each in documents if shelves.fitting(each, Filters())]
    chosen = Filters(brand_ids=(shelves.BRANDS[0],))
    ask = Ask(channel_id=shelves.EU, locale="en", terms=(Term(("mug",)),), filters=chosen, facets=ALL)
    assert len(offered) < len(documents)
    for limit, is_exact in ((len(offered), True), (len(offered) - 1, False)):
        monkeypatch.setattr(facets, "EXACT_UP_TO", limit)
        with reading():
            found = {facet.name: facet for facet in backend.search(ask).facets}
        for name in NAMES:
            assert found[name].is_exact is is_exact
            said = {each.value: each.count for each in found[name].counts}
            assert not is_exact or said == shelves.counted(documents, chosen, name), name


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_every_facet_counts_what_choosing_it_would_find(documents: Shelf, seed: int) -> None:
    chosen = shelves.filters(random.Random(seed))
    ask = Ask(channel_id=shelves.EU, locale="en", terms=(Term(("mug",)),), filters=chosen, facets=ALL, size=200)
    with reading():
        found = backend.search(ask)
    fitting = {each.product_id: shelves.fitting(each, chosen) for each in documents}
    assert {hit.product_id for hit in found.hits} == {id_ for id_, offers in fitting.items() if offers}
    assert found.total == len(found.hits)
    # The variant that is shown is one that fits: in stock first, then the cheapest.
    for hit in found.hits:
        best = min(fitting[hit.product_id], key=lambda offer: (not offer.in_stock, offer.price, offer.position))
        assert hit.variant_id == best.variant_id
    facets = {facet.name: facet for facet in found.facets}
    for name in NAMES:
        said = {each.value: each.count for each in facets[name].counts}
        assert said == shelves.counted(documents, chosen, name), name
    prices = [
        min(offer.price for offer in offers) for each in documents if (offers := shelves.fitting(each, chosen, "price"))
    ]
    assert sum(each.count for each in facets["price"].ranges) == len(prices)
    assert (facets["price"].low, facets["price"].high) == ((min(prices), max(prices)) if prices else (None, None))


@pytest.mark.parametrize("order", list(Order))
def test_pages_neither_repeat_nor_skip_in_any_order(documents: Shelf, order: Order) -> None:
    def page(offset: int, size: int) -> list[object]:
        ask = Ask(channel_id=shelves.EU, locale="en", terms=(Term(("mug",)),), order=order, offset=offset, size=size)
        with reading():
            return [hit.product_id for hit in backend.search(ask).hits]

    whole = page(0, 200)
    assert [each for offset in range(0, 120, 7) for each in page(offset, 7)] == whole
    assert len({*whole}) == len(whole) > 60


def test_lists_are_in_the_order_that_was_asked_for(documents: Shelf) -> None:
    by_id = {each.product_id: each for each in documents}

    def listed(order: Order) -> list[Document]:
        with reading():
            found = backend.search(Ask(channel_id=shelves.EU, locale="en", order=order, size=200))
        return [by_id[hit.product_id] for hit in found.hits]

    def price(document: Document) -> int:
        return min(offer.price for offer in document.offers)

    assert [price(each) for each in listed(Order.CHEAPEST)] == sorted(price(each) for each in listed(Order.CHEAPEST))
    assert [price(each) for each in listed(Order.DEAREST)] == sorted(map(price, listed(Order.DEAREST)), reverse=True)
    newest = [each.published_at for each in listed(Order.NEWEST)]
    assert newest == sorted(newest, reverse=True)
    popular = [each.signals.popularity for each in listed(Order.POPULAR)]
    assert popular == sorted(popular, reverse=True)
    assert [each.title for each in listed(Order.TITLE)] == sorted(each.title for each in listed(Order.TITLE))


def test_pins_stand_first_on_every_page_and_what_is_hidden_is_not_found(documents: Shelf) -> None:
    ask = Ask(channel_id=shelves.EU, locale="en", terms=(Term(("mug",)),), size=200)
    with reading():
        plain = [hit.product_id for hit in backend.search(ask).hits]
        pinned, hidden = (plain[-1], plain[-2]), (plain[0],)
        ruled = backend.search(Ask(
            channel_id=shelves.EU, locale="en", terms=ask.terms, size=200, pins=pinned, hides=hidden
        ))  # fmt: skip
    assert [hit.product_id for hit in ruled.hits] == [*pinned, *plain[1:-2]]


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
