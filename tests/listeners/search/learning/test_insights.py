"""What searches lead to is known afterwards, and money only from orders."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.transaction import reading
from shopwright.listeners.search.learning import journal
from shopwright.listeners.search.learning.models import SearchAsked
from tests.listeners.search.conftest import index
from tests.listeners.search.curation.conftest import Merchant
from tests.listeners.search.learning.conftest import clicks_on, insights, looks_for, tells
from tests.make import make_channel, staff_headers
from tests.shopping import SHIPPING_PRICE, Buyer, Shop

PRICE = 1900


def test_a_search_a_click_and_an_order_are_counted(client: FlaskClient, market: Shop) -> None:
    variant = market.product(price=PRICE, title="Red mug")
    index()
    buyer = Buyer(client, market)
    buyer.opens_a_cart()
    found = looks_for(buyer, "red mug")
    product = found["items"][0]["id"]
    looks_for(buyer, "unicorn saddle")
    click = {"search_id": found["search_id"], "kind": "click", "product_id": product, "place": 1}
    added = click | {"kind": "add_to_cart", "cart_id": buyer.cart["id"]}
    assert tells(buyer, click, added) == 202
    buyer.takes(variant, 2)
    buyer.says_who_and_where()
    journal.write_down()
    buyer.orders()

    said = insights(client, market)
    assert (said["searches"], said["no_result_rate"], said["ctr"], said["mrr"]) == (2, 0.5, 0.5, 0.5)
    assert (said["add_to_cart_rate"], said["refinement_rate"]) == (0.5, 0.5)
    assert said["revenue"] == {"amount": 2 * PRICE, "currency": "EUR"}
    assert said["revenue_per_search"] == {"amount": PRICE, "currency": "EUR"}


def test_what_was_given_back_is_no_revenue(client: FlaskClient, market: Shop) -> None:
    variant = market.product(price=PRICE, title="Red mug")
    index()
    buyer = Buyer(client, market)
    buyer.opens_a_cart()
    found = looks_for(buyer, "red mug")
    added = clicks_on(found, found["items"][0]["id"]) | {"kind": "add_to_cart", "cart_id": buyer.cart["id"]}
    tells(buyer, added)
    buyer.takes(variant, 2)
    buyer.says_who_and_where()
    journal.write_down()
    total = buyer.orders()["total"]["amount"]
    payment = buyer.pays()
    assert (total, insights(client, market)["revenue"]["amount"]) == (2 * PRICE + SHIPPING_PRICE, 2 * PRICE)

    refunds(client, payment["id"], 1000)
    # Of 1000 given back 885 are for the mugs, and 115 for their way.
    assert insights(client, market)["revenue"]["amount"] == 2 * PRICE - 885
    refunds(client, payment["id"], total - 1000)
    assert insights(client, market)["revenue"]["amount"] == 0


def refunds(client: FlaskClient, payment_id: str, amount: int) -> None:
    headers = staff_headers(Permission.ORDERS_REFUND) | {"Idempotency-Key": str(ids.new())}
    body = {"amount": amount, "reason": "It broke."}
    refunded = client.post(f"/v1/admin/payments/{payment_id}/refunds", json=body, headers=headers)
    assert refunded.status_code == 201, refunded.text


def test_only_other_words_in_the_same_language_and_channel_refine_a_search(
    client: FlaskClient, market: Shop, shopper: Buyer
) -> None:
    looks_for(shopper, "mug")
    looks_for(shopper, "Becher", locale="de")
    looks_for(shopper, "cup", channel=make_channel(currency="USD", countries=["US"]).code)
    assert insights(client, market)["refinement_rate"] == 0
    looks_for(shopper, "pot")
    assert insights(client, market, locale="en")["refinement_rate"] == 0.5


def test_pages_are_one_search_and_a_list_without_words_is_none(client: FlaskClient, market: Shop) -> None:
    for _ in range(3):
        market.product(title="Blue mug")
    index()
    buyer = Buyer(client, market)
    buyer.opens_a_cart()
    first = looks_for(buyer, "mug", limit=2)
    second = looks_for(buyer, "mug", limit=2, cursor=first["next_cursor"])
    assert second["search_id"] == first["search_id"]
    looks_for(buyer, "")
    assert insights(client, market)["searches"] == 1


def test_what_fewer_than_three_shoppers_typed_is_in_no_list(client: FlaskClient, market: Shop) -> None:
    for number, words in enumerate(["ada@example.com", "unicorn saddle", "unicorn saddle", "unicorn saddle"]):
        buyer = Buyer(client, market)
        buyer.opens_a_cart()
        looks_for(buyer, words)
        if number == 1:
            looks_for(buyer, words)
    said = insights(client, market, "insights/queries", only_without_results="true")["items"]
    assert [(each["words"], each["searches"], each["no_result_rate"]) for each in said] == [("unicorn saddle", 4, 1)]


@pytest.mark.parametrize(
    "query", [{"until": "0001-01-02T00:00:00Z"}, {"since": "9999-12-31T00:00:00Z"}, {"since": "2026-01-01T00:00:00"}]
)
def test_a_span_that_is_none_is_refused(client: FlaskClient, market: Shop, query: dict[str, str]) -> None:
    answer = client.get("/v1/admin/search/insights", query_string=query, headers=staff_headers(Permission.SEARCH_READ))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "validation-failed")


def test_one_shopper_of_several_weeks_is_not_several(client: FlaskClient, market: Shop, shopper: Buyer) -> None:
    for week in range(3):
        with clock.held_at(clock.now() + timedelta(weeks=week)):
            looks_for(shopper, "ada lovelace")
    with clock.held_at(clock.now() + timedelta(weeks=3)):
        assert insights(client, market, "insights/queries")["items"] == []


def test_a_shopper_cannot_be_followed_to_the_next_week(client: FlaskClient, shopper: Buyer) -> None:
    looks_for(shopper, "mug")
    looks_for(shopper, "cup")
    with clock.held_at(clock.now() + timedelta(weeks=1)):
        looks_for(shopper, "pot")
    journal.write_down()
    with reading():
        seen = {row.words: row.visitor for row in session.query(SearchAsked).all()}
    assert seen["mug"] == seen["cup"] != seen["pot"]
    assert shopper.cart["token"].encode() not in seen["mug"]


def test_who_was_led_elsewhere_found_something(client: FlaskClient, market: Shop) -> None:
    market.product(title="Blue mug")
    index()
    Merchant(client).rules({"query": "returns"}, {"kind": "redirect", "url": "/help"})
    for _ in range(3):
        buyer = Buyer(client, market)
        buyer.opens_a_cart()
        looks_for(buyer, "returns")
        found = looks_for(buyer, "mug")
        tells(buyer, clicks_on(found, found["items"][0]["id"]))
        looks_for(buyer, "unicorn saddle")
    said = insights(client, market)
    assert (said["searches"], said["no_result_rate"], said["ctr"], said["mrr"]) == (9, 0.5, 0.5, 0.5)
    in_vain = insights(client, market, "insights/queries", only_without_results="true")["items"]
    assert [each["words"] for each in in_vain] == ["unicorn saddle"]
    of_all = {each["words"]: each for each in insights(client, market, "insights/queries")["items"]}
    assert (of_all["returns"]["searches"], of_all["returns"]["no_result_rate"]) == (3, 0)
    assert insights(client, market, "proposals")["items"] == []
