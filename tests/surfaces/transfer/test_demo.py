import time
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import func, select

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.models import Product, Translation, Variant
from shopwright.commerce.catalog.taxonomy import Category, Collection, CollectionItem
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.inventory import queries as inventory
from shopwright.commerce.inventory.models import StockLevel
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.models import Price
from shopwright.commerce.pricing.quotes import Basket, BasketLine, Quote
from shopwright.commerce.shipping import queries as shipping
from shopwright.kit import ids, storage
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading
from shopwright.surfaces.transfer import demo
from shopwright.surfaces.transfer.demo import assortment, pictures
from shopwright.surfaces.transfer.demo.goods.good import COLOURS

GOODS = 63


@pytest.fixture(autouse=True)
def _files_in_memory(app: Flask) -> None:
    storage.configure("memory://")


def _variants() -> Sequence[Variant]:
    return session.scalars(select(Variant).order_by(Variant.sku)).all()


def _quote(channel_code: str, sku: str, country: str, region: str | None = None) -> Quote:
    channel = channels.by_code(channel_code)
    line = BasketLine(line_id=ids.new(), variant_id=catalog.variant_ids_by_sku([sku])[sku], quantity=2)
    return pricing.quote(Basket(channel_id=channel.id, locale="en", lines=(line,), country=country, region=region))


def test_everything_on_offer_has_a_price_and_stock_in_both_channels(app: Flask) -> None:
    assert demo.seed()
    with reading():
        variants = [variant.id for variant in _variants()]
        assert len(variants) > 200
        assert catalog.sellable(variants).keys() == set(variants)
        for code in ("eu", "us"):
            channel = channels.by_code(code)
            priced = session.scalars(select(Price.variant_id).where(Price.channel_id == channel.id)).all()
            assert set(priced) == set(variants)
            assert min(inventory.available(channel.id, variants).values()) >= 1


def test_the_shop_has_six_categories_two_languages_and_two_collections(app: Flask) -> None:
    demo.seed()
    with reading():
        products = session.scalar(select(func.count(Product.id)))
        assert products == GOODS
        assert session.scalar(select(func.count()).select_from(Category)) == 6
        assert (
            session.scalar(select(func.count()).select_from(Translation).where(Translation.locale == "de")) == products
        )
        picked = session.execute(
            select(Collection.slug, func.count()).join(CollectionItem).group_by(Collection.slug)
        ).all()
        assert dict(map(tuple, picked)).keys() == {"new-in", "gifts-under-30"}
        assert min(count for _, count in picked) >= 8
        gifts = session.scalars(
            select(Price.amount)
            .join(Variant, Variant.id == Price.variant_id)
            .join(CollectionItem, CollectionItem.product_id == Variant.product_id)
            .join(Collection, Collection.id == CollectionItem.collection_id)
            .where(Collection.slug == "gifts-under-30", Variant.position == 0)
        )
        assert max(gifts) < 3000


def test_a_second_seed_does_nothing(app: Flask) -> None:
    demo.seed()
    with reading():
        before = session.scalar(select(func.sum(StockLevel.on_hand)))
    assert not demo.seed()
    assert not demo.seed(if_empty=True)
    with reading():
        assert session.scalar(select(func.sum(StockLevel.on_hand))) == before
        assert session.scalar(select(func.count(Product.id))) == GOODS


def test_a_shop_with_products_is_not_seeded_when_it_should_be_empty(app: Flask) -> None:
    from tests.make import make_stocked_variant

    make_stocked_variant()
    assert not demo.seed(if_empty=True)
    with reading():
        assert session.scalar(select(func.count(Product.id))) == 1


def test_seeding_takes_less_than_three_seconds(app: Flask) -> None:
    began = time.process_time()
    demo.seed()
    assert time.process_time() - began < 3


def test_a_mug_costs_what_the_channel_says_with_the_tax_of_the_place(app: Flask) -> None:
    demo.seed()
    with reading():
        german = _quote("eu", "HARBOUR-MUG-TIDE", "DE")
        assert (german.total, german.tax) == (Money(4800, "EUR"), Money(766, "EUR"))
        new_york = _quote("us", "HARBOUR-MUG-TIDE", "US", "NY")
        assert (new_york.subtotal, new_york.tax) == (Money(4800, "USD"), Money(426, "USD"))
        book = _quote("eu", "GARDEN-BIRDS", "DE")
        assert [tax.rate_ppm for tax in book.taxes] == [70_000]


def test_standard_shipping_is_free_from_fifty(app: Flask) -> None:
    demo.seed()
    with reading():
        for code, country, currency in (("eu", "DE", "EUR"), ("eu", "FR", "EUR"), ("us", "US", "USD")):
            channel = channels.by_code(code)
            small = shipping.offers(channel.id, country, None, 800, Money(4999, currency), "en")
            large = shipping.offers(channel.id, country, None, 800, Money(5000, currency), "en")
            assert [offer.code for offer in small] == ["standard", "express"]
            assert small[0].price.amount > 0
            assert large[0].price.amount == 0
            assert large[1].price.amount > 0


def test_every_picture_is_a_well_formed_svg_in_the_storage(app: Flask) -> None:
    demo.seed()
    keys = {key for shelf in assortment.SHELVES for good in shelf.goods for key, _ in assortment.pictures_of(good)}
    with reading():
        shown = {medium.source for medium in session.scalars(select(catalog.Media))}
    assert shown == keys
    for key in keys:
        stored = storage.get(key)
        assert stored.content_type == "image/svg+xml"
        assert ElementTree.fromstring(stored.data).tag == "{http://www.w3.org/2000/svg}svg"


def test_a_picture_is_the_same_each_time_and_another_in_another_colour() -> None:
    tide, rust = COLOURS["tide"][0], COLOURS["rust"][0]
    assert pictures.draw("mug", tide) == pictures.draw("mug", tide)
    assert pictures.draw("mug", tide) != pictures.draw("mug", rust)
