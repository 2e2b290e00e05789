"""Shoppers teach synonyms: what they searched for in vain, and what they clicked then."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import ids
from shopwright.listeners.search.curation import curated
from shopwright.listeners.search.curation.bodies import LONGEST_TEXT
from shopwright.listeners.search.learning import journal
from tests.listeners.search.conftest import index
from tests.listeners.search.curation.conftest import Merchant
from tests.listeners.search.learning.conftest import clicks_on, looks_for, tells
from tests.listeners.search.learning.test_insights import refunds
from tests.make import staff_headers
from tests.shopping import Buyer, Shop, make_shop

PATH = "/v1/admin/search/proposals"


@pytest.fixture
def market(client: FlaskClient) -> Shop:
    curated.forget()
    shop = make_shop()
    shop.product(title="Hair dryer", stock_of=100)
    index()
    return shop


def rephrases(client: FlaskClient, market: Shop, vain: str, then: str, **more: Any) -> None:
    buyer, found = finds_at_last(client, market, vain, then)
    buys(buyer, found["items"][0], **more)


def finds_at_last(client: FlaskClient, market: Shop, vain: str, then: str) -> tuple[Buyer, dict[str, Any]]:
    """A new shopper, who puts the first hit of the second search into a cart."""
    buyer = Buyer(client, market)
    buyer.opens_a_cart()
    looks_for(buyer, vain)
    found = looks_for(buyer, then)
    click = clicks_on(found, found["items"][0]["id"])
    tells(buyer, click, click | {"kind": "add_to_cart", "cart_id": buyer.cart["id"]})
    journal.write_down()
    return buyer, found


def buys(buyer: Buyer, hit: dict[str, Any], email: str | None = None, *, pays: bool = True) -> None:
    buyer.takes(UUID(hit["variant"]["id"]))
    buyer.says_who_and_where(email or f"{ids.new()}@example.com")
    buyer.orders()
    if pays:
        buyer.pays()


def proposals(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get(PATH, headers=staff_headers(Permission.SEARCH_READ))
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["items"])


def test_what_three_shoppers_rephrased_is_proposed_and_accepted_by_one_call(client: FlaskClient, market: Shop) -> None:
    for _ in range(2):
        rephrases(client, market, "blow drier", "hair dryer")
    assert proposals(client) == []
    rephrases(client, market, "blow drier", "hair dryer")
    (proposal,) = proposals(client)
    assert (proposal["words"], proposal["finds"], proposal["shoppers"]) == ("blow drier", "hair dryer", 3)

    headers = staff_headers(Permission.SEARCH_WRITE)
    accepted = client.post(f"{PATH}/{proposal['id']}/accept", headers=headers)
    assert accepted.status_code == 201, accepted.text
    assert accepted.get_json()["says"] == {
        "kind": "synonyms", "locale": "en", "words": ["blow drier"], "finds": ["hair dryer"]
    }  # fmt: skip
    assert proposals(client) == []
    for _ in range(3):
        rephrases(client, market, "blow driers", "hair dryer")
    assert proposals(client) == []
    buyer = Buyer(client, market)
    buyer.opens_a_cart()
    assert [item["title"] for item in looks_for(buyer, "blow drier")["items"]] == ["Hair dryer"]


def test_any_number_of_carts_that_nobody_pays_for_make_no_proposal(client: FlaskClient, market: Shop) -> None:
    for number in range(10):
        buyer, found = finds_at_last(client, market, "blow drier", "hair dryer")
        if number < 3:
            buys(buyer, found["items"][0], pays=False)
    for _ in range(2):
        rephrases(client, market, "blow drier", "hair dryer")
    assert proposals(client) == []
    rephrases(client, market, "blow drier", "hair dryer")
    (proposal,) = proposals(client)
    assert proposal["shoppers"] == 3


def test_one_person_who_buys_again_and_again_makes_no_proposal(client: FlaskClient, market: Shop) -> None:
    for email in ("ada@example.com", "Ada@Example.com", "ada@example.com", "bob@example.com"):
        rephrases(client, market, "blow drier", "hair dryer", email=email)
    assert proposals(client) == []


def test_one_order_that_is_told_of_many_searches_counts_once(client: FlaskClient, market: Shop) -> None:
    paying, found = finds_at_last(client, market, "blow drier", "hair dryer")
    for _ in range(5):
        _, found = finds_at_last(client, market, "blow drier", "hair dryer")
        bought = {"kind": "add_to_cart", "cart_id": paying.cart["id"]}
        tells(paying, clicks_on(found, found["items"][0]["id"]) | bought)
    journal.write_down()
    buys(paying, found["items"][0])
    assert proposals(client) == []


def test_what_was_given_back_or_is_not_what_was_found_proposes_nothing(client: FlaskClient, market: Shop) -> None:
    market.product(title="Mug")
    index()
    for _ in range(2):
        rephrases(client, market, "blow drier", "hair dryer")
    buyer, found = finds_at_last(client, market, "blow drier", "hair dryer")
    buys(buyer, looks_for(buyer, "mug")["items"][0])
    assert proposals(client) == []
    buyer, found = finds_at_last(client, market, "blow drier", "hair dryer")
    buys(buyer, found["items"][0], pays=False)
    payment = buyer.pays()
    assert len(proposals(client)) == 1
    refunds(client, payment["id"], buyer.order["total"]["amount"])
    assert proposals(client) == []


def test_what_led_elsewhere_was_not_searched_in_vain(client: FlaskClient, market: Shop) -> None:
    Merchant(client).rules({"query": "returns"}, {"kind": "redirect", "url": "/help"})
    for _ in range(3):
        rephrases(client, market, "returns", "hair dryer")
    assert proposals(client) == []


def test_what_is_too_long_for_a_synonym_is_not_proposed(client: FlaskClient, market: Shop) -> None:
    long = " ".join(letter * 30 for letter in "vwxyz")
    longest = f"{'v' * 33} {'w' * 33} {'x' * 32}"
    assert len(longest) == LONGEST_TEXT == 100
    for vain in (long, longest, longest + "x"):
        for _ in range(3):
            rephrases(client, market, vain, "hair dryer")
    (proposal,) = proposals(client)
    assert proposal["words"] == longest
    accepted = client.post(f"{PATH}/{proposal['id']}/accept", headers=staff_headers(Permission.SEARCH_WRITE))
    assert accepted.status_code == 201, accepted.text


def test_a_proposal_that_is_not_there_cannot_be_accepted(client: FlaskClient, market: Shop) -> None:
    refused = client.post(f"{PATH}/{ids.new()}/accept", headers=staff_headers(Permission.SEARCH_WRITE))
    assert (refused.status_code, refused.get_json()["code"]) == (404, "unknown-proposal")
