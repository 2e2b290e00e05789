"""Shoppers teach synonyms: what they searched for in vain, and what they clicked then."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import ids
from shopwright.listeners.search.curation import curated
from shopwright.listeners.search.curation.bodies import LONGEST_TEXT
from shopwright.listeners.search.learning import journal
from tests.listeners.search.conftest import index
from tests.listeners.search.learning.conftest import looks_for, tells
from tests.make import staff_headers
from tests.shopping import Buyer, Shop, make_shop

PATH = "/v1/admin/search/proposals"


@pytest.fixture
def market(client: FlaskClient) -> Shop:
    curated.forget()
    shop = make_shop()
    shop.product(title="Hair dryer")
    index()
    return shop


def rephrases(client: FlaskClient, market: Shop, vain: str, then: str) -> None:
    buyer = Buyer(client, market)
    buyer.opens_a_cart()
    looks_for(buyer, vain)
    found = looks_for(buyer, then)
    hit = found["items"][0]["id"]
    tells(buyer, {"search_id": found["search_id"], "kind": "click", "product_id": hit, "place": 1})
    journal.write_down()


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
