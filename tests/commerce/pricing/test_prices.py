from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from shopwright.commerce.catalog.errors import UnknownVariant
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.pricing import queries, service
from shopwright.commerce.pricing.errors import CompareAtTooLow, PriceInForeignCurrency, UnknownPrice
from shopwright.commerce.pricing.service import PriceTag
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests.make import make_channel, make_priced_variant

pytestmark = pytest.mark.usefixtures("app")


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def tag(variant_id: UUID, channel: Channel, amount: int, compare_at: int | None = None) -> PriceTag:
    was = None if compare_at is None else eur(compare_at)
    return PriceTag(variant_id=variant_id, channel_id=channel.id, price=eur(amount), compare_at=was)


def amounts(channel: Channel, *variants: UUID) -> dict[UUID, int]:
    with reading():
        return {id_: price.amount for id_, price in queries.prices(channel.id, "EUR", variants).items()}


def facts_about(variant_id: UUID) -> int:
    with reading():
        found = select(OutboxEntry).where(
            OutboxEntry.name == "pricing.PriceChanged", OutboxEntry.aggregate_id == variant_id
        )
        return len(session.scalars(found).all())


def test_a_price_is_of_one_variant_and_channel(app: Flask) -> None:
    channel, other = make_channel(), make_channel()
    variant, unpriced = make_priced_variant(channel, 1999), make_priced_variant(other, 500)
    assert amounts(channel, variant, unpriced) == {variant: 1999}
    with reading():
        assert queries.prices(channel.id, "USD", [variant]) == {}


def test_a_change_is_announced_and_no_change_is_not(app: Flask) -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 1999)
    assert facts_about(variant) == 1
    with transaction():
        version = service.set_price(variant, channel.id, eur(1999)).version
    assert facts_about(variant) == 1
    with transaction():
        again = service.set_price(variant, channel.id, eur(1799), compare_at=eur(1999), cost=eur(900))
        assert (again.price, again.compare_at, again.cost) == (eur(1799), eur(1999), eur(900))
        assert again.version == version + 1
    assert facts_about(variant) == 2
    assert amounts(channel, variant) == {variant: 1799}


def test_many_prices_are_set_at_once_and_only_changes_are_facts(app: Flask) -> None:
    channel, other = make_channel(), make_channel()
    kept, changed, new = (make_priced_variant(channel, 1000) for _ in range(3))
    with transaction():
        service.remove_price(new, channel.id)
    before = {id_: facts_about(id_) for id_ in (kept, changed, new)}
    with transaction():
        count = service.set_prices(
            [tag(kept, channel, 1000), tag(changed, channel, 900), tag(changed, other, 800), tag(new, channel, 700)]
        )
    assert count == 3
    assert amounts(channel, kept, changed, new) == {kept: 1000, changed: 900, new: 700}
    assert amounts(other, kept, changed, new) == {changed: 800}
    assert {id_: facts_about(id_) - before[id_] for id_ in before} == {kept: 0, changed: 1, new: 1}


def test_setting_the_same_prices_again_changes_nothing(app: Flask) -> None:
    channel = make_channel()
    variants = [make_priced_variant(channel, 1000) for _ in range(3)]
    tags = [tag(id_, channel, 1200, 1500) for id_ in variants]
    with transaction():
        assert service.set_prices(tags) == 3
    with transaction():
        assert service.set_prices(tags) == 0
    with reading():
        assert [price.version for price in queries.prices(channel.id, "EUR", variants).values()] == [2, 2, 2]
    assert [facts_about(id_) for id_ in variants] == [2, 2, 2]


def test_of_two_prices_the_later_counts(app: Flask) -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 1000)
    with transaction():
        service.set_prices([tag(variant, channel, 900), tag(variant, channel, 800)])
    assert amounts(channel, variant) == {variant: 800}


def test_what_was_read_before_is_not_stale_after(app: Flask) -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 1000)
    with transaction():
        price = queries.prices(channel.id, "EUR", [variant])[variant]
        service.set_prices([tag(variant, channel, 900)])
        assert price.amount == 900


def test_a_price_in_another_currency_is_refused(app: Flask) -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 1000)
    usd = Money(5000, "USD")
    for price, was, cost in ((usd, None, None), (eur(900), usd, None), (eur(900), None, usd)):
        with pytest.raises(PriceInForeignCurrency), transaction():
            service.set_price(variant, channel.id, price, compare_at=was, cost=cost)
    assert amounts(channel, variant) == {variant: 1000}
    assert facts_about(variant) == 1


def test_a_compare_at_price_is_higher_than_the_price(app: Flask) -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 1000)
    with pytest.raises(CompareAtTooLow), transaction():
        service.set_price(variant, channel.id, eur(900), compare_at=eur(900))
    assert amounts(channel, variant) == {variant: 1000}


def test_what_does_not_exist_has_no_price(app: Flask) -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 1000)
    with pytest.raises(UnknownVariant), transaction():
        service.set_prices([tag(variant, channel, 900), tag(ids.new(), channel, 900)])
    with pytest.raises(UnknownChannel), transaction():
        service.set_price(variant, ids.new(), eur(900))
    assert amounts(channel, variant) == {variant: 1000}


def test_a_removed_price_is_gone_and_announced(app: Flask) -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 1000)
    with transaction():
        service.remove_price(variant, channel.id)
    assert amounts(channel, variant) == {}
    assert facts_about(variant) == 2
    with pytest.raises(UnknownPrice), transaction():
        service.remove_price(variant, channel.id)
