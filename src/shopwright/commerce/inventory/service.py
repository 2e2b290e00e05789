"""Stock for orders: set aside while they wait for payment, theirs once paid, gone once shipped.

All of it runs in the caller's transaction; how locks are ordered is said in `levels`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.inventory import levels, statements
from shopwright.commerce.inventory.errors import NotClaimed, OutOfStock, ReservationExpired
from shopwright.commerce.inventory.levels import Change, Level, Part, Shelves
from shopwright.commerce.inventory.models import Reason, Reservation, ReservationState
from shopwright.commerce.inventory.movements import write_down
from shopwright.kit import clock, ids
from shopwright.kit.db import session


def approach(channel_id: UUID, variant_ids: Collection[UUID]) -> Shelves:
    """The shelves that an order of these variants will take from: their locks are on the way while its price is found."""
    return Shelves(channel_id, variant_ids)


def reserve(
    order_id: UUID, channel_id: UUID, wanted: Mapping[UUID, int], until: datetime, shelves: Shelves | None = None
) -> None:
    """Hold stock for all of these variants until then, or for none. Raises `OutOfStock`.

    What others held beyond its time counts as free. A line comes from one location if one has all of it.
    `shelves` is what was approached for it.
    """
    if not wanted:
        return
    found: dict[UUID, list[Level]] = {variant_id: [] for variant_id in wanted}
    locked = (shelves or Shelves(channel_id, wanted)).locked(wanted)
    for level in locked:
        if level.variant_id in found:
            found[level.variant_id].append(level)
    _refuse_what_is_short(found, wanted)
    parts = [part for variant_id, quantity in wanted.items() for part in _allocate(found[variant_id], quantity)]
    levels.set_aside(order_id, locked, parts, until)


def _refuse_what_is_short(shelves: Mapping[UUID, Sequence[Level]], wanted: Mapping[UUID, int]) -> None:
    available = {variant_id: sum(level.free for level in found) for variant_id, found in shelves.items()}
    short = [
        {"variant_id": str(variant_id), "available": available[variant_id], "wanted": quantity}
        for variant_id, quantity in wanted.items()
        if available[variant_id] < quantity
    ]
    if short:
        raise OutOfStock(variants=short)


def _allocate(shelf: Sequence[Level], quantity: int) -> Iterator[Part]:
    whole = [level for level in shelf if level.free >= quantity]
    for level in whole[:1] or shelf:
        taken = min(level.free, quantity)
        if taken > 0:
            yield Part(ids.new(), *level.place, taken)
        quantity -= taken


def claim(order_id: UUID) -> None:
    """Make what is held for the order its own, now that it is paid; again it changes nothing.

    Raises `ReservationExpired` when any of it is no longer held. Then the rest has been let go of as well, so
    that a caller who catches this may `reserve` anew in the same transaction.
    """
    if claim_held(order_id):
        return
    kept = _locked([order_id])
    is_released = all(reservation.state == ReservationState.RELEASED for reservation in kept)
    if kept and (is_released or any(reservation.state == ReservationState.EXPIRED for reservation in kept)):
        _let_go(kept)
        raise ReservationExpired()
    levels.apply(
        Change(*reservation.place, reserved=-reservation.quantity, claimed=reservation.quantity)
        for reservation in _moved(kept, ReservationState.HELD, ReservationState.CLAIMED)
    )


def claim_held(order_id: UUID) -> bool:
    """As `claim`, if all that was ever set aside for the order is held; else nothing changes. Answers which it was."""
    levels.lock_of_orders([order_id])
    # What is free stays as it was, so there is nothing to announce.
    return bool(statements.CLAIM.all({"order_id": order_id, "now": clock.now()}))


def release(*order_ids: UUID) -> None:
    """Let go of what these orders hold or own and what is not yet shipped; again it changes nothing.

    Several orders that end in one transaction are named in one call, which locks their levels in order.
    """
    _let_go(_locked(order_ids))


def _let_go(kept: Sequence[Reservation]) -> None:
    _moved(kept, ReservationState.EXPIRED, ReservationState.RELEASED)
    claimed = _moved(kept, ReservationState.CLAIMED, ReservationState.RELEASED)
    held = _moved(kept, ReservationState.HELD, ReservationState.RELEASED)
    levels.apply(
        [Change(*reservation.place, claimed=-reservation.quantity) for reservation in claimed]
        + [Change(*reservation.place, reserved=-reservation.quantity) for reservation in held]
    )


def ship(order_id: UUID, items: Mapping[UUID, int], reference: str) -> None:
    """Let so many of each variant leave the house. Raises `NotClaimed` for more than the order owns."""
    claimed = [kept for kept in _locked([order_id]) if kept.state == ReservationState.CLAIMED]
    _refuse_what_is_not_claimed(claimed, items)
    shipped = [
        part
        for variant_id, quantity in items.items()
        for part in _ship([kept for kept in claimed if kept.variant_id == variant_id], quantity)
    ]
    changes = [Change(*part.place, on_hand=-part.quantity, claimed=-part.quantity) for part in shipped]
    levels.apply(changes)
    write_down(changes, Reason.SALE, reference)


def _refuse_what_is_not_claimed(claimed: Sequence[Reservation], items: Mapping[UUID, int]) -> None:
    left = {variant_id: sum(kept.quantity for kept in claimed if kept.variant_id == variant_id) for variant_id in items}
    short = [
        {"variant_id": str(variant_id), "claimed": left[variant_id], "wanted": quantity}
        for variant_id, quantity in items.items()
        if left[variant_id] < quantity
    ]
    if short:
        raise NotClaimed(variants=short)


def _ship(claimed: Sequence[Reservation], quantity: int) -> Iterator[Reservation]:
    for reservation in claimed:
        if quantity <= 0:
            return
        part = reservation if reservation.quantity <= quantity else reservation.split(quantity)
        part.move_to(ReservationState.SHIPPED)
        session.add(part)
        yield part
        quantity -= part.quantity


def sweep_expired(limit: int) -> int:
    """End held reservations whose time is over, the oldest first; answers how many it found."""
    overdue = session.execute(
        select(Reservation.variant_id, Reservation.location_id)
        .where(statements.OVERDUE)
        .order_by(Reservation.expires_at)
        .limit(limit),
        {"now": clock.now()},
    ).all()
    # Whoever locks a level rids it of what has expired.
    levels.lock_at({(variant_id, location_id) for variant_id, location_id in overdue})
    return len(overdue)


def _locked(order_ids: Collection[UUID]) -> Sequence[Reservation]:
    levels.lock_of_orders(order_ids)
    # A statement of its own: only what is read after the locks were had is sure to be the newest.
    return session.scalars(
        select(Reservation).where(Reservation.order_id.in_(order_ids)).order_by(Reservation.id),
        execution_options={"populate_existing": True},
    ).all()


def _moved(kept: Sequence[Reservation], state: ReservationState, to: ReservationState) -> list[Reservation]:
    moved = [reservation for reservation in kept if reservation.state == state]
    for reservation in moved:
        reservation.move_to(to)
    session.flush()
    return moved
