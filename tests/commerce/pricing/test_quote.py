from typing import Any
from uuid import UUID

import msgspec
import pytest
from flask import Flask
from sqlalchemy import text

from shopwright.commerce.catalog.models import Product, Variant
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.channels.models import Channel, TaxDisplay
from shopwright.commerce.pricing import service
from shopwright.commerce.pricing.quotes import Basket, BasketLine, Quote, QuoteTax, Step, StepKind
from shopwright.commerce.shipping.models import RateKind
from shopwright.commerce.shipping.terms import Rate as ShippingRate
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests.make import make_channel, make_priced_variant, make_shipping_method, make_shipping_zone, make_tax_zone

pytestmark = pytest.mark.usefixtures("app")


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def basket(channel: Channel, *lines: tuple[UUID, int], **more: Any) -> Basket:
    wanted = tuple(BasketLine(line_id=ids.new(), variant_id=id_, quantity=count) for id_, count in lines)
    return Basket(channel_id=channel.id, locale="en", lines=wanted, **more)


#: How often PostgreSQL plans a prepared statement for the values at hand before it may keep one plan for all.
TRIED = 5


def quote(channel: Channel, *lines: tuple[UUID, int], **more: Any) -> Quote:
    with reading():
        return service.quote(basket(channel, *lines, **more))


def test_in_a_gross_channel_the_price_contains_the_tax(app: Flask) -> None:
    channel = make_channel()
    make_tax_zone("DE", standard=190_000)
    variant = make_priced_variant(channel, 1999, compare_at=2499, weight_grams=300)
    quoted = quote(channel, (variant, 2))
    (line,) = quoted.lines
    assert (line.unit_price, line.compare_at, line.quantity) == (eur(1999), eur(2499), 2)
    assert (line.net, line.tax, line.gross) == (eur(3360), eur(638), eur(3998))
    assert (line.tax_rate_ppm, line.tax_name, line.weight_grams) == (190_000, "VAT 19 %", 300)
    assert line.steps == (
        Step(kind=StepKind.LIST_PRICE, label="List price", amount=eur(3998)),
        Step(kind=StepKind.TAX_INCLUDED, label="VAT 19 %", amount=eur(638)),
    )
    assert (quoted.currency, quoted.is_gross, quoted.country, quoted.region) == ("EUR", True, "DE", None)
    assert (quoted.subtotal, quoted.tax, quoted.total) == (eur(3998), eur(638), eur(3998))
    assert (quoted.discount, quoted.shipping_total, quoted.shipping) == (eur(0), eur(0), None)
    assert (quoted.needs_shipping, quoted.shipping_weight, quoted.wanted()) == (True, 600, {variant: 2})
    assert quoted.unavailable == ()


def test_in_a_net_channel_the_tax_comes_on_top_line_by_line(app: Flask) -> None:
    channel = make_channel(tax_display=TaxDisplay.NET)
    make_tax_zone("DE", standard=190_000, reduced=70_000)
    full, half = make_priced_variant(channel, 50), make_priced_variant(channel, 350, tax_class="reduced")
    quoted = quote(channel, (full, 1), (full, 1), (half, 1))
    # 9.5 and 24.5 are rounded half up for each line: 10 + 10 and not 19.
    assert [line.tax.amount for line in quoted.lines] == [10, 10, 25]
    assert (quoted.subtotal, quoted.tax, quoted.total) == (eur(450), eur(45), eur(495))
    assert quoted.taxes == (
        QuoteTax(rate_ppm=190_000, name="VAT 19 %", net=eur(100), tax=eur(20)),
        QuoteTax(rate_ppm=70_000, name="VAT 7 %", net=eur(350), tax=eur(25)),
    )
    assert quoted.lines[0].steps[1] == Step(kind=StepKind.TAX_ADDED, label="VAT 19 %", amount=eur(10))
    assert quoted.wanted() == {full: 2, half: 1}


def test_the_gross_price_is_the_same_in_every_country(app: Flask) -> None:
    channel = make_channel()
    make_tax_zone("DE", standard=190_000)
    make_tax_zone("AT", standard=200_000)
    variant = make_priced_variant(channel, 1999)
    here, there, nowhere = (quote(channel, (variant, 1), country=country) for country in ("DE", "AT", "CH"))
    assert [found.total for found in (here, there, nowhere)] == [eur(1999)] * 3
    assert [found.tax for found in (here, there, nowhere)] == [eur(319), eur(333), eur(0)]
    assert (nowhere.taxes, len(nowhere.lines[0].steps)) == ((), 1)


def test_a_region_counts_only_with_its_country(app: Flask) -> None:
    channel = make_channel(countries=["US"], tax_display=TaxDisplay.NET)
    make_tax_zone("US", "CA", standard=72_500)
    variant = make_priced_variant(channel, 1000)
    assert quote(channel, (variant, 1), country="US", region="CA").tax == eur(73)
    assert quote(channel, (variant, 1), region="CA").tax == eur(0)


def test_shipping_is_taxed_and_traced_like_a_line(app: Flask) -> None:
    channel = make_channel()
    make_tax_zone("DE", standard=190_000)
    variant = make_priced_variant(channel, 1999)
    method = make_shipping_method(make_shipping_zone(), channel, 490, code="parcel", translations={"en": "By post"})
    quoted = quote(channel, (variant, 1), shipping_method_id=method.id)
    assert quoted.shipping is not None
    shipping = quoted.shipping
    assert (shipping.code, shipping.name, shipping.method_id) == ("parcel", "By post", method.id)
    assert (shipping.net, shipping.tax, shipping.gross) == (eur(412), eur(78), eur(490))
    assert [step.kind for step in shipping.steps] == [StepKind.SHIPPING, StepKind.TAX_INCLUDED]
    assert (quoted.subtotal, quoted.shipping_total) == (eur(1999), eur(490))
    assert (quoted.tax, quoted.total) == (eur(319 + 78), eur(2489))


def test_in_a_net_channel_shipping_is_taxed_on_top(app: Flask) -> None:
    channel = make_channel(tax_display=TaxDisplay.NET)
    make_tax_zone("DE", standard=190_000)
    variant = make_priced_variant(channel, 1000)
    method = make_shipping_method(make_shipping_zone(), channel, 500)
    quoted = quote(channel, (variant, 1), shipping_method_id=method.id)
    assert (quoted.shipping_total, quoted.tax, quoted.total) == (eur(500), eur(285), eur(1785))


def test_a_method_that_does_not_fit_is_not_charged(app: Flask) -> None:
    channel = make_channel()
    light = ShippingRate(RateKind.BY_WEIGHT, ((1000, eur(390)),))
    method = make_shipping_method(make_shipping_zone(), channel, rate=light)
    heavy, digital = (
        make_priced_variant(channel, 1999, weight_grams=600),
        make_priced_variant(channel, 500, weight_grams=9999, requires_shipping=False),
    )
    fits = quote(channel, (heavy, 1), (digital, 1), shipping_method_id=method.id)
    assert fits.shipping_total == eur(390)
    for lines, more in (
        ([(heavy, 2)], {}),  # too heavy
        ([(heavy, 1)], {"country": "AT"}),  # not delivered there
        ([(digital, 1)], {}),  # nothing to ship
        ([], {}),
    ):
        quoted = quote(channel, *lines, shipping_method_id=method.id, **more)
        assert (quoted.shipping, quoted.shipping_total, quoted.total) == (None, eur(0), quoted.subtotal)
    assert not quote(channel, (digital, 1)).needs_shipping


def test_what_is_not_for_sale_is_named_and_not_counted(app: Flask) -> None:
    channel = make_channel()
    sold = make_priced_variant(channel, 1999)
    unpriced, draft, archived = make_priced_variant(make_channel(), 1), make_priced_variant(channel, 1), ids.new()
    with transaction():
        variant = session.get_one(Variant, draft)
        session.get_one(Product, variant.product_id).published_at = None
        other = Variant(id=archived, product_id=variant.product_id, position=1, sku=ids.new().hex, option_values=["x"])
        other.archived_at = clock.now()
        session.add(other)
    unknown = ids.new()
    quoted = quote(channel, (unpriced, 1), (sold, 1), (draft, 3), (archived, 1), (unknown, 1), (unpriced, 2))
    assert quoted.unavailable == (unpriced, draft, archived, unknown)
    assert [line.variant_id for line in quoted.lines] == [sold]
    assert (quoted.total, quoted.wanted()) == (eur(1999), {sold: 1})


def test_an_empty_basket_costs_nothing(app: Flask) -> None:
    quoted = quote(make_channel())
    assert (quoted.lines, quoted.taxes, quoted.unavailable, quoted.total) == ((), (), (), eur(0))
    assert (quoted.needs_shipping, quoted.wanted()) == (False, {})


def test_the_same_basket_makes_the_same_quote_and_can_be_stored(app: Flask) -> None:
    channel = make_channel()
    make_tax_zone("DE", standard=190_000, reduced=70_000)
    first, second = make_priced_variant(channel, 1999), make_priced_variant(channel, 333, tax_class="reduced")
    method = make_shipping_method(make_shipping_zone(), channel)
    wanted = basket(channel, (first, 3), (second, 7), shipping_method_id=method.id)
    with reading():
        once, again = service.quote(wanted), service.quote(wanted)
    assert msgspec.json.encode(once) == msgspec.json.encode(again)
    assert msgspec.json.decode(msgspec.json.encode(once), type=Quote) == once


def test_a_currency_without_minor_units_is_counted_in_whole_ones(app: Flask) -> None:
    channel = make_channel(currency="JPY", countries=["JP"])
    make_tax_zone("JP", standard=100_000)
    quoted = quote(channel, (make_priced_variant(channel, 1500), 1))
    assert (quoted.tax, quoted.total) == (Money(136, "JPY"), Money(1500, "JPY"))


def test_a_quote_needs_a_channel(app: Flask) -> None:
    with pytest.raises(UnknownChannel), reading():
        service.quote(Basket(channel_id=ids.new(), locale="en", lines=()))


def test_what_a_quote_reads_is_not_planned_anew_each_time(app: Flask) -> None:
    channel = make_channel()
    # So many that reading one of them costs less than reading ten.
    variants = [make_priced_variant(channel, 1999) for _ in range(40)]
    with transaction():
        session.execute(text("ANALYZE products, variants"))
    with reading():
        session.execute(text("DEALLOCATE ALL"))
        for variant in variants[: TRIED + 3]:
            service.quote(basket(channel, (variant, 1)))
        plans = session.execute(
            text("SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%tax_display%'")
        ).all()
    assert plans == [(TRIED, 3)]
