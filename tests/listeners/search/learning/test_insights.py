"""What searches lead to is known afterwards, and money only from orders."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shopwright.commerce.accounts import tokens
from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import cache, clock, ids, web
from shopwright.kit.db import session
from shopwright.kit.edge import Edge
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search.learning import journal
from shopwright.listeners.search.learning.models import SearchAsked, SearchTold
from shopwright.listeners.search.learning.routes import routes
from shopwright.settings import Settings
from tests.listeners.search.conftest import index
from tests.listeners.search.curation.conftest import Merchant
from tests.make import make_channel, make_product_on_sale, staff_headers
from tests.shopping import SHIPPING_PRICE, Buyer, Shop, make_shop

PRICE = 1900


@pytest.fixture
def market(client: FlaskClient) -> Shop:
    return make_shop()


@pytest.fixture
def shopper(client: FlaskClient, market: Shop) -> Buyer:
    buyer = Buyer(client, market)
    buyer.opens_a_cart()
    return buyer


def looks_for(buyer: Buyer, q: str, **more: Any) -> dict[str, Any]:
    query = {"q": q, "channel": buyer.shop.channel.code, "locale": "en", **more}
    answer = buyer.client.get("/v1/search", query_string=query, headers={"Cart-Token": buyer.cart["token"]})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def tells(buyer: Buyer, *events: dict[str, Any]) -> int:
    answer = buyer.client.post("/v1/search/events", json={"events": list(events)})
    return int(answer.status_code)


def insights(client: FlaskClient, market: Shop, path: str = "insights", **query: Any) -> dict[str, Any]:
    journal.write_down()
    answer = client.get(
        f"/v1/admin/search/{path}", query_string={"channel": market.channel.code, **query},
        headers=staff_headers(Permission.SEARCH_READ),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


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


def test_what_is_told_twice_counts_once_and_an_invented_search_never(client: FlaskClient, market: Shop) -> None:
    market.product(title="Blue mug")
    index()
    buyer = Buyer(client, market)
    buyer.opens_a_cart()
    found = looks_for(buyer, "mug")
    click = {"search_id": found["search_id"], "kind": "click", "product_id": found["items"][0]["id"], "place": 1}
    invented = click | {"search_id": str(ids.new())}
    for _ in range(3):
        assert tells(buyer, click, invented) == 202
        journal.write_down()
    with reading():
        assert len(session.query(SearchTold).all()) == 1
    assert insights(client, market)["ctr"] == 1


def test_a_batch_that_was_written_and_not_taken_off_is_not_written_twice(client: FlaskClient, market: Shop) -> None:
    entry = journal.Asked(
        search_id=ids.new(), at=clock.now(), channel_id=market.channel.id, locale="en", text="mug", words="mug",
        level="exact", total=1,
    )  # fmt: skip
    for _ in range(2):
        journal.note(entry)
        assert journal.write_down() == 1
    with reading():
        assert len(session.query(SearchAsked).all()) == 1


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "purchase"},
        {"place": 0},
        {"product_id": "x"},
        {"revenue": 100},
    ],
)
def test_what_is_no_event_is_refused(shopper: Buyer, event: dict[str, Any]) -> None:
    click = {"search_id": str(ids.new()), "kind": "click", "product_id": str(ids.new()), "place": 1}
    assert tells(shopper, click | event) == 422
    assert tells(shopper, *[click] * 51) == 422


def test_without_redis_searching_goes_on(
    client: FlaskClient, market: Shop, shopper: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.product(title="Blue mug")
    index()
    monkeypatch.setattr(cache, "_is_reachable", False)
    assert looks_for(shopper, "mug")["total"] == 1


def test_what_fewer_than_three_shoppers_typed_is_in_no_list(client: FlaskClient, market: Shop) -> None:
    for number, words in enumerate(["ada@example.com", "unicorn saddle", "unicorn saddle", "unicorn saddle"]):
        buyer = Buyer(client, market)
        buyer.opens_a_cart()
        looks_for(buyer, words)
        if number == 1:
            looks_for(buyer, words)
    said = insights(client, market, "insights/queries", only_without_results="true")["items"]
    assert [(each["words"], each["searches"], each["no_result_rate"]) for each in said] == [("unicorn saddle", 4, 1)]


def test_searches_are_forgotten(client: FlaskClient, market: Shop, shopper: Buyer) -> None:
    looks_for(shopper, "mug")
    journal.write_down()
    with clock.held_at(clock.now() + journal.KEPT_FOR + timedelta(days=1)), transaction():
        journal.sweep()
    with reading():
        assert session.query(SearchAsked).all() == []


def test_a_text_that_grows_when_it_is_spelled_out_holds_up_nobody(
    client: FlaskClient, market: Shop, shopper: Buyer
) -> None:
    looks_for(shopper, "\ufb2c" * 200)
    looks_for(shopper, "mug")
    assert journal.write_down() == 2
    with reading():
        assert {row.text for row in session.query(SearchAsked).all()} >= {"mug"}
    assert insights(client, market)["searches"] == 2


def test_what_cannot_be_written_is_dropped_alone(market: Shop) -> None:
    good = journal.Asked(
        search_id=ids.new(), at=clock.now(), channel_id=market.channel.id, locale="en", text="mug", words="mug",
        level="exact", total=1,
    )  # fmt: skip
    bad = msgspec.structs.replace(good, search_id=ids.new(), locale="x" * 100)
    journal.note(bad, good)
    cache.redis().xadd(cache.named("search journal"), {"entry": b"nonsense"})
    assert journal.write_down() == 3
    with reading():
        assert [row.search_id for row in session.query(SearchAsked).all()] == [good.search_id]


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


def clicks_on(found: dict[str, Any], product_id: Any, place: int = 1) -> dict[str, Any]:
    return {"search_id": found["search_id"], "kind": "click", "product_id": str(product_id), "place": place}


def told() -> set[str]:
    """The products that are written down as clicked or added."""
    journal.write_down()
    with reading():
        return {str(product_id) for product_id in session.scalars(select(SearchTold.product_id))}


def test_what_the_channel_of_a_search_does_not_show_is_not_counted(
    client: FlaskClient, market: Shop, shopper: Buyer
) -> None:
    market.product(title="Blue mug")
    elsewhere, _ = make_product_on_sale({make_channel(): PRICE}, title="Blue mug of another channel")
    draft, _ = make_product_on_sale({market.channel: PRICE}, title="Blue mug to come", is_published=False)
    index()
    found = looks_for(shopper, "mug")
    (shown,) = (item["id"] for item in found["items"])
    events = [clicks_on(found, each) for each in (ids.new(), elsewhere, draft, shown)]
    assert tells(shopper, *events) == 202
    assert told() == {shown}


def test_of_one_search_a_hundred_hits_are_counted_and_no_more(
    client: FlaskClient, market: Shop, shopper: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert journal.MOST_TOLD == 100
    monkeypatch.setattr(journal, "MOST_TOLD", 3)
    for _ in range(5):
        market.product(title="Blue mug")
    index()
    found = looks_for(shopper, "mug")
    mugs = [item["id"] for item in found["items"]]
    tells(shopper, *(clicks_on(found, mug) for mug in mugs[:2]))
    assert told() == {*mugs[:2]}
    # What is known already takes no room.
    tells(shopper, *(clicks_on(found, mug) for mug in mugs))
    assert told() == {*mugs[:3]}
    another = looks_for(shopper, "blue mug")
    tells(shopper, clicks_on(another, mugs[4]))
    assert told() == {*mugs[:3], mugs[4]}


def test_a_click_that_is_repeated_counts_once_at_its_first_place(
    client: FlaskClient, market: Shop, shopper: Buyer
) -> None:
    for _ in range(2):
        market.product(title="Blue mug")
    index()
    found = looks_for(shopper, "mug")
    looks_for(shopper, "mug")
    second = found["items"][1]["id"]
    tells(shopper, clicks_on(found, second, place=2), clicks_on(found, second, place=1))
    journal.write_down()
    tells(shopper, *[clicks_on(found, second, place=1)] * 50)
    said = insights(client, market)
    assert (said["searches"], said["ctr"], said["mrr"]) == (2, 0.5, 0.25)


def test_nobody_tells_without_end(app: Flask, settings: Settings) -> None:
    slow = Flask("slow")
    limited = msgspec.structs.replace(settings, search_events_per_minute=3)
    web.surround(slow, limited)
    Edge(slow, limited, tokens.authenticate).mount(routes)
    click = {"search_id": str(ids.new()), "kind": "click", "product_id": str(ids.new()), "place": 1}
    with slow.test_client() as client:
        answers = [client.post("/v1/search/events", json={"events": [click]}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert answers[3].headers["RateLimit-Policy"] == '"search-events";q=3;w=60'


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
