"""Announced reductions: each carries the lowest price of the 30 days before it began (Directive 98/6/EC, Art. 6a)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.pricing import history, service, shown
from shopwright.commerce.pricing.history import Announced
from shopwright.commerce.pricing.history_models import PriceAnnouncement
from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.rules import Kind, Percentage
from shopwright.commerce.storefront import service as storefront
from shopwright.commerce.storefront import tasks
from shopwright.kit import clock, outbox
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests import make

pytestmark = pytest.mark.usefixtures("app")

DAY = timedelta(days=1)
TENTH, FIFTH, HALF = (Percentage(ppm=ppm) for ppm in (100_000, 200_000, 500_000))


class Story:
    """One variant, and what happens to its price on which day."""

    def __init__(self) -> None:
        self.channel = make.make_channel()
        self.start = clock.now() - 100 * DAY
        with clock.held_at(self.start):
            self.variant = make.make_priced_variant(self.channel, 1000)

    def on(self, day: float) -> datetime:
        return self.start + day * DAY

    def costs(self, day: float, amount: int, compare_at: int | None = None) -> None:
        with clock.held_at(self.on(day)), transaction():
            was = None if compare_at is None else eur(compare_at)
            service.set_price(self.variant, self.channel.id, eur(amount), compare_at=was)

    def sale(self, day: float, effect: Percentage, until: float) -> None:
        """As the listings follow it: at its start and at its end."""
        with clock.held_at(self.on(day)):
            made = make.make_promotion(effect, kind=Kind.CATALOG)
            self.followed()
        with clock.held_at(self.on(until)):
            with transaction():
                promotions.end_promotion(made.id)
            self.followed()

    def followed(self) -> None:
        with transaction():
            shown.announce(self.channel.id, [self.variant])

    def shown(self, day: float) -> tuple[int, int | None]:
        with clock.held_at(self.on(day)), reading():
            found = shown.prices(self.channel.id, [self.variant])[self.variant]
        return found.price.amount, found.lowest_30_days.amount if found.lowest_30_days else None


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def announced(variant: UUID) -> list[tuple[int, int | None, bool, int | None]]:
    with reading():
        rows = session.scalars(
            select(PriceAnnouncement).where(PriceAnnouncement.variant_id == variant).order_by(PriceAnnouncement.number)
        )
        return [(row.number, row.amount, row.is_reduced, row.lowest_before_amount) for row in rows]


def test_a_reduction_carries_the_lowest_price_of_the_30_days_before_it() -> None:
    story = Story()
    story.costs(10, 900)
    story.costs(20, 1100)
    story.costs(45, 800, compare_at=1100)
    assert story.shown(45) == (800, 900)
    assert story.shown(60) == (800, 900)


def test_what_was_shown_before_the_30_days_counts_only_if_it_was_shown_in_them() -> None:
    story = Story()
    story.costs(1, 500)
    story.costs(10, 900)
    story.costs(41, 800, compare_at=950)
    assert story.shown(41) == (800, 900)
    other = Story()
    other.costs(1, 500)
    other.costs(10, 900)
    other.costs(39, 800, compare_at=950)
    assert other.shown(39) == (800, 500)


def test_a_price_raised_shortly_before_the_sale_makes_no_greater_reduction() -> None:
    story = Story()
    story.costs(50, 2000)
    story.costs(52, 1000, compare_at=2000)
    assert story.shown(52) == (1000, 1000)


def test_reductions_in_a_row_keep_the_price_of_the_first() -> None:
    story = Story()
    story.costs(40, 900, compare_at=1000)
    story.costs(45, 800, compare_at=1000)
    story.costs(50, 850, compare_at=1000)
    story.costs(90, 700, compare_at=1000)
    assert story.shown(90) == (700, 1000)
    story.costs(91, 1000)
    story.costs(92, 950, compare_at=1000)
    assert story.shown(92) == (950, 700)
    assert announced(story.variant) == [
        (1, 1000, False, None), (2, 900, True, 1000), (3, 800, True, 1000), (4, 850, True, 1000), (5, 700, True, 1000),
        (6, 1000, False, None), (7, 950, True, 700),
    ]  # fmt: skip


def test_a_catalog_promotion_is_a_reduction_before_and_after_listings_have_followed_it() -> None:
    story = Story()
    story.costs(30, 900)
    story.costs(40, 1000)
    with clock.held_at(story.on(50)):
        make.make_promotion(HALF, kind=Kind.CATALOG)
        assert story.shown(50) == (500, 900)
        story.followed()
        assert announced(story.variant)[-1] == (4, 500, True, 900)
    assert story.shown(80) == (500, 900)


def test_a_sale_that_is_over_is_in_the_30_days_of_the_next() -> None:
    story = Story()
    story.sale(10, HALF, until=12)
    story.sale(20, TENTH, until=25)
    assert announced(story.variant) == [
        (1, 1000, False, None), (2, 500, True, 1000), (3, 1000, False, None), (4, 900, True, 500), (5, 1000, False, None),
    ]  # fmt: skip


def test_what_is_new_has_nothing_to_be_compared_with() -> None:
    with clock.held_at(clock.now()):
        channel = make.make_channel()
        variant = make.make_priced_variant(channel, 800, compare_at=1000)
        with reading():
            assert shown.prices(channel.id, [variant])[variant].lowest_30_days is None
    assert announced(variant) == [(1, 800, True, None)]


def test_variants_that_are_asked_for_together_have_each_their_own_time_before() -> None:
    story = Story()
    with clock.held_at(story.start):
        cheap = make.make_priced_variant(story.channel, 300)
    story.costs(50, 800, compare_at=1000)
    with clock.held_at(story.on(50)), transaction():
        service.set_price(cheap, story.channel.id, eur(200), compare_at=eur(300))
    both = [story.variant, cheap]
    with clock.held_at(story.on(60)), reading():
        alone = {id_: shown.prices(story.channel.id, [id_])[id_] for id_ in both}
        assert shown.prices(story.channel.id, both) == alone
        assert [alone[id_].lowest_30_days for id_ in both] == [eur(1000), eur(300)]


def test_what_a_sale_takes_off_many_variants_is_compared_with_each_of_them() -> None:
    story = Story()
    with clock.held_at(story.start):
        cheap = make.make_priced_variant(story.channel, 300)
    both = [story.variant, cheap]
    with clock.held_at(story.on(50)):
        make.make_promotion(FIFTH, kind=Kind.CATALOG)
        # The listings have not followed yet.
        with reading():
            found = shown.prices(story.channel.id, both)
    assert [(found[id_].price, found[id_].lowest_30_days) for id_ in both] == [
        (eur(800), eur(1000)), (eur(240), eur(300)),
    ]  # fmt: skip


def test_what_began_reduced_is_compared_once_it_is_reduced_further() -> None:
    story = Story()
    with clock.held_at(story.start):
        new = make.make_priced_variant(story.channel, 1500, compare_at=2000)
    with clock.held_at(story.on(60)), transaction():
        service.set_price(new, story.channel.id, eur(1200), compare_at=eur(2000))
    assert announced(new) == [(1, 1500, True, None), (2, 1200, True, 1500)]


def test_what_only_a_public_list_sells_has_a_time_before_too() -> None:
    story = Story()
    with clock.held_at(story.start):
        make.make_price_list(story.channel, (story.variant, 1, 900))
        with transaction():
            service.remove_price(story.variant, story.channel.id)
    with clock.held_at(story.on(50)):
        make.make_promotion(FIFTH, kind=Kind.CATALOG)
        story.followed()
    assert story.shown(51) == (720, 900)


def test_what_was_off_sale_begins_anew() -> None:
    story = Story()
    story.costs(10, 500, compare_at=1000)
    with clock.held_at(story.on(12)), transaction():
        service.remove_price(story.variant, story.channel.id)
    story.costs(80, 1200)
    story.costs(82, 900, compare_at=1200)
    assert announced(story.variant) == [
        (1, 1000, False, None), (2, 500, True, 1000), (3, None, False, None), (4, 1200, False, None), (5, 900, True, 1200),
    ]  # fmt: skip


def test_who_read_the_price_before_another_changed_it_announces_nothing() -> None:
    story = Story()
    with clock.held_at(story.on(50)), transaction():
        stale = shown.prices(story.channel.id, [story.variant])
        last = Announced(
            variant_id=story.variant, number=1, amount=2000, is_reduced=False, lowest_before=None, lowest_now=2000
        )
    story.costs(50, 800, compare_at=1000)
    with clock.held_at(story.on(50)), transaction():
        history.announce(story.channel.id, "EUR", [story.variant], stale, {story.variant: last})
    assert announced(story.variant) == [(1, 1000, False, None), (2, 800, True, 1000)]


def test_each_channel_has_its_own_time_before() -> None:
    story = Story()
    other = make.make_channel()
    with clock.held_at(story.on(90)), transaction():
        service.set_price(story.variant, other.id, eur(1500))
    story.costs(95, 900, compare_at=1000)
    with clock.held_at(story.on(95)), transaction():
        service.set_price(story.variant, other.id, eur(1200), compare_at=eur(1500))
        assert shown.prices(other.id, [story.variant])[story.variant].lowest_30_days == eur(1500)
    assert story.shown(95) == (900, 1000)


def test_pages_and_listings_count_the_percentage_from_the_lowest(client: FlaskClient) -> None:
    channel = make.make_channel()
    location = make.make_location()
    start = clock.now() - 10 * DAY
    with clock.held_at(start):
        product_id, (variant,) = make.make_product_on_sale({channel: 900}, on_hand={location.id: 1})
    with clock.held_at(start + DAY), transaction():
        service.set_price(variant, channel.id, eur(1200))
    make.make_promotion(HALF, kind=Kind.CATALOG)
    outbox.drain()
    tasks.follow_promotions()
    with transaction():
        storefront.relist([product_id])
    wanted = {"lowest_30_days": {"amount": 900, "currency": "EUR"}, "percent": 33}
    (card,) = listing(client, channel)
    assert (card["price"]["amount"], card["compare_at_price"]["amount"], card["reduction"]) == (600, 1200, wanted)
    page = client.get(f"/v1/products/{card['slug']}?channel={channel.code}").get_json()
    assert (page["reduction"], page["variants"][0]["reduction"]) == (wanted, wanted)


def listing(client: FlaskClient, channel: Channel) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"/v1/products?channel={channel.code}").get_json()["items"]
    return items


def test_staff_see_history_and_announcements_and_nobody_else_does(client: FlaskClient) -> None:
    story = Story()
    story.costs(50, 800, compare_at=1000)
    headers = make.staff_headers(Permission.PRICES_READ)
    base = f"/v1/admin/variants/{story.variant}"
    for path, fields, wanted in (
        ("price-history", ("price", "compare_at"), [[800, 1000], [1000, None]]),
        ("price-announcements", ("price", "lowest_30_days"), [[800, 1000], [1000, None]]),
    ):
        answer = client.get(f"{base}/{path}?channel_id={story.channel.id}", headers=headers).get_json()
        assert [[each[name] and each[name]["amount"] for name in fields] for each in answer["items"]] == wanted
        assert (
            client.get(f"{base}/{path}?channel_id={story.channel.id}", headers=make.staff_headers()).status_code == 403
        )
    moment = story.on(10).isoformat().replace("+00:00", "Z")
    asked = f"{base}/price-explanation?channel_id={story.channel.id}&at={moment}"
    assert client.get(asked, headers=headers).get_json()["line"]["gross"]["amount"] == 1000
