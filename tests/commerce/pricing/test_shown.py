"""What anybody is asked for now, as it is read for hundreds of variants at once."""

from datetime import timedelta

import pytest

from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory import locations
from shopwright.commerce.pricing import queries, shown
from shopwright.commerce.pricing.quotes import Basket, BasketLine
from shopwright.commerce.promotions.rules import Kind, Percentage
from shopwright.kit import clock
from shopwright.kit.transaction import reading, transaction
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def test_what_is_going_is_what_is_shown_without_its_history() -> None:
    channel, location = make.make_channel(currency="EUR"), make.make_location()
    with transaction():
        locations.sell_from(channel.id, [location.id])
    _, (plain,) = make.make_product_on_sale({channel: 1000}, on_hand={location.id: 3})
    reduced = make.make_priced_variant(channel, 800, compare_at=900)
    listed = make.make_priced_variant(channel, 1000)
    make.make_price_list(channel, (listed, 1, 700))
    unpriced = make.make_stocked_variant()
    asked = [plain, reduced, listed, unpriced]
    assert _going(channel, asked) == {plain: (1000, None), reduced: (800, 900), listed: (700, 1000)}
    make.make_promotion(Percentage(ppm=100_000), kind=Kind.CATALOG)
    going = _going(channel, asked)
    assert going == {plain: (900, 1000), reduced: (720, 800), listed: (630, 700)}
    with clock.held_at(clock.now() + timedelta(days=1)), reading():
        showing, found = shown.showing(channel.id, asked), shown.going(channel.id, asked)
    assert going == {
        id_: (each.price.amount, each.compare_at.amount if each.compare_at else None)
        for id_, each in showing.prices.items()
    }
    assert found.available == showing.available
    assert found.available[plain] == 3
    # What they cost before is told to who shows it, and to nobody else.
    assert {*showing.announced} == {plain, reduced, listed}
    with reading():
        basket = Basket(
            channel_id=channel.id, locale="", lines=(BasketLine(line_id=plain, variant_id=plain, quantity=1),)
        )
        terms = queries.shown_terms(basket, (), with_history=False)
    assert (terms.announced, [each.amount for each in terms.prices]) == ([], [1000])


def _going(channel: Channel, asked: list) -> dict:
    with reading():
        return shown.going(channel.id, asked).prices
