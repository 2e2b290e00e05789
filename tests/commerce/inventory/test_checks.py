from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.inventory.checks import CHECKS
from shopwright.commerce.inventory.models import Reason, Reservation, StockLevel, StockMovement
from shopwright.kit import audit, clock, ids, verification
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests.drifts import again, force, look, mend, the_one
from tests.make import make_location, make_selling_channel, make_stocked_variant

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def order_id(app: Flask) -> UUID:
    """Of five pieces, two are held for it and one is claimed for another."""
    berlin = make_location().id
    channel, variant = make_selling_channel(berlin).id, make_stocked_variant({berlin: 5})
    held, paid = ids.new(), ids.new()
    with transaction():
        until = clock.now() + timedelta(minutes=30)
        inventory.reserve(held, channel, {variant: 2}, until)
        inventory.reserve(paid, channel, {variant: 1}, until)
        inventory.claim(paid)
    assert look(CHECKS) == []
    return held


def level() -> tuple[int, int, int]:
    with reading():
        found = session.scalars(select(StockLevel)).one()
        return found.on_hand, found.reserved, found.claimed


def movements() -> list[tuple[int, str, str]]:
    with reading():
        rows = session.scalars(select(StockMovement).order_by(StockMovement.id)).all()
        return [(row.delta, row.reason, row.reference) for row in rows]


def test_a_level_that_was_overwritten_gets_a_movement_of_the_difference(order_id: UUID) -> None:
    force("UPDATE stock_levels SET on_hand = 4")
    drift = the_one(CHECKS)
    assert (drift.check, drift.row, drift.ledger) == (CHECKS[1].name, "4", "5")
    assert drift.cause == "on_hand was changed without a movement, or a movement was changed or removed"
    assert mend(CHECKS) == ["a movement of -1"]
    assert movements()[1:] == [(-1, Reason.REPAIR, "drift: the level says 4, its movements 5")]
    assert again(drift) == "it had gone meanwhile"
    assert (level(), len(movements())) == ((4, 2, 1), 2)


def test_a_removed_movement_is_made_up_for(order_id: UUID) -> None:
    force("DELETE FROM stock_movements", "stock_movements")
    assert the_one(CHECKS).cause.startswith("the level has no movements")
    assert mend(CHECKS) == ["a movement of +5"]
    assert level() == (5, 2, 1)


def test_wrong_sums_of_promises_are_set_right_and_written_into_the_audit_log(order_id: UUID) -> None:
    force("UPDATE stock_levels SET reserved = 0, claimed = 3")
    drift = the_one(CHECKS)
    assert (drift.check, drift.row, drift.ledger) == (CHECKS[2].name, "0 reserved, 3 claimed", "2 held, 1 claimed")
    assert mend(CHECKS) == ["+2 reserved, -2 claimed"]
    assert level() == (5, 2, 1)
    assert again(drift) == "it had gone meanwhile"
    with reading():
        (entry,) = session.scalars(audit.entries()).all()
    assert (entry.action, entry.actor_kind) == ("verification.repair", "system")
    assert (entry.facts["row"], entry.facts["done"]) == ("0 reserved, 3 claimed", "+2 reserved, -2 claimed")


def test_what_is_promised_twice_is_left_and_said(order_id: UUID) -> None:
    force("UPDATE reservations SET quantity = 9 WHERE state = 'held'")
    assert the_one(CHECKS).cause == "the level promises less than reservations ask for: it could be sold twice"
    assert mend(CHECKS) == ["left: More is promised than is there: count the stock, or cancel one of the orders."]
    assert level() == (5, 2, 1)


def test_a_level_written_past_its_constraint_is_named(order_id: UUID) -> None:
    force("ALTER TABLE stock_levels DROP CONSTRAINT ck_stock_levels_promises_only_what_is_there")
    force("UPDATE stock_levels SET on_hand = 2")
    oversold, drifted = look(CHECKS)
    assert (oversold.row, oversold.ledger) == ("2 on hand", "3 promised")
    assert drifted.check == CHECKS[1].name


def test_what_is_held_beyond_its_time_is_ended_after_a_grace(order_id: UUID) -> None:
    with clock.held_at(clock.now() + timedelta(minutes=34)):
        assert look(CHECKS) == []
        clock.advance(timedelta(minutes=2))
        drift = the_one(CHECKS)
        assert drift.cause == "nobody swept it: the clock or the worker does not run"
        assert mend(CHECKS) == ["it was ended, as the sweeper would have"]
        assert again(drift) == "it had gone meanwhile"
    assert level() == (5, 0, 1)
    with reading():
        ended = select(func.count()).where(Reservation.state == "expired", Reservation.order_id == order_id)
        assert session.scalar(ended) == 1


def test_a_drift_that_has_gone_before_its_repair_is_left_alone(order_id: UUID) -> None:
    force("UPDATE stock_levels SET on_hand = 4")
    report = verification.examine()
    force("UPDATE stock_levels SET on_hand = 5")
    (drift,) = verification.repair(report).drifts
    assert drift.mended == "it had gone meanwhile"
    assert (level(), len(movements())) == ((5, 2, 1), 1)
