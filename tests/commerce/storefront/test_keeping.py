"""Pages that are kept: the same as without, never old once a fact was heard, and made anew when asked."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace
from sqlalchemy import update

from shopwright import settings as settings_module
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.catalog import brands, collections, translations
from shopwright.commerce.catalog.drafts import TranslationDraft
from shopwright.commerce.channels import service as channels
from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.models import Price
from shopwright.kit import cache, clock, ids, outbox
from shopwright.kit.copies import Copies
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction
from shopwright.settings import Settings
from tests import sent
from tests.commerce.storefront.conftest import Shop
from tests.make import customer_headers, make_customer, make_price_list, make_product_on_sale, staff_headers

PATHS = (
    "/v1/products", "/v1/products?sort=title&limit=1&available=false", "/v1/products?price_min=1&attribute=a:b",
    "/v1/products/mug", "/v1/products/mug?locale=de", "/v1/categories", "/v1/collections?limit=1",
    "/v1/collections/old", "/v1/products?collection=old", "/v1/products/nothing", "/v1/products?channel=none",
)  # fmt: skip


@pytest.fixture
def kept(settings: Settings, shop: Shop) -> Iterator[None]:
    cache.configure(settings.redis_url, prefix=settings.cache_prefix, enabled=True)
    yield
    cache.configure(settings.redis_url, prefix=settings.cache_prefix, enabled=settings.cache_enabled)


class Mug(NamedTuple):
    product_id: UUID
    variant_id: UUID


def furnish(shop: Shop) -> Mug:
    product_id, (variant_id,) = make_product_on_sale({shop.eu: 1000, shop.us: 1000}, title="Mug", brand="Delft")
    pot, _ = make_product_on_sale({shop.eu: 1000, shop.us: 1000}, title="Pot")
    with transaction():
        old = collections.create_collection(title="Old")
        collections.pick(old.id, [pot])
        collections.create_collection(title="New")
    outbox.drain()
    return Mug(product_id, variant_id)


def test_answers_are_the_same_with_and_without_the_cache(client: FlaskClient, shop: Shop, settings: Settings) -> None:
    furnish(shop)

    def answers() -> list[tuple[int, Any, str | None, str | None]]:
        got = [client.get(path) for path in PATHS]
        return [(a.status_code, a.json if a.status_code < 400 else None, a.headers.get("Link"), a.headers.get("ETag"))
                for a in got]  # fmt: skip

    without = answers()
    cache.configure(settings.redis_url, prefix=settings.cache_prefix, enabled=True)
    try:
        assert answers() == without
        assert answers() == without
    finally:
        cache.configure(settings.redis_url, prefix=settings.cache_prefix, enabled=settings.cache_enabled)


def test_a_kept_page_asks_the_database_nothing(client: FlaskClient, shop: Shop, kept: None) -> None:
    furnish(shop)
    for path in ("/v1/products?limit=1", "/v1/products/mug", "/v1/categories", "/v1/collections"):
        first = client.get(path)
        with sent.statements() as asked:
            again = client.get(path)
        assert asked == []
        assert (again.data, again.headers.get("Link")) == (first.data, first.headers.get("Link"))


def test_a_fact_outdates_what_is_kept_at_once_and_again_when_it_is_heard(
    client: FlaskClient, shop: Shop, kept: None
) -> None:
    variant_id = furnish(shop).variant_id
    asked = {"channel": shop.eu.code}

    def shown() -> tuple[int, int, str]:
        page = client.get("/v1/products/mug", query_string=asked).get_json()
        items = client.get("/v1/products", query_string=asked | {"brand": "delft"}).get_json()["items"]
        return page["price"]["amount"], items[0]["price"]["amount"], items[0]["brand"]

    assert shown() == (1000, 1000, "Delft")
    with transaction():
        pricing.set_price(variant_id, shop.eu.id, Money(1200, "EUR"))
    assert shown() == (1200, 1000, "Delft")
    outbox.drain()
    assert shown() == (1200, 1200, "Delft")
    with transaction():
        brands.change_brand(brands.brand("Delft").id, {"name": "Royal Delft"})
    assert shown() == (1200, 1200, "Royal Delft")


def test_whoever_asks_for_no_cache_gets_it_made_anew_and_so_does_the_next(
    client: FlaskClient, shop: Shop, kept: None
) -> None:
    variant_id = furnish(shop).variant_id
    asked = {"channel": shop.eu.code}

    def price(**headers: str) -> int:
        page = client.get("/v1/products/mug", query_string=asked, headers=headers).get_json()
        return int(page["price"]["amount"])

    assert price() == 1000
    with transaction():
        # Not announced, so nothing but the question can bring it to light.
        session.execute(update(Price).where(Price.variant_id == variant_id).values(amount=1200))
    assert price() == 1000
    assert price(**{"Cache-Control": "no-cache"}) == 1200
    assert price() == 1200


def test_a_page_is_not_made_from_an_older_copy_of_something_else(
    client: FlaskClient, shop: Shop, kept: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    product_id = furnish(shop).product_id
    with transaction():
        translations.translate(product_id, {"de": TranslationDraft(title="Becher")})
    outbox.drain()

    def title(**asked: str) -> str:
        page = client.get("/v1/products", query_string={"channel": shop.eu.code, "brand": "delft"} | asked)
        return str(page.get_json()["items"][0]["title"])

    assert title() == "Mug"
    # Another process does it: this one's own copies stay for half a second.
    with monkeypatch.context() as patched, transaction():
        patched.setattr(Copies, "outdate", lambda _copies, _namespaces: None)
        channels.change_channel(shop.eu.id, {"locales": ["de", "en"]})
    # A page that nobody asked for yet, made now, is kept as one of now.
    assert title(sort="title") == "Becher"


def test_who_is_signed_in_is_not_looked_up_where_nobody_has_prices_of_their_own(
    client: FlaskClient, shop: Shop, kept: None
) -> None:
    furnish(shop)
    asked, headers = {"channel": shop.eu.code}, customer_headers(make_customer())
    first = client.get("/v1/products/mug", query_string=asked, headers=headers)
    with sent.statements() as seen:
        again = client.get("/v1/products/mug", query_string=asked, headers=headers)
    assert [text for text in seen if "price_lists" in text or "channels" in text] == []
    assert (again.headers["ETag"], again.headers["Vary"]) == (first.headers["ETag"], "Authorization")


def test_no_page_outlives_the_clocks_next_change_in_any_cache(client: FlaskClient, shop: Shop, kept: None) -> None:
    variant_id = furnish(shop).variant_id
    noon = clock.now().replace(microsecond=0) + timedelta(days=1)
    make_price_list(shop.eu, (variant_id, 1, 700), starts_at=noon, ends_at=noon + timedelta(hours=1))
    asked = {"channel": shop.eu.code}

    def shown(seconds: float) -> tuple[int, str]:
        with clock.held_at(noon + timedelta(seconds=seconds)):
            answer = client.get("/v1/products/mug", query_string=asked)
        return answer.get_json()["price"]["amount"], answer.headers["Cache-Control"]

    assert shown(-2) == (1000, "public, s-maxage=1")
    assert shown(-0.01) == (1000, "public, s-maxage=0")
    assert shown(0) == (700, "public, s-maxage=1")
    assert shown(3599.5) == (700, "public, s-maxage=0")
    assert shown(3600) == (1000, "public, s-maxage=1")


def test_stock_that_was_held_too_long_is_there_again_to_the_moment(client: FlaskClient, shop: Shop, kept: None) -> None:
    _, (variant_id,) = make_product_on_sale({shop.eu: 1000}, on_hand={shop.berlin: 1}, title="Last")
    now = clock.now()
    with transaction():
        inventory.reserve(ids.new(), shop.eu.id, {variant_id: 1}, now + timedelta(minutes=30))

    def is_available(minutes: float) -> bool:
        with clock.held_at(now + timedelta(minutes=minutes)):
            page = client.get("/v1/products/last", query_string={"channel": shop.eu.code})
        return bool(page.get_json()["is_available"])

    assert [is_available(minutes) for minutes in (0, 29.99, 30)] == [False, False, True]


def test_other_caches_may_be_allowed_to_keep_pages_longer(client: FlaskClient, shop: Shop, settings: Settings) -> None:
    furnish(shop)
    settings_module.use(replace(settings, cdn_seconds=300))
    try:
        answer = client.get("/v1/products/mug", query_string={"channel": shop.eu.code})
    finally:
        settings_module.use(settings)
    assert answer.headers["Cache-Control"] == "public, s-maxage=300"


def test_who_died_before_redis_was_told_leaves_it_to_who_hears_the_fact(
    client: FlaskClient, shop: Shop, kept: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant_id = furnish(shop).variant_id
    asked = {"channel": shop.eu.code}

    def price() -> int:
        return int(client.get("/v1/products/mug", query_string=asked).get_json()["price"]["amount"])

    @contextmanager
    def without_redis() -> Iterator[None]:
        """In a process that dies after it, with all that it owes."""
        monkeypatch.setattr(cache, "_rests_until", time.monotonic() + 60)
        yield
        cache.configure(settings.redis_url, prefix=settings.cache_prefix)

    assert price() == 1000
    with without_redis(), transaction():
        pricing.set_price(variant_id, shop.eu.id, Money(1200, "EUR"))
    with without_redis():
        outbox.drain()
    assert price() == 1000
    with clock.held_at(clock.now() + timedelta(minutes=1)):
        outbox.drain()
    assert price() == 1200


def test_staff_find_lists_changed_when_they_are_answered(client: FlaskClient, shop: Shop, kept: None) -> None:
    variant_id = furnish(shop).variant_id
    headers = staff_headers(Permission.PRICES_WRITE) | {"If-Match": "*"}
    price = {"price": {"amount": 700, "currency": "EUR"}}
    path = f"/v1/admin/variants/{variant_id}/prices/{shop.eu.id}"
    assert client.put(path, json=price, headers=headers).status_code == 200
    asked = {"channel": shop.eu.code, "sort": "price"}
    listed = client.get("/v1/products", query_string=asked, headers={"Cache-Control": "no-cache"}).get_json()
    assert [(item["title"], item["price"]["amount"]) for item in listed["items"]] == [("Mug", 700), ("Pot", 1000)]
