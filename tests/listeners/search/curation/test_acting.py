"""What a merchant said acts on the lists that shoppers see, at once and without a new index."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import pytest

from shopwright.commerce.catalog import categories
from shopwright.kit import ids
from shopwright.kit.db import is_reading
from shopwright.kit.transaction import transaction
from shopwright.listeners.search import engines
from shopwright.listeners.search.backend import Ask, Found, SearchBackend
from tests.listeners.search.conftest import Find, Shop, index, titles
from tests.listeners.search.curation.conftest import Merchant

TRY = "/v1/admin/search/preview"
LAMPS = [f"Desk lamp {number}" for number in range(1, 8)]


@pytest.fixture
def lamps(shop: Shop) -> dict[str, UUID]:
    """Seven that are called alike, and a shade."""
    made = {title: shop.sells(title, 1000 + 100 * place)[0] for place, title in enumerate([*LAMPS, "Shade"])}
    index()
    return made


@pytest.fixture
def everything(find: Find) -> Callable[..., list[str]]:
    """The titles of all pages."""

    def pages(q: str, **more: Any) -> list[str]:
        found = find(q, limit=3, **more)
        said = titles(found)
        while found["next_cursor"]:
            found = find(q, limit=3, cursor=found["next_cursor"], **more)
            said += titles(found)
        return said

    return pages


def test_synonyms_find_what_is_called_otherwise(merchant: Merchant, find: Find, lamps: dict[str, UUID]) -> None:
    assert titles(find("table light")) == []
    added = merchant.adds({"kind": "synonyms", "locale": "en", "words": ["table light", "desk lamp"]})
    found = find("table light")
    assert (sorted(titles(found)), found["query"]["level"]) == (LAMPS, "synonyms")
    merchant.removes(added["id"])
    assert titles(find("table light")) == []


def test_synonyms_of_one_are_met_by_several(merchant: Merchant, shop: Shop, find: Find) -> None:
    shop.sells("Corner sofa")
    index()
    assert titles(find("couches")) == []
    merchant.adds({"kind": "synonyms", "locale": "en", "words": ["couch", "sofa"]})
    found = find("couches")
    assert (titles(found), found["query"]["level"]) == (["Corner sofa"], "synonyms")


def test_pins_stand_first_and_nothing_comes_twice(
    merchant: Merchant, everything: Callable[..., list[str]], find: Find, lamps: dict[str, UUID]
) -> None:
    pinned = ["Shade", "Desk lamp 6"]
    rule = merchant.rules({"query": "lamp"}, {"kind": "pin", "product_ids": [str(lamps[title]) for title in pinned]})
    said = everything("lamp")
    assert said[:2] == pinned
    assert sorted(said) == sorted([*LAMPS, "Shade"])
    assert find("lamp")["rules"] == [rule]
    # A filter that does not hold for it leaves it out, and another order is the shopper's own.
    assert "Shade" not in everything("lamp", price_max=1600)
    assert everything("lamp", sort="price")[0] == "Desk lamp 1"


def test_what_is_hidden_is_in_no_page_and_no_count(
    merchant: Merchant, everything: Callable[..., list[str]], find: Find, lamps: dict[str, UUID]
) -> None:
    merchant.rules({"query": "lamp"}, {"kind": "hide", "product_ids": [str(lamps["Desk lamp 3"])]})
    assert sorted(everything("lamp")) == sorted(set(LAMPS) - {"Desk lamp 3"})
    assert find("lamp")["total"] == 6


def test_a_boost_lifts_and_a_small_one_buries(
    merchant: Merchant, everything: Callable[..., list[str]], lamps: dict[str, UUID]
) -> None:
    merchant.rules(
        {"query": "lamp"},
        {"kind": "boost", "factor": 3, "product_ids": [str(lamps["Desk lamp 5"])]},
        {"kind": "boost", "factor": 0.1, "product_ids": [str(lamps["Desk lamp 1"])]},
    )
    said = everything("lamp")
    assert (said[0], said[-1]) == ("Desk lamp 5", "Desk lamp 1")


def test_no_boost_lifts_over_a_better_match(merchant: Merchant, shop: Shop, find: Find) -> None:
    exact, _ = shop.sells("Kettle")
    nearly, _ = shop.sells("Ketle")
    index()
    merchant.rules({"query": "kettle"}, {"kind": "boost", "factor": 10, "product_ids": [str(nearly)]})
    assert find("kettle")["items"][0]["id"] == str(exact)


def test_rules_for_a_category_lead_its_list_without_words(merchant: Merchant, shop: Shop, find: Find) -> None:
    with transaction():
        category = categories.create_category(title="Light", slug="light")
    made = {title: shop.sells(title, category_ids=[category.id])[0] for title in ["First", "Second", "Third"]}
    index()
    merchant.rules(
        {"category_id": str(category.id)},
        {"kind": "pin", "product_ids": [str(made["Third"])]},
        {"kind": "boost", "factor": 5, "product_ids": [str(made["Second"])]},
    )
    assert titles(find(category="light")) == ["Third", "Second", "First"]
    assert titles(find(category="light", sort="title")) == ["First", "Second", "Third"]


def test_a_rule_is_met_by_all_words_of_a_query_also_those_of_prices(
    merchant: Merchant, find: Find, lamps: dict[str, UUID]
) -> None:
    rule = merchant.rules({"query": "lamp under 15"}, {"kind": "banner", "text": "Cheap!"})
    assert find("lamp under 15")["rules"] == [rule]
    assert find("lamp")["rules"] == []


def test_a_rule_for_one_acts_on_a_query_for_several_unless_that_has_a_rule_of_its_own(
    merchant: Merchant, find: Find, lamps: dict[str, UUID]
) -> None:
    one = merchant.rules({"query": "desk lamp"}, {"kind": "banner", "text": "One lamp"})
    assert [find(query)["rules"] for query in ("desk lamp", "desk lamps", "lamps")] == [[one], [one], []]
    several = merchant.rules({"query": "desk lamps"}, {"kind": "banner", "text": "Lamps"}, priority=200)
    assert [find(query)["rules"] for query in ("desk lamp", "desk lamps")] == [[one], [several]]
    assert find("desk lamps")["banners"] == [{"text": "Lamps", "url": None}]


def test_another_query_is_searched_for_instead(merchant: Merchant, find: Find, lamps: dict[str, UUID]) -> None:
    merchant.rules({"query": "luminaire"}, {"kind": "replace", "query": "lamp"})
    assert sorted(titles(find("luminaire"))) == LAMPS


def test_a_redirect_leads_away_and_banners_are_shown(merchant: Merchant, find: Find, lamps: dict[str, UUID]) -> None:
    merchant.rules({"query": "returns"}, {"kind": "redirect", "url": "/help/returns"})
    merchant.rules({"query": "lamp"}, {"kind": "banner", "text": "<b>Sale</b>", "url": "/sale"})
    led = find("returns")
    assert (led["redirect"], led["items"], led["query"]["did_you_mean"]) == ("/help/returns", [], None)
    assert find("lamp")["banners"] == [{"text": "<b>Sale</b>", "url": "/sale"}]
    assert find("shade")["banners"] == []


def test_a_preview_shows_both_lists_and_changes_nothing(
    merchant: Merchant, shop: Shop, find: Find, lamps: dict[str, UUID]
) -> None:
    before = titles(find("lamp"))
    pin = {"kind": "pin", "product_ids": [str(lamps["Shade"])]}
    rule = {"kind": "rule", "name": "x", "when": {"query": "lamp"}, "actions": [pin]}
    body = {"q": "lamp", "channel": shop.eu.code, "locale": "en", "says": rule}
    shown = merchant.sends("POST", TRY, body)
    assert shown.status_code == 200, shown.text
    lists = shown.get_json()
    assert [hit["title"] for hit in lists["before"]] == before
    assert [hit["title"] for hit in lists["after"]] == ["Shade", *before]
    assert [hit["other_place"] for hit in lists["after"]] == [None, *range(1, 8)]
    assert titles(find("lamp")) == before

    standing = merchant.adds(rule)
    removal = merchant.sends("POST", TRY, body | {"says": None, "instead_of": standing["id"]})
    assert [hit["title"] for hit in removal.get_json()["after"]] == before


class Watched:
    """PostgreSQL as an engine of its own, which sees how it is asked."""

    name = "watched"

    def __init__(self) -> None:
        self.was_reading: list[bool] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(engines.postgres, name)

    def search(self, ask: Ask) -> Found:
        self.was_reading.append(is_reading())
        return engines.postgres.search(ask)


def test_no_transaction_waits_for_an_engine_while_something_is_tried(
    merchant: Merchant, shop: Shop, lamps: dict[str, UUID]
) -> None:
    body = {"q": "lamp", "channel": shop.eu.code, "locale": "en", "says": None}
    watched = Watched()
    engines.use(cast(SearchBackend, watched))
    try:
        key = str(ids.new())
        shown, again = (merchant.sends("POST", TRY, body, **{"Idempotency-Key": key}) for _ in range(2))
    finally:
        engines.use(None)
    assert (shown.status_code, watched.was_reading) == (200, [True, True])
    assert (again.status_code, again.get_json()) == (200, shown.get_json())


def test_an_explanation_says_why_a_hit_stands_where_it_does(
    merchant: Merchant, shop: Shop, lamps: dict[str, UUID]
) -> None:
    rule = merchant.rules(
        {"query": "desk lamp"},
        {"kind": "pin", "product_ids": [str(lamps["Shade"])]},
        {"kind": "boost", "factor": 2, "product_ids": [str(lamps["Desk lamp 2"])]},
    )
    path = f"/v1/admin/search/explain?q=desk+lamp&channel={shop.eu.code}&locale=en"
    said = merchant.sends("GET", path).get_json()
    assert (said["level"], said["rules"], said["terms"]) == ("exact", [rule], [["desk"], ["lamp"]])
    first, second = said["items"][:2]
    assert (first["title"], first["is_pinned"], first["fields"]) == ("Shade", True, {"desk": [], "lamp": []})
    assert (second["title"], second["boosts"], second["tier"]) == ("Desk lamp 2", [2.0], "exact")
    assert second["fields"]["lamp"] == ["title"]
    assert second["score"] > said["items"][2]["score"]
