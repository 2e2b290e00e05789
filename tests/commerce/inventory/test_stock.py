from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError

from shopwright.commerce.catalog.errors import UnknownVariant
from shopwright.commerce.inventory import queries, stock
from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.inventory.errors import StockInUse, UnknownLocation
from shopwright.commerce.inventory.models import Reason, StockLevel, StockMovement
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.principal import Kind, Principal, acting_as
from shopwright.kit.transaction import reading, transaction
from tests.make import make_location, make_selling_channel, make_stocked_variant


@pytest.fixture
def berlin(app: Flask) -> UUID:
    return make_location().id


def on_hand(variant: UUID, location: UUID) -> int:
    with reading():
        return session.scalars(
            select(StockLevel.on_hand).where(StockLevel.variant_id == variant, StockLevel.location_id == location)
        ).one()


def movements(variant: UUID) -> list[tuple[int, str]]:
    with reading():
        rows = session.scalars(queries.movements(variant).order_by(StockMovement.id))
        return [(row.delta, row.reason) for row in rows]


def hold(variant: UUID, location: UUID, quantity: int) -> None:
    channel = make_selling_channel(location).id
    with transaction():
        inventory.reserve(ids.new(), channel, {variant: quantity}, clock.now().replace(year=9999))


def test_what_is_received_is_added_and_written_down_with_who_and_why(berlin: UUID) -> None:
    variant, someone = make_stocked_variant(), Principal(kind=Kind.STAFF, id=ids.new())
    with acting_as(someone), transaction():
        assert stock.adjust(variant, berlin, 5, Reason.RECEIPT, "note 7").on_hand == 5
    with transaction():
        assert stock.adjust(variant, berlin, -2, Reason.ADJUSTMENT).on_hand == 3
    assert on_hand(variant, berlin) == 3
    assert movements(variant) == [(5, "receipt"), (-2, "adjustment")]
    with reading():
        first = session.scalars(queries.movements(variant).order_by(StockMovement.id)).first()
    assert first is not None
    assert (first.reference, first.actor) == ("note 7", f"staff:{someone.id}")


def test_a_count_books_the_difference_and_the_same_count_nothing(berlin: UUID) -> None:
    variant = make_stocked_variant({berlin: 5})
    for _ in range(2):
        with transaction():
            assert stock.set_count(variant, berlin, 3, Reason.COUNT).on_hand == 3
    assert movements(variant) == [(5, "receipt"), (-2, "count")]


def test_nothing_that_is_promised_is_counted_or_taken_away(berlin: UUID) -> None:
    variant = make_stocked_variant({berlin: 5})
    hold(variant, berlin, 3)
    with pytest.raises(StockInUse) as refused, transaction():
        stock.set_count(variant, berlin, 2, Reason.COUNT)
    assert refused.value.facts["levels"] == [{"variant_id": str(variant), "location_id": str(berlin), "promised": 3}]
    with pytest.raises(StockInUse), transaction():
        stock.adjust(variant, berlin, -3, Reason.ADJUSTMENT)
    assert on_hand(variant, berlin) == 5
    assert movements(variant) == [(5, "receipt")]
    with transaction():
        stock.set_count(variant, berlin, 3, Reason.COUNT)
    assert on_hand(variant, berlin) == 3


def test_nothing_is_taken_from_where_nothing_is(berlin: UUID) -> None:
    variant = make_stocked_variant()
    with pytest.raises(StockInUse), transaction():
        stock.adjust(variant, berlin, -1, Reason.ADJUSTMENT)
    assert movements(variant) == []


def test_many_counts_are_booked_all_or_none(berlin: UUID) -> None:
    lyon = make_location().id
    variants = [make_stocked_variant({berlin: 1}) for _ in range(20)]
    hold(variants[7], berlin, 1)
    counts = {(variant, place): n for n, variant in enumerate(variants) for place in (lyon, berlin)}
    with transaction():
        assert len(stock.set_counts(counts, Reason.IMPORT, "stock.csv")) == 40
    assert [on_hand(variant, lyon) for variant in variants] == list(range(20))
    assert [on_hand(variant, berlin) for variant in variants] == list(range(20))
    with pytest.raises(StockInUse), transaction():
        stock.set_counts(dict.fromkeys(counts, 0), Reason.IMPORT)
    assert on_hand(variants[19], berlin) == 19
    with transaction():
        assert stock.set_counts({}, Reason.IMPORT) == []


def test_stock_is_kept_of_known_variants_at_known_locations_only(berlin: UUID) -> None:
    variant = make_stocked_variant()
    with pytest.raises(UnknownVariant), transaction():
        stock.adjust(ids.new(), berlin, 1, Reason.RECEIPT)
    with pytest.raises(UnknownLocation), transaction():
        stock.set_count(variant, ids.new(), 1, Reason.COUNT)
    assert movements(variant) == []


@pytest.mark.parametrize(
    "attempt",
    [update(StockMovement).values(delta=7), delete(StockMovement), text("TRUNCATE stock_movements")],
    ids=["update", "delete", "truncate"],
)
def test_the_ledger_cannot_be_rewritten(berlin: UUID, attempt: object) -> None:
    variant = make_stocked_variant({berlin: 5})
    with pytest.raises(IntegrityError, match="append-only"), transaction():
        session.execute(attempt)  # type: ignore[call-overload]
    assert movements(variant) == [(5, "receipt")]


@pytest.mark.parametrize("broken", [{"on_hand": -1}, {"reserved": -1}, {"claimed": -1}, {"reserved": 3, "claimed": 3}])
def test_the_database_itself_refuses_to_promise_what_is_not_there(berlin: UUID, broken: dict[str, int]) -> None:
    variant = make_stocked_variant({berlin: 5})
    with pytest.raises(IntegrityError), transaction():
        session.execute(update(StockLevel).where(StockLevel.variant_id == variant).values(**broken))
    assert on_hand(variant, berlin) == 5


def test_availability_of_what_was_never_stocked_is_zero(berlin: UUID) -> None:
    channel, variant = make_selling_channel(berlin).id, make_stocked_variant()
    with reading():
        assert queries.available(channel, [variant]) == {variant: 0}
        assert queries.available(channel, []) == {}


def test_the_sum_of_movements_is_what_is_on_hand(berlin: UUID) -> None:
    variant = make_stocked_variant({berlin: 5})
    for delta in (3, -1, -4):
        with transaction():
            stock.adjust(variant, berlin, delta, Reason.ADJUSTMENT)
    with reading():
        moved = session.scalar(select(func.sum(StockMovement.delta)).where(StockMovement.variant_id == variant))
    assert moved == on_hand(variant, berlin) == 3
