"""Listings follow promotions of the catalog: when one begins, changes or ends, whoever says so or only its dates."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from shopwright.commerce.catalog import categories
from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.rules import Hours, Kind, Percentage, Products
from shopwright.commerce.storefront import repricing, tasks, walks
from shopwright.commerce.storefront.models import Listing
from shopwright.kit import clock, outbox
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests import sent
from tests.commerce.storefront.conftest import Shop, astray
from tests.make import make_product_on_sale, make_promotion

HALF = Percentage(ppm=500_000)


def listed() -> list[dict[str, Any]]:
    with reading():
        rows = session.execute(select(Listing.__table__).order_by(Listing.product_id, Listing.channel_id)).mappings()
        return [dict(row) for row in rows]


def amounts() -> list[tuple[int, int | None]]:
    return [(row["lowest_amount"], row["compare_at_amount"]) for row in listed()]


def follow() -> None:
    outbox.drain()
    tasks.follow_promotions()


def product(shop: Shop, amount: int, title: str = "A thing") -> UUID:
    return make_product_on_sale({shop.eu: amount}, on_hand={shop.berlin: 5}, title=title)[0]


def test_a_promotion_is_shown_sorted_and_filtered_by_and_leaves_the_listing_as_it_was(
    shop: Shop, client: FlaskClient
) -> None:
    dear, cheap = product(shop, 3000, "Dear"), product(shop, 2000, "Cheap")
    follow()
    before = listed()
    sale = make_promotion(HALF, Products(any_of=(dear,)), kind=Kind.CATALOG)
    follow()
    asked = f"/v1/products?channel={shop.eu.code}&sort=price"
    shown = client.get(asked).get_json()["items"]
    assert [(each["title"], each["price"]["amount"]) for each in shown] == [("Dear", 1500), ("Cheap", 2000)]
    assert shown[0]["compare_at_price"]["amount"] == 3000
    below = client.get(f"{asked}&price_max=1500").get_json()["items"]
    assert [each["id"] for each in below] == [str(dear)]
    page = client.get(f"/v1/products/{shown[0]['slug']}?channel={shop.eu.code}").get_json()
    assert (page["price"]["amount"], page["compare_at_price"]["amount"]) == (1500, 3000)
    with transaction():
        promotions.end_promotion(sale.id)
    follow()
    assert listed() == before
    assert [row["product_id"] for row in before] == sorted([dear, cheap])


def test_a_walk_keeps_the_shelves_of_categories_true(shop: Shop, client: FlaskClient) -> None:
    with transaction():
        mugs = categories.category("Kitchen", "Mugs").id
    dear, cheap = (
        make_product_on_sale({shop.eu: amount}, on_hand={shop.berlin: 1}, title=title, category_ids=[mugs])[0]
        for title, amount in (("Dear", 3000), ("Cheap", 2000))
    )
    follow()
    make_promotion(HALF, Products(any_of=(dear,)), kind=Kind.CATALOG)
    follow()
    shown = client.get(f"/v1/products?channel={shop.eu.code}&category=kitchen&sort=price").get_json()["items"]
    assert [(each["id"], each["price"]["amount"]) for each in shown] == [(str(dear), 1500), (str(cheap), 2000)]
    assert astray() == 0


def test_a_promotion_begins_and_ends_by_its_dates_though_nobody_says_so(shop: Shop) -> None:
    product(shop, 1000)
    now = clock.now()
    make_promotion(HALF, kind=Kind.CATALOG, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2))
    follow()
    assert amounts() == [(1000, None)]
    with clock.held_at(now + timedelta(hours=1, seconds=1)):
        tasks.follow_promotions()
    assert amounts() == [(500, 1000)]
    with clock.held_at(now + timedelta(hours=2, seconds=1)):
        tasks.follow_promotions()
    assert amounts() == [(1000, None)]


def test_a_promotion_that_keeps_hours_opens_and_closes_though_nobody_says_so(shop: Shop) -> None:
    product(shop, 1000)
    noon = clock.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    with clock.held_at(noon - timedelta(seconds=1)):
        make_promotion(HALF, Hours(zone="UTC", from_="12:00", until="13:00"), kind=Kind.CATALOG)
        follow()
        assert amounts() == [(1000, None)]
        for moment, shown in ((noon, (500, 1000)), (noon + timedelta(hours=1), (1000, None))):
            with clock.held_at(moment):
                tasks.follow_promotions()
                assert amounts() == [shown]


def test_nothing_is_walked_when_nothing_began_or_ended(shop: Shop) -> None:
    product(shop, 1000)
    follow()
    with transaction():
        walks.look()
        assert walks.go_on() is False


def test_a_walk_that_was_cut_off_goes_on_and_one_that_was_overtaken_begins_anew(shop: Shop, monkeypatch: Any) -> None:
    monkeypatch.setattr(repricing, "CHUNK", 1)
    for _ in range(3):
        product(shop, 1000)
    follow()
    make_promotion(HALF, kind=Kind.CATALOG)
    outbox.drain()
    for _ in range(2):
        with transaction():
            assert walks.go_on() is True
    assert amounts() == [(500, 1000), (500, 1000), (1000, None)]
    make_promotion(HALF, kind=Kind.CATALOG)
    outbox.drain()
    with transaction():
        assert walks.go_on() is True
    assert amounts() == [(250, 1000), (500, 1000), (1000, None)]
    tasks.follow_promotions()
    assert amounts() == [(250, 1000)] * 3


def test_a_walk_finds_what_is_not_listed_and_what_should_not_be(shop: Shop) -> None:
    lost, kept = product(shop, 1000), product(shop, 1000)
    follow()
    with transaction():
        session.execute(delete(Listing).where(Listing.product_id == lost))
        # In a channel where it has no price.
        session.execute(update(Listing).where(Listing.product_id == kept).values(channel_id=shop.us.id))
        walks.begin()
    assert [row["channel_id"] for row in listed()] == [shop.us.id]
    tasks.follow_promotions()
    assert [(row["product_id"], row["channel_id"]) for row in listed()] == sorted(
        [(lost, shop.eu.id), (kept, shop.eu.id)]
    )


def test_lists_and_pages_take_as_many_statements_with_catalog_promotions_as_without(
    shop: Shop, client: FlaskClient
) -> None:
    made = [product(shop, 1000 + number, f"No {number}") for number in range(5)]
    follow()
    asked = [f"/v1/products?channel={shop.eu.code}&sort=price", f"/v1/products/no-0?channel={shop.eu.code}"]

    def taken() -> list[int]:
        counts = []
        for url in asked:
            with sent.statements() as seen:
                assert client.get(url).status_code == 200
            counts.append(len(seen))
        return counts

    taken()  # reads the rules, once a process
    without = taken()
    for product_id in made:
        make_promotion(HALF, Products(any_of=(product_id,)), kind=Kind.CATALOG)
    follow()
    taken()
    assert taken() == without
    assert client.get(asked[0]).get_json()["items"][0]["price"]["amount"] == 500
