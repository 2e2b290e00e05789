"""Lists and pages at the prices of a group or of one customer."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from shopwright.commerce.accounts import groups
from shopwright.commerce.accounts.models import Customer
from shopwright.commerce.catalog.drafts import OptionDraft, VariantDraft
from shopwright.commerce.inventory import stock
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.pricing import lists
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.rules import Groups, Kind, Percentage
from shopwright.commerce.storefront import tasks, walks
from shopwright.kit import clock, outbox
from shopwright.kit.transaction import transaction
from tests.commerce.storefront.conftest import Shop
from tests.make import customer_headers, make_customer, make_price_list, make_product_on_sale, make_promotion

HALF = Percentage(ppm=500_000)


def follow() -> None:
    outbox.drain()
    tasks.follow_promotions()


def product(shop: Shop, amount: int, title: str) -> tuple[UUID, UUID]:
    product_id, (variant,) = make_product_on_sale({shop.eu: amount}, on_hand={shop.berlin: 5}, title=title)
    return product_id, variant


def a_group(name: str, *members: Customer) -> UUID:
    with transaction():
        group = groups.create_group(name)
        for member in members:
            groups.put_in(member.id, [*(each.id for each in groups.of_customer(member.id)), group.id])
    return group.id


def shown(client: FlaskClient, shop: Shop, who: Customer | None, **asked: Any) -> list[tuple[str, int]]:
    headers = customer_headers(who) if who else {}
    answer = client.get(
        "/v1/products", query_string={"channel": shop.eu.code, "sort": "price"} | asked, headers=headers
    )
    return [(item["title"], item["price"]["amount"]) for item in answer.get_json()["items"]]


def test_members_of_a_group_see_sort_and_filter_by_their_prices_and_nobody_else_does(
    shop: Shop, client: FlaskClient
) -> None:
    _, dear = product(shop, 3000, "Dear")
    product(shop, 2000, "Cheap")
    ada, bob = make_customer(), make_customer()
    made = make_price_list(shop.eu, (dear, 1, 1000), group_id=a_group("Resellers", ada))
    follow()
    assert shown(client, shop, ada) == [("Dear", 1000), ("Cheap", 2000)]
    assert shown(client, shop, ada, price_max=1500) == [("Dear", 1000)]
    for other in (None, bob):
        assert shown(client, shop, other) == [("Cheap", 2000), ("Dear", 3000)]
    product(shop, 500, "New")
    outbox.drain()
    assert shown(client, shop, ada) == [("New", 500), ("Dear", 1000), ("Cheap", 2000)]
    with transaction():
        lists.change_list(made.id, {"is_active": False})
    follow()
    assert shown(client, shop, ada) == [("New", 500), ("Cheap", 2000), ("Dear", 3000)]


def test_before_the_walk_is_through_cards_say_the_own_price_and_none_is_missing(
    shop: Shop, client: FlaskClient
) -> None:
    _, dear = product(shop, 3000, "Dear")
    product(shop, 2000, "Cheap")
    ada = make_customer()
    outbox.drain()
    make_price_list(shop.eu, (dear, 1, 1000), group_id=a_group("Resellers", ada))
    assert shown(client, shop, ada) == [("Cheap", 2000), ("Dear", 1000)]


def test_a_catalog_promotion_for_a_group_is_shown_to_it_on_lists_and_pages(shop: Shop, client: FlaskClient) -> None:
    product(shop, 2000, "Mug")
    ada = make_customer()
    sale = make_promotion(HALF, Groups(any_of=(a_group("Club", ada),)), kind=Kind.CATALOG)
    follow()
    page = f"/v1/products/mug?channel={shop.eu.code}"
    mine, anybodys = client.get(page, headers=customer_headers(ada)), client.get(page)
    assert (mine.json["price"]["amount"], mine.json["compare_at_price"]["amount"]) == (1000, 2000)
    assert (anybodys.json["price"]["amount"], anybodys.json["compare_at_price"]) == (2000, None)
    assert (shown(client, shop, ada), shown(client, shop, None)) == ([("Mug", 1000)], [("Mug", 2000)])
    with transaction():
        promotions.end_promotion(sale.id)
    follow()
    assert shown(client, shop, ada) == [("Mug", 2000)]


def test_prices_of_ones_own_stay_out_of_shared_caches(shop: Shop, client: FlaskClient) -> None:
    _, mug = product(shop, 2000, "Mug")
    ada, bob = make_customer(), make_customer()
    make_price_list(shop.eu, (mug, 1, 1500), customer_id=ada.id)
    follow()
    for path in (f"/v1/products/mug?channel={shop.eu.code}", f"/v1/products?channel={shop.eu.code}"):
        answers = [client.get(path, headers=customer_headers(who) if who else {}) for who in (ada, bob, None)]
        assert [answer.headers["Cache-Control"] for answer in answers] == [
            "private, no-cache", "public, s-maxage=1", "public, s-maxage=1",
        ]  # fmt: skip
        assert {answer.headers["Vary"] for answer in answers} == {"Authorization"}
        assert answers[1].data == answers[2].data != answers[0].data
    assert shown(client, shop, ada) == [("Mug", 1500)]


def test_a_member_of_two_groups_sees_the_price_that_the_cart_asks(shop: Shop, client: FlaskClient) -> None:
    _, mug = product(shop, 2000, "Mug")
    ada = make_customer()
    first, second = a_group("A", ada), a_group("B", ada)
    make_price_list(shop.eu, (mug, 1, 1800), group_id=first, priority=9)
    make_price_list(shop.eu, (mug, 1, 1700), group_id=second, priority=1)
    follow()
    assert shown(client, shop, ada) == [("Mug", 1700)]


def test_a_group_that_gets_prices_while_a_walk_is_under_way_waits_for_the_next(shop: Shop, client: FlaskClient) -> None:
    _, mug = product(shop, 2000, "Mug")
    product(shop, 1000, "Cup")
    outbox.drain()
    ada = make_customer()
    group = a_group("A", ada)
    with transaction():
        walks.begin()
    make_price_list(shop.eu, (mug, 1, 500), group_id=group)
    is_under_way = True
    while is_under_way:
        with transaction():
            is_under_way = walks.go_on()
    # Only what the walk listed after the list was made is listed for the group: it is not looked at yet.
    assert shown(client, shop, ada) == [("Cup", 1000), ("Mug", 500)]
    follow()
    assert shown(client, shop, ada) == [("Mug", 500), ("Cup", 1000)]


def test_a_list_that_another_is_based_on_ends_by_its_date(shop: Shop, client: FlaskClient) -> None:
    _, mug = product(shop, 2000, "Mug")
    end = clock.now() + timedelta(hours=1)
    base = make_price_list(shop.eu, (mug, 1, 400), customer_id=make_customer().id, ends_at=end)
    make_price_list(shop.eu, based_on_id=base.id, adjust_ppm=0)
    follow()
    assert shown(client, shop, None) == [("Mug", 400)]
    with clock.held_at(end):
        follow()
        assert shown(client, shop, None) == [("Mug", 2000)]


def test_a_list_that_prices_what_is_in_stock_makes_it_available(shop: Shop, client: FlaskClient) -> None:
    options = [OptionDraft(name="Size", values=["S", "XL"])]
    drafts = [VariantDraft(option_values=["S"]), VariantDraft(option_values=["XL"])]
    _, (_, large) = make_product_on_sale({shop.eu: 1000}, title="Shirt", options=options, variants=drafts)
    with transaction():
        pricing.remove_price(large, shop.eu.id)
        stock.set_count(large, shop.berlin, 3, Reason.RECEIPT)
    follow()

    def available() -> list[tuple[str, int]]:
        return shown(client, shop, None, available="true")

    assert (shown(client, shop, None), available()) == ([("Shirt", 1000)], [])
    end = clock.now() + timedelta(hours=1)
    make_price_list(shop.eu, (large, 1, 700), ends_at=end)
    follow()
    assert available() == [("Shirt", 700)]
    with clock.held_at(end):
        follow()
        assert (shown(client, shop, None), available()) == ([("Shirt", 1000)], [])


def test_a_list_for_a_group_begins_and_ends_by_its_dates(shop: Shop, client: FlaskClient) -> None:
    _, mug = product(shop, 2000, "Mug")
    product(shop, 1500, "Cup")
    ada, start = make_customer(), clock.now() + timedelta(hours=1)
    make_price_list(
        shop.eu, (mug, 1, 100), group_id=a_group("A", ada), starts_at=start, ends_at=start + timedelta(hours=1)
    )
    for moment, wanted in (
        (start - timedelta(minutes=1), [("Cup", 1500), ("Mug", 2000)]), (start, [("Mug", 100), ("Cup", 1500)]),
        (start + timedelta(hours=1), [("Cup", 1500), ("Mug", 2000)]),
    ):  # fmt: skip
        with clock.held_at(moment):
            follow()
            assert shown(client, shop, ada) == wanted
