"""What must hold of stock: levels are what moved and what is promised, and no promise outlives its time (I1, I9)."""

from uuid import UUID

from sqlalchemy import func, select

from shopwright.commerce.inventory import levels
from shopwright.commerce.inventory.levels import Change
from shopwright.commerce.inventory.models import Reason, Reservation, ReservationState, StockLevel, StockMovement
from shopwright.commerce.inventory.movements import write_down
from shopwright.kit.db import session
from shopwright.kit.verification import CannotMend, Check

_ON_HAND = """
    SELECT variant_id || '/' || location_id, on_hand, coalesce(moved, 0),
           CASE WHEN moved IS NULL THEN 'the level has no movements: it was written by hand, or they were removed'
                ELSE 'on_hand was changed without a movement, or a movement was changed or removed' END
    FROM stock_levels LEFT JOIN
      (SELECT variant_id, location_id, sum(delta) AS moved FROM stock_movements GROUP BY 1, 2) AS m
      USING (variant_id, location_id)
    WHERE on_hand <> coalesce(moved, 0)"""
_PROMISED = """
    SELECT variant_id || '/' || location_id, reserved || ' reserved, ' || claimed || ' claimed',
           coalesce(held, 0) || ' held, ' || coalesce(kept, 0) || ' claimed',
           CASE WHEN reserved > coalesce(held, 0) OR claimed > coalesce(kept, 0)
                THEN 'the level promises what no reservation asks for: a reservation was ended by hand'
                ELSE 'the level promises less than reservations ask for: it could be sold twice' END
    FROM stock_levels LEFT JOIN
      (SELECT variant_id, location_id, sum(quantity) FILTER (WHERE state = 'held') AS held,
              sum(quantity) FILTER (WHERE state = 'claimed') AS kept
       FROM reservations WHERE state IN ('held', 'claimed') GROUP BY 1, 2) AS r USING (variant_id, location_id)
    WHERE reserved <> coalesce(held, 0) OR claimed <> coalesce(kept, 0)"""
_OVERSOLD = """
    SELECT variant_id || '/' || location_id, on_hand || ' on hand', reserved + claimed || ' promised',
           'more is promised than is there: the constraint of the table was dropped or the level written past it'
    FROM stock_levels WHERE on_hand - reserved - claimed < 0 OR reserved < 0 OR claimed < 0"""
_OVERDUE = """
    SELECT id, 'held until ' || expires_at, 'free since then',
           'nobody swept it: the clock or the worker does not run'
    FROM reservations WHERE state = 'held' AND expires_at < CAST(:now AS timestamptz) - interval '5 minutes'"""


def _mend_on_hand(subject: str) -> str | None:
    # The level is what sales are guarded by, so the ledger is made to say the same.
    level = _locked(subject)
    moved = session.scalar(
        select(func.coalesce(func.sum(StockMovement.delta), 0)).where(
            StockMovement.variant_id == level.variant_id, StockMovement.location_id == level.location_id
        )
    )
    if not (missing := level.on_hand - int(moved or 0)):
        return None
    said = f"drift: the level says {level.on_hand}, its movements {moved}"
    write_down([Change(*level.place, on_hand=missing)], Reason.REPAIR, said)
    return f"a movement of {missing:+d}"


def _mend_promised(subject: str) -> str | None:
    # Reservations change under the lock of their level only, so the sums stay true until the commit.
    level = _locked(subject)
    sums = dict(
        session.execute(
            select(Reservation.state, func.sum(Reservation.quantity))
            .where(Reservation.variant_id == level.variant_id, Reservation.location_id == level.location_id)
            .group_by(Reservation.state)
        ).all()
    )
    reserved = int(sums.get(ReservationState.HELD, 0)) - level.reserved
    claimed = int(sums.get(ReservationState.CLAIMED, 0)) - level.claimed
    if not (reserved or claimed):
        return None
    if level.free - reserved - claimed < 0:
        raise CannotMend("More is promised than is there: count the stock, or cancel one of the orders.")
    levels.apply([Change(*level.place, reserved=reserved, claimed=claimed)])
    return f"{reserved:+d} reserved, {claimed:+d} claimed"


def _locked(subject: str) -> StockLevel:
    variant_id, location_id = (UUID(part) for part in subject.split("/"))
    # Not through `levels.lock_at`, which ends what is overdue and so trusts the sums that are in doubt here.
    return session.scalars(
        select(StockLevel)
        .where(StockLevel.variant_id == variant_id, StockLevel.location_id == location_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def _sweep(subject: str) -> str | None:
    reservation = session.get(Reservation, UUID(subject))
    if reservation is None or reservation.state != ReservationState.HELD:
        return None
    # Whoever locks a level rids it of what has expired.
    levels.lock_at([reservation.place])
    return "it was ended, as the sweeper would have"


CHECKS = (
    Check("inventory: more is never promised than is there (I1)", _OVERSOLD),
    Check("inventory: on_hand is the sum of the movements (I1)", _ON_HAND, _mend_on_hand),
    Check("inventory: reserved and claimed are what reservations say (I1)", _PROMISED, _mend_promised),
    Check("inventory: nothing is held beyond its time (I9)", _OVERDUE, _sweep),
)
