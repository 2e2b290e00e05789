"""Filters, facets, orders and pages, judged by a few lines of Python that go through all products."""

import random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from shopwright.kit.db import session
from shopwright.listeners.search.backend import Chosen, Document, Facets, Filters, Found, Order
from tests.listeners.search import shelves
from tests.listeners.search.contract.shelf import Shelf, document, offer

NAMES = ("category", "brand", "available", "attribute:material", "attribute:room", "option:colour", "option:size")
ALL = Facets(
    category=True, brand=True, price=True, available=True, attributes=("material", "room"), options=("colour", "size")
)
EVERYTHING = Filters()


@pytest.fixture
def documents(shelf: Shelf) -> list[Document]:
    chance = random.Random(7)
    made = [shelves.product(chance) for _ in range(120)]
    shelf.store(*made)
    if shelf.backend.name == "postgres":
        # As the server does by itself within a minute.
        session.execute(text("ANALYZE search_documents, search_offers"))
    return made


def test_every_facet_counts_what_choosing_it_would_find(shelf: Shelf, documents: list[Document]) -> None:
    # An engine takes six times as long for each.
    @settings(max_examples=500 if shelf.backend.name == "postgres" else 100, deadline=None)
    @given(seed=st.integers(0, 10**9))
    def counts_of(seed: int) -> None:
        chosen = shelves.filters(random.Random(seed))
        found = shelf.ask("mug", channel_id=shelves.EU, filters=chosen, facets=ALL, size=200)
        counts_are_true(found, shelves.Judge(documents, chosen))

    counts_of()


def counts_are_true(found: Found, judge: shelves.Judge) -> None:
    fitting = {document.product_id: offers for document, offers in judge.fitting()}
    assert {hit.product_id for hit in found.hits} == {*fitting}
    assert found.total == len(found.hits)
    # The variant that is shown is one that fits: in stock first, then the cheapest.
    for hit in found.hits:
        best = min(fitting[hit.product_id], key=lambda offer: (not offer.in_stock, offer.price, offer.position))
        assert hit.variant_id == best.variant_id
    facets = {facet.name: facet for facet in found.facets}
    for name in NAMES:
        assert facets[name].is_exact
        said = {each.value: each.count for each in facets[name].counts}
        assert said == judge.counted(name), name
    prices = [min(offer.price for offer in offers) for _, offers in judge.fitting("price")]
    assert (facets["price"].low, facets["price"].high) == ((min(prices), max(prices)) if prices else (None, None))
    for each in facets["price"].ranges:
        within = [price for price in prices if each.low <= price and (each.high is None or price < each.high)]
        assert each.count == len(within)
    assert sum(each.count for each in facets["price"].ranges) == len(prices)


def test_one_variant_must_be_all_that_was_chosen(shelf: Shelf) -> None:
    red, blue = {"colour": "Red", "size": "M"}, {"colour": "Blue", "size": "L"}
    shelf.put("Shirt", offers=[offer(1000, options=red), offer(9000, options=blue, in_stock=False)])

    def found(**chosen: object) -> list[str]:
        return shelf.found("shirt", filters=Filters(**chosen))  # type: ignore[arg-type]

    assert found(options=(Chosen("colour", ("Red",)), Chosen("size", ("M",)))) == ["Shirt"]
    assert found(options=(Chosen("colour", ("Red",)), Chosen("size", ("L",)))) == []
    assert found(options=(Chosen("colour", ("Blue",)),), price_max=2000) == []
    assert found(options=(Chosen("colour", ("Blue",)),), is_available=True) == []
    assert found(options=(Chosen("colour", ("Red", "Blue")),), price_min=9000) == ["Shirt"]


def test_codes_and_values_may_hold_any_sign(shelf: Shelf) -> None:
    attributes = {"a.b*c": ["x:y"], "a_bxc": ["other"]}
    shelf.put("Shirt", attributes=attributes, offers=[offer(options={"größe (eu)": '40"/[42]'})])
    found = shelf.ask("shirt", facets=Facets(attributes=("a.b*c",), options=("größe (eu)",)))
    assert [(facet.name, [each.value for each in facet.counts]) for facet in found.facets] == [
        ("attribute:a.b*c", ["x:y"]),
        ("option:größe (eu)", ['40"/[42]']),
    ]
    assert shelf.found("shirt", filters=Filters(attributes=(Chosen("a.b*c", ("x:y",)),))) == ["Shirt"]


def test_a_facet_with_more_values_than_are_told_does_not_call_itself_exact(shelf: Shelf) -> None:
    numbers = range(1_200)
    shelf.put(
        "Shirt", category_ids=[UUID(int=1 + number) for number in numbers],
        attributes={"material": [f"m{number}" for number in numbers]},
    )  # fmt: skip
    categories, materials = shelf.ask("shirt", facets=Facets(category=True, attributes=("material",))).facets
    assert (len(categories.counts), categories.is_exact) == (1_200, True)
    assert materials.is_exact is (len(materials.counts) == 1_200)


@pytest.mark.parametrize("order", list(Order))
def test_pages_neither_repeat_nor_skip_in_any_order(shelf: Shelf, documents: list[Document], order: Order) -> None:
    def page(offset: int, size: int) -> list[object]:
        found = shelf.ask("mug", channel_id=shelves.EU, order=order, offset=offset, size=size)
        assert found.level == "exact"
        return [hit.product_id for hit in found.hits]

    whole = page(0, 200)
    assert [each for offset in range(0, 120, 7) for each in page(offset, 7)] == whole
    assert len({*whole}) == len(whole) > 60


def test_pins_stand_first_in_a_long_list_and_what_is_hidden_is_not_in_it(
    shelf: Shelf, documents: list[Document]
) -> None:
    def found(**rules: object) -> list[UUID]:
        return [hit.product_id for hit in shelf.ask("mug", channel_id=shelves.EU, size=200, **rules).hits]

    plain = found()
    pinned = (plain[-1], plain[-2])
    assert found(pins=pinned, hides=(plain[0],)) == [*pinned, *plain[1:-2]]


def test_lists_are_in_the_order_that_was_asked_for(shelf: Shelf, documents: list[Document]) -> None:
    by_id = {each.product_id: each for each in documents}

    def listed(order: Order, **chosen: object) -> list[Document]:
        found = shelf.ask(channel_id=shelves.EU, order=order, size=200, filters=Filters(**chosen))  # type: ignore[arg-type]
        return [by_id[hit.product_id] for hit in found.hits]

    def prices_of(found: list[Document], chosen: Filters = EVERYTHING) -> list[int]:
        of_product = {
            document.product_id: min(offer.price for offer in offers)
            for document, offers in shelves.Judge(documents, chosen).fitting()
        }
        return [of_product[each.product_id] for each in found]

    assert (cheapest := prices_of(listed(Order.CHEAPEST))) == sorted(cheapest)
    assert (dearest := prices_of(listed(Order.DEAREST))) == sorted(dearest, reverse=True)
    assert len(cheapest) == len(dearest) > 60
    # By the price of what was chosen, not of what else there is.
    red = Filters(options=(Chosen("colour", ("Red",)),))
    prices = prices_of(listed(Order.CHEAPEST, options=red.options), red)
    assert prices == sorted(prices) and len(prices) > 20
    newest = [each.published_at for each in listed(Order.NEWEST)]
    assert newest == sorted(newest, reverse=True)
    popular = [each.signals.popularity for each in listed(Order.POPULAR)]
    assert popular == sorted(popular, reverse=True)
    assert [each.title for each in listed(Order.TITLE)] == sorted(each.title for each in listed(Order.TITLE))


def test_price_ranges_follow_prices_that_change_between_two_searches(shelf: Shelf) -> None:
    ask = Facets(price=True)
    first = shelf.put("Mug", offers=[offer(price=1_000)])
    shelf.put("Beaker", offers=[offer(price=2_000)])

    def ranges() -> list[tuple[int, int | None, int]]:
        (found,) = shelf.ask(facets=ask).facets
        return [(each.low, each.high, each.count) for each in found.ranges]

    before = ranges()
    assert before == ranges()
    assert sum(count for _, _, count in before) == 2
    shelf.store(document("Mug", product_id=first, version=2, offers=[offer(price=90_000)]))
    after = ranges()
    assert (after[0][0] <= 2_000, after[-1][0] <= 90_000, after[-1][1]) == (True, True, None)
    assert sum(count for _, _, count in after) == 2
    assert after != before
    assert after == ranges()
