from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from shopwright.commerce.channels.models import Channel
from shopwright.commerce.shipping import queries, service
from shopwright.commerce.shipping.errors import (
    DeliveryDaysReversed,
    ForeignCurrency,
    ShippingAreaTaken,
    ShippingCodeTaken,
    TiersRepeated,
    UnknownShippingZone,
)
from shopwright.commerce.shipping.models import RateKind
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.commerce.shipping.terms import Rate
from shopwright.kit import ids
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests.make import make_channel, make_shipping_method, make_shipping_zone

pytestmark = pytest.mark.usefixtures("app")


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def offers(
    channel: Channel, *, weight: int = 500, goods: int = 2000, to: tuple[str, str | None] = ("DE", None), **more: Any
) -> list[ShippingOffer]:
    with reading():
        return queries.offers(channel.id, *to, weight, eur(goods), **more)


def prices(channel: Channel, **basket: Any) -> list[int]:
    return [offer.price.amount for offer in offers(channel, **basket)]


def test_an_offer_says_what_it_is(app: Flask) -> None:
    channel = make_channel()
    method = make_shipping_method(
        make_shipping_zone(), channel, code="parcel", tax_class="standard", min_days=1, max_days=3
    )
    assert offers(channel) == [
        ShippingOffer(
            method_id=method.id, code="parcel", name="Parcel", price=eur(490),
            tax_class="standard", min_days=1, max_days=3,
        )
    ]  # fmt: skip


def test_by_weight_the_first_tier_that_holds_it_decides(app: Flask) -> None:
    channel = make_channel()
    rate = Rate(RateKind.BY_WEIGHT, ((5000, eur(690)), (1000, eur(390))))
    make_shipping_method(make_shipping_zone(), channel, rate=rate)
    assert prices(channel, weight=0) == [390]
    assert prices(channel, weight=1000) == [390]
    assert prices(channel, weight=1001) == [690]
    assert prices(channel, weight=5000) == [690]
    assert prices(channel, weight=5001) == []


def test_by_price_the_last_tier_that_is_reached_decides(app: Flask) -> None:
    channel = make_channel()
    rate = Rate(RateKind.BY_PRICE, ((eur(1000), eur(490)), (eur(5000), eur(290))))
    make_shipping_method(make_shipping_zone(), channel, rate=rate)
    assert prices(channel, goods=999) == []
    assert prices(channel, goods=1000) == [490]
    assert prices(channel, goods=4999) == [490]
    assert prices(channel, goods=5000) == [290]


def test_above_an_amount_shipping_is_free_but_never_for_what_is_too_heavy(app: Flask) -> None:
    channel = make_channel()
    zone = make_shipping_zone()
    make_shipping_method(zone, channel, free_from=eur(5000), position=1)
    heavy = Rate(RateKind.BY_WEIGHT, ((1000, eur(390)),))
    make_shipping_method(zone, channel, free_from=eur(5000), rate=heavy, position=2)
    assert prices(channel, goods=4999) == [490, 390]
    assert prices(channel, goods=5000) == [0, 0]
    assert prices(channel, goods=5000, weight=1001) == [0]


def test_the_region_goes_before_its_country(app: Flask) -> None:
    channel = make_channel()
    make_shipping_method(make_shipping_zone("ES"), channel, 490)
    make_shipping_method(make_shipping_zone("ES", "GC"), channel, 1990)
    assert prices(channel, to=("ES", "gc")) == [1990]
    assert prices(channel, to=("ES", "M")) == [490]
    assert prices(channel, to=("ES", None)) == [490]
    assert prices(channel, to=("FR", None)) == []


def test_a_method_is_of_one_channel_and_may_rest(app: Flask) -> None:
    channel, other = make_channel(), make_channel()
    zone = make_shipping_zone()
    make_shipping_method(zone, other)
    make_shipping_method(zone, channel, is_active=False)
    assert offers(channel) == []


def test_offers_stand_in_the_shops_order(app: Flask) -> None:
    channel = make_channel()
    zone = make_shipping_zone()
    for price, position in ((300, 2), (200, 1), (100, 1)):
        make_shipping_method(zone, channel, price, position=position)
    assert prices(channel) == [200, 100, 300]


@pytest.mark.parametrize(
    ("locale", "name"), [("de", "Paket"), ("de-AT", "Packerl"), ("de-CH", "Paket"), ("fr", "Parcel"), (None, "Parcel")]
)
def test_the_name_is_in_the_nearest_language(app: Flask, locale: str | None, name: str) -> None:
    channel = make_channel()
    make_shipping_method(make_shipping_zone(), channel, translations={"de": "Paket", "de-AT": "Packerl"})
    assert [offer.name for offer in offers(channel, locale=locale)] == [name]


def test_another_currency_is_refused(app: Flask) -> None:
    channel, zone = make_channel(), make_shipping_zone()
    yen = Rate(RateKind.FLAT, ((0, Money(490, "JPY")),))
    goods_in_yen = Rate(RateKind.BY_PRICE, ((Money(0, "JPY"), eur(490)),))
    for terms in ({"rate": yen}, {"rate": goods_in_yen}, {"free_from": Money(1, "JPY")}):
        with pytest.raises(ForeignCurrency):
            make_shipping_method(zone, channel, **terms)
    assert offers(channel) == []


def test_terms_that_contradict_themselves_are_refused(app: Flask) -> None:
    channel, zone = make_channel(), make_shipping_zone()
    with pytest.raises(DeliveryDaysReversed):
        make_shipping_method(zone, channel, min_days=3, max_days=2)
    with pytest.raises(TiersRepeated):
        make_shipping_method(zone, channel, rate=Rate(RateKind.BY_WEIGHT, ((1, eur(1)), (1, eur(2)))))
    assert offers(channel) == []


def test_a_code_is_unique_in_zone_and_channel(app: Flask) -> None:
    channel, zone = make_channel(), make_shipping_zone()
    make_shipping_method(zone, channel, code="parcel")
    make_shipping_method(zone, make_channel(), code="parcel")
    with pytest.raises(ShippingCodeTaken):
        make_shipping_method(zone, channel, 100, code="parcel")
    assert prices(channel) == [490]


def test_an_area_belongs_to_one_zone(app: Flask) -> None:
    channel = make_channel()
    make_shipping_method(make_shipping_zone("DE"), channel)
    with pytest.raises(ShippingAreaTaken), transaction():
        service.open_zone("again", [("DE", None)])
    assert prices(channel) == [490]


def test_a_change_of_the_rate_is_a_new_version(app: Flask) -> None:
    channel = make_channel()
    method = make_shipping_method(make_shipping_zone(), channel)
    first = method.version
    with transaction():
        service.change_method(method.id, rate=Rate(RateKind.FLAT, ((0, eur(590)),)))
    with reading():
        assert queries.method(method.id).version == first + 1
    assert prices(channel) == [590]


def test_a_removed_zone_takes_its_methods_along(app: Flask) -> None:
    channel, zone = make_channel(), make_shipping_zone()
    make_shipping_method(zone, channel)
    with transaction():
        service.remove_zone(zone.id)
    assert offers(channel) == []
    make_shipping_zone()  # the area is free again


def test_a_method_needs_a_zone(app: Flask) -> None:
    channel = make_channel()
    nowhere: UUID = ids.new()
    with pytest.raises(UnknownShippingZone), transaction():
        service.add_method(nowhere, channel.id, code="x", name="X", rate=Rate(RateKind.FLAT, ((0, eur(1)),)))
