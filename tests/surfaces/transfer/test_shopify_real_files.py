"""Sixty products as Shopify wrote them: no SKU, rows with nothing but a picture, no currency."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from shopwright.commerce.catalog.models import Media, Product, Variant
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import Channel, TaxDisplay
from shopwright.commerce.inventory import locations
from shopwright.commerce.inventory import queries as inventory
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.quotes import Basket, BasketLine
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from shopwright.surfaces.transfer import shopify

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "catalog_shopify_csv"
FILES = [FOLDER / f"{name}.csv" for name in ("apparel", "home-and-garden", "jewelery")]

pytestmark = pytest.mark.skipif(
    not all(file.exists() for file in FILES), reason=f"Shopify's sample files are not at ../shared/data/{FOLDER.name}"
)


@pytest.fixture
def channel(app: Flask) -> Channel:
    with transaction():
        channel = channels.open_channel(
            code="us", name="America", currency="USD", countries=["US"], locales=["en"], tax_display=TaxDisplay.NET
        )
        locations.sell_from(channel.id, [locations.open_location(code="newark", name="Newark", country="US").id])
    return channel


def test_sixty_products_are_imported_once(channel: Channel) -> None:
    first = shopify.import_files(FILES, "us", "newark", "net", False)
    assert (first.faults, first.created) == ([], 60)
    with reading():
        before = {model: session.scalar(select(func.count()).select_from(model)) for model in (Product, Variant, Media)}
    again = shopify.import_files(FILES, "us", "newark", "net", False)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 60)
    assert (again.new_variants, again.prices_set) == (0, 0)
    with reading():
        for model, number in before.items():
            assert session.scalar(select(func.count()).select_from(model)) == number
        skus = session.scalars(select(Variant.sku)).all()
        assert len(skus) == len(set(skus)) == first.new_variants


def test_one_of_them_can_be_bought(channel: Channel) -> None:
    shopify.import_files(FILES, "us", "newark", "net", False)
    with reading():
        variant = session.scalars(select(Variant).where(Variant.sku == "CLAY-PLANT-POT-LARGE")).one()
        line = BasketLine(line_id=ids.new(), variant_id=variant.id, quantity=2)
        quote = pricing.quote(Basket(channel_id=channel.id, locale="en", lines=(line,)))
        assert (quote.total, quote.unavailable) == (Money(3198, "USD"), ())
        assert quote.lines[0].image_url
        assert inventory.available(channel.id, [variant.id]) == {variant.id: 3}


def test_a_dry_run_of_them_writes_nothing(channel: Channel) -> None:
    report = shopify.import_files(FILES, "us", "newark", "net", True)
    assert (report.faults, report.created) == ([], 60)
    with reading():
        assert session.scalar(select(func.count(Product.id))) == 0
