"""Promotions in a quote: what they take off, who is told why not, and the steps that a price was made in."""

from typing import Any
from uuid import UUID

import pytest

from shopwright.commerce.accounts import groups
from shopwright.commerce.channels.models import Channel, TaxDisplay
from shopwright.commerce.inventory import stock
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.pricing import service
from shopwright.commerce.pricing.quotes import Basket, BasketLine, Quote, StepKind
from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.offers import RefusalKind
from shopwright.commerce.promotions.rules import (
    Code,
    FreeGift,
    Groups,
    Kind,
    NewCustomer,
    Percentage,
    Quantity,
    ShippingOff,
    Subtotal,
    Variants,
)
from shopwright.kit import ids
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests import make

pytestmark = pytest.mark.usefixtures("app")

TEN, FIFTH = Percentage(ppm=100_000), Percentage(ppm=200_000)


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def quote(channel: Channel, *lines: tuple[UUID, int], **more: Any) -> Quote:
    wanted = tuple(BasketLine(line_id=ids.new(), variant_id=id_, quantity=count) for id_, count in lines)
    with reading():
        return service.quote(Basket(channel_id=channel.id, locale="en", lines=wanted, **more))


def test_a_catalog_promotion_lowers_the_price_of_a_piece_and_a_cart_promotion_the_line() -> None:
    channel = make.make_channel()
    make.make_tax_zone("DE", standard=190_000)
    variant = make.make_priced_variant(channel, 1000)
    sale = make.make_promotion(FIFTH, kind=Kind.CATALOG, name="Sale")
    ten = make.make_promotion(TEN, Quantity(at_least=3), name="Three or more")
    quoted = quote(channel, (variant, 3))
    (line,) = quoted.lines
    assert (line.unit_price, line.compare_at, line.discount, line.gross) == (eur(800), eur(1000), eur(240), eur(2160))
    assert [(step.kind, step.label, step.amount, step.base) for step in line.steps] == [
        (StepKind.LIST_PRICE, "List price", eur(3000), None),
        (StepKind.CATALOG_PROMOTION, "Sale", eur(-600), eur(1000)),
        (StepKind.CART_PROMOTION, "Three or more", eur(-240), eur(2400)),
        (StepKind.TAX_INCLUDED, "VAT 19 %", eur(345), None),
    ]
    assert [(step.promotion_id, step.version) for step in line.steps[1:3]] == [
        (sale.id, sale.version), (ten.id, ten.version),
    ]  # fmt: skip
    assert (quoted.subtotal, quoted.discount, quoted.total) == (eur(2400), eur(240), eur(2160))
    assert [(each.promotion_id, each.amount) for each in quoted.redemptions] == [(ten.id, 240)]


def test_in_a_net_channel_the_tax_is_due_on_what_is_left() -> None:
    channel = make.make_channel(tax_display=TaxDisplay.NET)
    make.make_tax_zone("DE", standard=190_000)
    variant = make.make_priced_variant(channel, 1000)
    make.make_promotion(TEN)
    quoted = quote(channel, (variant, 1))
    assert (quoted.subtotal, quoted.discount, quoted.tax, quoted.total) == (eur(1000), eur(100), eur(171), eur(1071))


def test_a_promotion_that_was_paused_ends_at_once() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    ten = make.make_promotion(TEN)
    assert quote(channel, (variant, 1)).total == eur(900)
    with transaction():
        promotions.pause_promotion(ten.id)
    assert quote(channel, (variant, 1)).total == eur(1000)


def test_shipping_is_lowered_and_its_threshold_counts_the_goods_after_catalog_promotions() -> None:
    channel = make.make_channel()
    zone = make.make_shipping_zone("DE")
    method = make.make_shipping_method(zone, channel, 490, free_from=eur(1000))
    variant = make.make_priced_variant(channel, 1000)
    assert quote(channel, (variant, 1), country="DE", shipping_method_id=method.id).shipping_total == eur(0)
    make.make_promotion(FIFTH, kind=Kind.CATALOG)
    assert quote(channel, (variant, 1), country="DE", shipping_method_id=method.id).shipping_total == eur(490)
    make.make_promotion(ShippingOff(ppm=500_000), name="Half the way")
    quoted = quote(channel, (variant, 1), country="DE", shipping_method_id=method.id)
    assert quoted.shipping is not None
    assert [(step.label, step.amount) for step in quoted.shipping.steps] == [
        ("Parcel", eur(490)),
        ("Half the way", eur(-245)),
    ]
    assert (quoted.shipping_total, quoted.total) == (eur(245), eur(1045))


def test_a_gift_in_stock_is_a_line_that_costs_nothing() -> None:
    location = make.make_location()
    channel = make.make_selling_channel(location.id)
    bought = make.make_priced_variant(channel, 5000)
    gift = make.make_priced_variant(channel, 700)
    make.make_promotion(FreeGift(any_of=(gift,)), name="A present")
    without = quote(channel, (bought, 1))
    assert [(line.variant_id, line.is_gift) for line in without.lines] == [(bought, False)]
    assert [refusal.kind for refusal in without.refusals] == [RefusalKind.GIFT_UNAVAILABLE]
    with transaction():
        stock.set_count(gift, location.id, 1, Reason.RECEIPT)
    quoted = quote(channel, (bought, 1))
    line = quoted.lines[1]
    assert (line.variant_id, line.is_gift, line.unit_price, line.gross) == (gift, True, eur(0), eur(0))
    assert [(step.label, step.amount) for step in line.steps] == [("List price", eur(700)), ("A present", eur(-700))]
    assert (quoted.subtotal, quoted.discount, quoted.total) == (eur(5000), eur(0), eur(5000))
    assert quoted.wanted() == {bought: 1, gift: 1}
    # The one in stock is in the basket itself.
    assert [line.is_gift for line in quote(channel, (bought, 1), (gift, 1)).lines] == [False, False]


def test_what_a_group_gets_others_never_hear_of() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    ada, eve = make.make_customer(), make.make_customer()
    with transaction():
        club = groups.create_group("Club")
        groups.put_in(ada.id, [club.id])
    make.make_promotion(TEN, Groups(any_of=(club.id,)), is_announced=True)
    assert quote(channel, (variant, 1), customer_id=ada.id).total == eur(900)
    for stranger in (None, eve.id):
        quoted = quote(channel, (variant, 1), customer_id=stranger)
        assert (quoted.total, quoted.refusals) == (eur(1000), ())


def test_a_new_customer_is_known_by_the_account() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    make.make_promotion(TEN, NewCustomer(within_days=7))
    assert quote(channel, (variant, 1)).total == eur(1000)
    assert quote(channel, (variant, 1), customer_id=make.make_customer().id).total == eur(900)


def test_a_rule_that_is_announced_says_how_much_more_it_needs() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    make.make_promotion(TEN, Subtotal(currency="EUR", at_least=2250), name="Big baskets", is_announced=True)
    (refusal,) = quote(channel, (variant, 1)).refusals
    assert (refusal.kind, refusal.name) == (RefusalKind.MORE_NEEDED, "Big baskets")
    assert refusal.facts == {"missing": 1250, "currency": "EUR"}


def test_a_code_that_does_not_exist_is_told_so_and_takes_nothing_off() -> None:
    channel = make.make_channel()
    variant = make.make_priced_variant(channel, 1000)
    make.make_promotion(TEN, Code())
    quoted = quote(channel, (variant, 1), codes=("NOPE",))
    assert [(refusal.kind, refusal.code) for refusal in quoted.refusals] == [(RefusalKind.UNKNOWN_CODE, "NOPE")]
    assert quoted.total == eur(1000)


def test_promotions_touch_only_what_they_name() -> None:
    channel = make.make_channel()
    cheap, dear = make.make_priced_variant(channel, 1000), make.make_priced_variant(channel, 3000)
    make.make_promotion(TEN, Variants(any_of=(dear,)))
    quoted = quote(channel, (cheap, 1), (dear, 1))
    assert [line.gross for line in quoted.lines] == [eur(1000), eur(2700)]
