from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from shopwright.commerce.inventory import locations, queries, stock
from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.inventory.errors import NotClaimed, OutOfStock, ReservationExpired
from shopwright.commerce.inventory.models import Reason, Reservation, StockLevel, StockMovement
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry
from shopwright.kit.transaction import reading, transaction
from tests.make import hold_longer, make_location, make_selling_channel, make_stocked_variant
from tests.sent import statements

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _noon(app: Flask) -> Iterator[None]:
    with clock.held_at(NOON):
        yield


@pytest.fixture
def berlin(app: Flask) -> UUID:
    return make_location().id


@pytest.fixture
def lyon(app: Flask) -> UUID:
    return make_location(country="FR").id


@pytest.fixture
def channel(berlin: UUID, lyon: UUID) -> UUID:
    return make_selling_channel(berlin, lyon).id


def reserve(channel: UUID, wanted: dict[UUID, int], order_id: UUID | None = None) -> UUID:
    order_id = order_id or ids.new()
    with transaction():
        inventory.reserve(order_id, channel, wanted, clock.now() + HALF_AN_HOUR)
    return order_id


def claim(order_id: UUID) -> None:
    with transaction():
        inventory.claim(order_id)


def release(*order_ids: UUID) -> None:
    with transaction():
        inventory.release(*order_ids)


def ship(order_id: UUID, items: dict[UUID, int]) -> None:
    with transaction():
        inventory.ship(order_id, items, "parcel 1")


def level(variant: UUID, location: UUID) -> tuple[int, int, int]:
    """On hand, reserved, claimed."""
    with reading():
        row = session.get_one(StockLevel, (variant, location), populate_existing=True)
    return row.on_hand, row.reserved, row.claimed


def kept(order_id: UUID) -> list[tuple[UUID, int, str]]:
    with reading():
        rows = session.scalars(select(Reservation).where(Reservation.order_id == order_id).order_by(Reservation.id))
        return [(row.location_id, row.quantity, row.state) for row in rows]


def available(channel: UUID, variant: UUID) -> int:
    with reading():
        return queries.available(channel, [variant])[variant]


def announced(variant: UUID) -> int:
    with reading():
        entries = select(OutboxEntry.id).where(
            OutboxEntry.name == "inventory.StockChanged", OutboxEntry.aggregate_id == variant
        )
        return len(session.scalars(entries).all())


def test_a_line_comes_from_the_first_location_that_has_all_of_it(channel: UUID, berlin: UUID, lyon: UUID) -> None:
    variant = make_stocked_variant({berlin: 2, lyon: 5})
    assert kept(reserve(channel, {variant: 3})) == [(lyon, 3, "held")]
    assert kept(reserve(channel, {variant: 2})) == [(berlin, 2, "held")]
    assert level(variant, berlin) == (2, 2, 0)
    assert level(variant, lyon) == (5, 3, 0)


def test_a_line_is_split_when_no_location_has_all_of_it(channel: UUID, berlin: UUID, lyon: UUID) -> None:
    variant = make_stocked_variant({berlin: 2, lyon: 5})
    assert kept(reserve(channel, {variant: 6})) == [(berlin, 2, "held"), (lyon, 4, "held")]
    assert available(channel, variant) == 1


def test_when_one_line_is_short_nothing_is_held(channel: UUID, berlin: UUID, lyon: UUID) -> None:
    plenty, scarce, none = (make_stocked_variant({berlin: n, lyon: n}) for n in (9, 1, 0))
    order = ids.new()
    with pytest.raises(OutOfStock) as refused:
        reserve(channel, {plenty: 1, scarce: 3, none: 1}, order)
    assert refused.value.facts["variants"] == [
        {"variant_id": str(scarce), "available": 2, "wanted": 3},
        {"variant_id": str(none), "available": 0, "wanted": 1},
    ]
    assert kept(order) == []
    assert level(plenty, berlin) == (9, 0, 0)


def test_a_channel_sells_only_from_its_own_active_locations(channel: UUID, berlin: UUID, lyon: UUID) -> None:
    elsewhere = make_location().id
    variant = make_stocked_variant({berlin: 1, lyon: 1, elsewhere: 7})
    assert available(channel, variant) == 2
    with transaction():
        locations.change_location(lyon, {"is_active": False})
    assert available(channel, variant) == 1
    with pytest.raises(OutOfStock):
        reserve(channel, {variant: 2})


def test_what_was_held_beyond_its_time_is_free_without_any_sweeper(channel: UUID, berlin: UUID) -> None:
    variant = make_stocked_variant({berlin: 3})
    late = reserve(channel, {variant: 3})
    clock.advance(HALF_AN_HOUR - timedelta(microseconds=1))
    assert available(channel, variant) == 0
    with pytest.raises(OutOfStock):
        reserve(channel, {variant: 1})
    clock.advance(timedelta(microseconds=1))
    assert available(channel, variant) == 3
    assert kept(reserve(channel, {variant: 2})) == [(berlin, 2, "held")]
    assert kept(late) == [(berlin, 3, "expired")]
    assert level(variant, berlin) == (3, 2, 0)


def test_a_refusal_leaves_even_expired_holds_as_they_were(channel: UUID, berlin: UUID) -> None:
    variant = make_stocked_variant({berlin: 1})
    late = reserve(channel, {variant: 1})
    clock.advance(HALF_AN_HOUR)
    with pytest.raises(OutOfStock) as refused:
        reserve(channel, {variant: 2})
    assert refused.value.facts["variants"][0]["available"] == 1
    assert kept(late) == [(berlin, 1, "held")]


def test_a_paid_order_owns_its_stock_for_good(channel: UUID, berlin: UUID) -> None:
    variant = make_stocked_variant({berlin: 3})
    order = reserve(channel, {variant: 2})
    claim(order)
    assert level(variant, berlin) == (3, 0, 2)
    claim(order)
    assert level(variant, berlin) == (3, 0, 2)
    clock.advance(timedelta(days=30))
    assert available(channel, variant) == 1
    assert kept(order) == [(berlin, 2, "claimed")]


def test_a_payment_that_comes_too_late_is_told_so(channel: UUID, berlin: UUID) -> None:
    variant = make_stocked_variant({berlin: 2})
    order = reserve(channel, {variant: 1})
    clock.advance(HALF_AN_HOUR)
    with pytest.raises(ReservationExpired):
        claim(order)
    assert kept(order) == [(berlin, 1, "held")]
    assert level(variant, berlin) == (2, 1, 0)


def test_what_was_given_back_cannot_be_claimed(channel: UUID, berlin: UUID) -> None:
    variant = make_stocked_variant({berlin: 2})
    order = reserve(channel, {variant: 1})
    release(order)
    with pytest.raises(ReservationExpired):
        claim(order)
    assert level(variant, berlin) == (2, 0, 0)


def test_a_late_payment_may_reserve_anew_in_the_same_transaction(channel: UUID, berlin: UUID) -> None:
    first, second = make_stocked_variant({berlin: 1}), make_stocked_variant({berlin: 1})
    order = reserve(channel, {first: 1})
    with transaction():
        inventory.reserve(order, channel, {second: 1}, clock.now() + 2 * HALF_AN_HOUR)
    clock.advance(HALF_AN_HOUR)
    with transaction():
        with pytest.raises(ReservationExpired):
            inventory.claim(order)
        inventory.reserve(order, channel, {first: 1, second: 1}, clock.now() + timedelta(minutes=1))
        inventory.claim(order)
    assert level(first, berlin) == (1, 0, 1)
    assert level(second, berlin) == (1, 0, 1)


def test_an_order_of_nothing_has_nothing_to_claim(app: Flask) -> None:
    order = ids.new()
    reserve(ids.new(), {}, order)
    claim(order)
    release(order)
    assert kept(order) == []


def test_a_hold_is_prolonged_but_neither_shortened_nor_woken_from_the_dead(channel: UUID, berlin: UUID) -> None:
    variant = make_stocked_variant({berlin: 1})
    order = reserve(channel, {variant: 1})
    for until in (clock.now() + 2 * HALF_AN_HOUR, clock.now()):
        with transaction():
            hold_longer(order, until)
    clock.advance(2 * HALF_AN_HOUR - timedelta(seconds=1))
    assert available(channel, variant) == 0
    clock.advance(timedelta(seconds=1))
    with transaction():
        hold_longer(order, clock.now() + HALF_AN_HOUR)
    assert available(channel, variant) == 1
    with transaction():
        assert inventory.sweep_expired(limit=10) == 1
    assert kept(order) == [(berlin, 1, "expired")]


def test_what_is_released_is_free_again_however_often_it_is_said(channel: UUID, berlin: UUID, lyon: UUID) -> None:
    variant = make_stocked_variant({berlin: 2, lyon: 2})
    unpaid, paid = reserve(channel, {variant: 3}), reserve(channel, {variant: 1})
    claim(paid)
    assert available(channel, variant) == 0
    release(unpaid, paid)
    release(paid)
    assert level(variant, berlin) == level(variant, lyon) == (2, 0, 0)
    assert {state for _, _, state in kept(unpaid) + kept(paid)} == {"released"}


def test_what_leaves_the_house_is_booked_and_the_rest_stays_claimed(channel: UUID, berlin: UUID, lyon: UUID) -> None:
    variant = make_stocked_variant({berlin: 2, lyon: 2})
    order = reserve(channel, {variant: 4})
    claim(order)
    ship(order, {variant: 3})
    assert sorted(kept(order)) == sorted([(berlin, 2, "shipped"), (lyon, 1, "claimed"), (lyon, 1, "shipped")])
    assert level(variant, berlin) == (0, 0, 0)
    assert level(variant, lyon) == (1, 0, 1)
    with reading():
        sales = session.scalars(queries.movements(variant).where(StockMovement.reason == Reason.SALE)).all()
    assert sorted((sale.delta, sale.reference, sale.actor) for sale in sales) == [
        (-2, "parcel 1", "anonymous"),
        (-1, "parcel 1", "anonymous"),
    ]
    release(order)
    assert level(variant, lyon) == (1, 0, 0)
    assert sum(quantity for _, quantity, state in kept(order) if state == "shipped") == 3


@pytest.mark.parametrize("is_paid", [True, False])
def test_no_more_is_shipped_than_was_paid_for(channel: UUID, berlin: UUID, is_paid: bool) -> None:
    variant = make_stocked_variant({berlin: 5})
    order = reserve(channel, {variant: 2})
    if is_paid:
        claim(order)
    with pytest.raises(NotClaimed) as refused:
        ship(order, {variant: 3})
    left = 2 if is_paid else 0
    assert refused.value.facts["variants"] == [{"variant_id": str(variant), "claimed": left, "wanted": 3}]
    assert level(variant, berlin) == (5, 2 - left, left)


def test_the_sweeper_ends_what_is_overdue_and_nothing_else(channel: UUID, berlin: UUID) -> None:
    first, second = make_stocked_variant({berlin: 5}), make_stocked_variant({berlin: 5})
    late = [reserve(channel, {first: 1}), reserve(channel, {second: 2})]
    clock.advance(HALF_AN_HOUR)
    alive = reserve(channel, {make_stocked_variant({berlin: 1}): 1})
    with transaction():
        assert inventory.sweep_expired(1) == 1
    assert sorted(state for order in late for _, _, state in kept(order)) == ["expired", "held"]
    with transaction():
        assert inventory.sweep_expired(10) == 1
    with transaction():
        assert inventory.sweep_expired(10) == 0
    assert level(first, berlin) == level(second, berlin) == (5, 0, 0)
    assert kept(alive) == [(berlin, 1, "held")]


def test_only_running_out_and_coming_back_are_announced(channel: UUID, berlin: UUID) -> None:
    variant = make_stocked_variant({berlin: 2})
    assert announced(variant) == 1
    with transaction():
        stock.adjust(variant, berlin, 1, Reason.RECEIPT)
    assert announced(variant) == 2
    first = reserve(channel, {variant: 2})
    assert announced(variant) == 2
    reserve(channel, {variant: 1})
    assert announced(variant) == 3
    claim(first)
    assert announced(variant) == 3
    release(first)
    assert announced(variant) == 4


def test_the_whole_of_a_reservation_takes_two_statements(channel: UUID, berlin: UUID, lyon: UUID) -> None:
    wanted = {make_stocked_variant({berlin: 5, lyon: 5}): 6 for _ in range(4)}
    with statements() as sent:
        reserve(channel, wanted)
    assert [text.split()[0] for text in sent if text.split()[0] in ("SELECT", "WITH", "UPDATE")] == ["SELECT", "WITH"]
