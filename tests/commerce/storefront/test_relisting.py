"""The listings against the truth, after whatever happens below."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import literal_column, select

from shopwright.commerce.catalog import categories, product_types, translations, variants
from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.drafts import AttributeDraft, OptionDraft, TranslationDraft, VariantDraft
from shopwright.commerce.catalog.models import Product, ProductCategory, Translation, Variant
from shopwright.commerce.catalog.taxonomy import Attribute, AttributeKind, Category
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory import locations, stock
from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.inventory.models import ChannelLocation, Location, Reason, StockLevel
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.history_models import PriceAnnouncement
from shopwright.commerce.pricing.models import Price
from shopwright.commerce.storefront import service, tasks
from shopwright.commerce.storefront.models import ANYBODY, Listing
from shopwright.kit import clock, ids, outbox
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests.commerce.storefront.conftest import Shop, astray
from tests.make import make_location, make_product_on_sale

CTID = literal_column("listings.ctid::text")
Listed = dict[tuple[UUID, UUID], dict[str, Any]]


def listed() -> Listed:
    with reading():
        rows = session.execute(select(Listing.__table__)).mappings()
        return {(row["product_id"], row["channel_id"]): dict(row) for row in rows}


def truth() -> Listed:
    """What the listings have to say, worked out the slow way from the bare rows."""
    with reading():
        found = {}
        products = session.scalars(select(Product).where(Product.published_at.is_not(None)))
        for product in products.all():
            for channel in session.scalars(select(Channel).where(Channel.is_active)).all():
                if product.archived_at is None and (row := true_row(product, channel)):
                    found[product.id, channel.id] = row
        return found


def true_row(product: Product, channel: Channel) -> dict[str, Any] | None:
    on_offer = select(Variant.id).where(Variant.product_id == product.id, Variant.archived_at.is_(None))
    of_channel = select(Price).where(Price.channel_id == channel.id, Price.variant_id.in_(on_offer))
    prices = session.scalars(of_channel.order_by(Price.amount)).all()
    if not prices:
        return None
    free = session.scalars(
        select(StockLevel.on_hand - StockLevel.reserved - StockLevel.claimed)
        .join(ChannelLocation, ChannelLocation.location_id == StockLevel.location_id)
        .join(Location, Location.id == StockLevel.location_id)
        .where(ChannelLocation.channel_id == channel.id, Location.is_active)
        .where(StockLevel.variant_id.in_([price.variant_id for price in prices]))
    )
    paths = session.scalars(
        select(Category.path).join(ProductCategory, ProductCategory.category_id == Category.id)
        .where(ProductCategory.product_id == product.id)
    )  # fmt: skip
    asked = select(Attribute.code).where(
        Attribute.product_type_id == product.product_type_id, Attribute.is_facetable
    )  # fmt: skip
    return {
        "product_id": product.id, "channel_id": channel.id, "group_id": ANYBODY, "currency": channel.currency,
        "lowest_amount": prices[0].amount, "compare_at_amount": prices[0].compare_at_amount,
        "lowest_before_amount": lowest_before(prices[0]) if prices[0].compare_at_amount else None,
        "highest_amount": prices[-1].amount, "is_available": any(quantity > 0 for quantity in free),
        "published_at": product.published_at, "brand_id": product.brand_id,
        "category_ids": sorted({category_id for path in paths for category_id in path}),
        "facets": sorted(f"{c}:{product.attributes[c]}" for c in session.scalars(asked) if c in product.attributes),
        "title_keys": {locale: true_title(product, locale).casefold() for locale in channel.locales},
    }  # fmt: skip


def lowest_before(price: Price) -> int | None:
    """As it was announced last."""
    of_price = (PriceAnnouncement.variant_id == price.variant_id, PriceAnnouncement.channel_id == price.channel_id)
    last = select(PriceAnnouncement.lowest_before_amount).where(*of_price).order_by(PriceAnnouncement.number.desc())
    return session.scalar(last.limit(1))


def true_title(product: Product, locale: str) -> str:
    said = session.scalar(
        select(Translation.title).where(Translation.product_id == product.id, Translation.locale == locale)
    )
    return said or product.title


class Day:
    """A shop with some products, and what may happen in it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        with transaction():
            self.kitchen = categories.category("Kitchen").id
            self.garden = categories.category("Garden").id
            self.mugs = categories.category("Kitchen", "Mugs").id
            asked = AttributeDraft(code="glaze", label="Glaze", kind=AttributeKind.TEXT, is_facetable=True)
            self.type = product_types.create_product_type("Mug", [asked]).id
        both = {shop.eu: 1000, shop.us: 1100}
        self.mug, (self.small,) = make_product_on_sale(
            both, title="Mug", category_ids=[self.mugs], on_hand={shop.berlin: 1}, product_type_id=self.type,
            attributes={"glaze": "matt"}, brand="Delft", options=[OptionDraft(name="Size", values=["S", "XL"])],
            variants=[VariantDraft(option_values=["S"])],
        )  # fmt: skip
        self.pot, (self.only,) = make_product_on_sale(both, title="Pot", is_published=False)
        self.order = ids.new()

    def a_price_rises(self) -> None:
        pricing.set_price(self.small, self.shop.eu.id, Money(1200, "EUR"), compare_at=Money(1500, "EUR"))

    def a_price_goes(self) -> None:
        pricing.remove_price(self.small, self.shop.us.id)

    def the_last_one_is_held(self) -> None:
        until = clock.now().replace(year=2999)
        inventory.reserve(self.order, self.shop.eu.id, {self.small: 1}, until)

    def it_is_let_go_of(self) -> None:
        inventory.release(self.order)

    def stock_runs_out(self) -> None:
        stock.set_count(self.small, self.shop.berlin, 0, Reason.COUNT)

    def stock_comes(self) -> None:
        stock.set_count(self.only, self.shop.berlin, 9, Reason.RECEIPT)

    def a_variant_is_added(self) -> None:
        mug = variants.add_variant(self.mug, VariantDraft(option_values=["XL"]))
        pricing.set_price(mug.variants[-1].id, self.shop.eu.id, Money(4000, "EUR"))

    def it_is_published(self) -> None:
        catalog.publish(self.pot)

    def it_is_archived(self) -> None:
        catalog.archive(self.mug)

    def it_is_restored(self) -> None:
        catalog.restore(self.mug)

    def it_is_put_elsewhere(self) -> None:
        catalog.change_product(self.mug, {"category_ids": [self.garden], "title": "Cup"})

    def a_category_moves(self) -> None:
        categories.change_category(self.mugs, {"parent_id": self.garden})

    def it_is_translated(self) -> None:
        translations.translate(self.mug, {"de": TranslationDraft(title="Becher")})

    def a_channel_moves_out(self) -> None:
        locations.sell_from(self.shop.eu.id, [])

    def a_location_closes(self) -> None:
        locations.change_location(self.shop.berlin, {"is_active": False})

    def a_channel_closes(self) -> None:
        channels.change_channel(self.shop.us.id, {"is_active": False})

    def a_channel_learns_a_language(self) -> None:
        channels.change_channel(self.shop.us.id, {"locales": ["en", "es"]})

    def a_facet_is_none_any_more(self) -> None:
        asked = AttributeDraft(code="glaze", label="Glaze", kind=AttributeKind.TEXT)
        product_types.change_product_type(self.type, "Mug", [asked])


ALL = [name for name in vars(Day) if not name.startswith("_")]
#: What presupposes another.
AFTER = {
    "it_is_let_go_of": "the_last_one_is_held", "it_is_restored": "it_is_archived", "stock_comes": "it_is_published",
}  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_the_listings_follow_what_happens(shop: Shop, name: str) -> None:
    day = Day(shop)
    outbox.drain()
    before = listed()
    assert before == truth()
    for step in (AFTER[name], name) if name in AFTER else (name,):
        happens(getattr(day, step))
        after = listed()
        assert after == truth(), step
        assert after != before, step
        assert astray() == 0, step
        before = after


def happens(what: Callable[[], None]) -> None:
    with transaction():
        what()
    outbox.drain()


def test_after_a_whole_day_they_say_what_is_true_and_a_rebuild_changes_nothing(shop: Shop) -> None:
    day = Day(shop)
    for name in (
        "a_price_rises", "the_last_one_is_held", "it_is_let_go_of", "a_variant_is_added", "it_is_translated",
        "a_category_moves", "it_is_published", "stock_comes", "stock_runs_out", "a_channel_closes",
    ):  # fmt: skip
        happens(getattr(day, name))
    followed = listed()
    assert followed == truth()
    assert astray() == 0
    tasks.rebuild()
    assert listed() == followed


def test_a_rebuild_makes_everything_anew(shop: Shop) -> None:
    Day(shop)
    tasks.rebuild()
    made = listed()
    assert made and made == truth()
    with transaction():
        session.execute(Listing.__table__.delete())
    tasks.rebuild()
    assert listed() == made


def test_relisting_what_has_not_changed_writes_nothing(shop: Shop) -> None:
    day = Day(shop)
    outbox.drain()

    def written() -> list[Any]:
        with reading():
            return list(session.execute(select(Listing.product_id, Listing.__table__.c.channel_id).add_columns(CTID)))

    before = written()
    with transaction():
        service.relist([day.mug, day.pot, ids.new()])
    assert written() == before


def test_what_lies_where_the_channel_does_not_sell_from_is_not_available(app: Flask, shop: Shop) -> None:
    elsewhere = make_location().id
    product_id, _ = make_product_on_sale({shop.eu: 100}, on_hand={elsewhere: 5})
    outbox.drain()
    assert listed()[product_id, shop.eu.id]["is_available"] is False
    with transaction():
        locations.sell_from(shop.eu.id, [shop.berlin, elsewhere])
    outbox.drain()
    assert listed()[product_id, shop.eu.id]["is_available"] is True
