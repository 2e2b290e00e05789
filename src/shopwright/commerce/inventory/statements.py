"""The statements of the hottest writes and reads, built once. Who runs them is `levels` and `queries`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    TableValuedAlias,
    Update,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql

from shopwright.commerce.inventory.models import (
    HELD,
    ChannelLocation,
    Location,
    Reservation,
    ReservationState,
    StockLevel,
)
from shopwright.kit.db import table_of
from shopwright.kit.prepared import Prepared


def _table_of(name: str, **columns: type[Uuid[UUID]] | type[BigInteger]) -> TableValuedAlias:
    """A table sent as one array a column, so that any number of rows is one statement."""
    arrays = [bindparam(f"{name}_{column}", type_=ARRAY(kind())) for column, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*columns, name=name).render_derived()


stock, reservations = table_of(StockLevel), table_of(Reservation)
selling, locations = table_of(ChannelLocation), table_of(Location)

NOW = bindparam("now", type_=DateTime(timezone=True))
FREE: ColumnElement[int] = stock.c.on_hand - stock.c.reserved - stock.c.claimed
AT_LEVEL = and_(reservations.c.variant_id == stock.c.variant_id, reservations.c.location_id == stock.c.location_id)
OVERDUE = and_(reservations.c.state == HELD, reservations.c.expires_at <= NOW)
HAS_OVERDUE = and_(stock.c.reserved > 0, exists().where(AT_LEVEL, OVERDUE))


def _locking(priority: ColumnElement[int]) -> Select[Any]:
    columns = (stock.c.variant_id, stock.c.location_id, stock.c.on_hand, stock.c.reserved, stock.c.claimed)
    return (
        select(*columns, priority, HAS_OVERDUE)
        .order_by(stock.c.variant_id, stock.c.location_id)
        .with_for_update(of=stock, key_share=True)
    )


# What has nothing free is not even waited for: it was gone when this was asked. A level that another empties
# while this waits for it is read anew when its lock is had.
SELLABLE = Prepared(
    _locking(selling.c.priority)
    .join_from(stock, selling, selling.c.location_id == stock.c.location_id)
    .join(locations, locations.c.id == stock.c.location_id)
    .where(selling.c.channel_id == bindparam("channel_id", type_=Uuid()), locations.c.is_active)
    .where(stock.c.variant_id == func.any(bindparam("variants", type_=ARRAY(Uuid()))))
    .where(or_(FREE > 0, HAS_OVERDUE))
)
# At every location and not only where something is held: who finds a hold expired may reserve anew under
# these locks.
OF_ORDERS = Prepared(
    _locking(literal(0)).where(
        stock.c.variant_id.in_(
            select(reservations.c.variant_id).where(
                reservations.c.order_id == func.any(bindparam("orders", type_=ARRAY(Uuid())))
            )
        )
    )
)
_place = _table_of("place", variant_id=Uuid, location_id=Uuid)
AT_PLACES = Prepared(
    _locking(literal(0)).where(
        tuple_(stock.c.variant_id, stock.c.location_id).in_(select(_place.c.variant_id, _place.c.location_id))
    )
)
BEGIN_KEEPING = Prepared(
    postgresql.insert(stock)
    .from_select(
        ["variant_id", "location_id"], select(_place.c.variant_id, _place.c.location_id), include_defaults=False
    )
    .on_conflict_do_nothing()
)
VOID = Prepared(
    update(reservations)
    .where(
        reservations.c.variant_id == _place.c.variant_id, reservations.c.location_id == _place.c.location_id, OVERDUE
    )
    .values(state=ReservationState.EXPIRED, changed_at=NOW)
    .returning(reservations.c.variant_id, reservations.c.location_id, reservations.c.quantity)
)
_change = _table_of(
    "change", variant_id=Uuid, location_id=Uuid, on_hand=BigInteger, reserved=BigInteger, claimed=BigInteger
)
APPLY = Prepared(
    update(stock)
    .where(stock.c.variant_id == _change.c.variant_id, stock.c.location_id == _change.c.location_id)
    .values(
        on_hand=stock.c.on_hand + _change.c.on_hand,
        reserved=stock.c.reserved + _change.c.reserved,
        claimed=stock.c.claimed + _change.c.claimed,
    )
    .returning(
        stock.c.variant_id,
        FREE.label("free"),
        (_change.c.on_hand - _change.c.reserved - _change.c.claimed).label("freed"),
    )
)
_ORDER, _other = bindparam("order_id", type_=Uuid()), reservations.alias("other")
_part = _table_of("part", id=Uuid, variant_id=Uuid, location_id=Uuid, quantity=BigInteger)
_held = {
    "id": _part.c.id,
    "variant_id": _part.c.variant_id,
    "location_id": _part.c.location_id,
    "quantity": _part.c.quantity,
    "order_id": _ORDER,
    "state": literal(ReservationState.HELD.value),
    "expires_at": bindparam("until", type_=DateTime(timezone=True)),
    "created_at": NOW,
    "changed_at": NOW,
}
# Parts, each of another level, are taken off what is free there, and their reservations written.
SET_ASIDE = Prepared(
    insert(reservations)
    .from_select([*_held], select(*_held.values()), include_defaults=False)
    .add_cte(
        update(stock)
        .where(stock.c.variant_id == _part.c.variant_id, stock.c.location_id == _part.c.location_id)
        .values(reserved=stock.c.reserved + _part.c.quantity)
        .cte("applied")
    )
)

_claimed = (
    update(reservations)
    .where(
        reservations.c.order_id == _ORDER,
        reservations.c.state == HELD,
        ~exists().where(_other.c.order_id == _ORDER, or_(_other.c.state != HELD, _other.c.expires_at <= NOW)),
    )
    .values(state=ReservationState.CLAIMED, expires_at=None, changed_at=NOW)
    .returning(reservations.c.variant_id, reservations.c.location_id, reservations.c.quantity)
    .cte("claimed")
)
_sums = (
    select(
        _claimed.c.variant_id, _claimed.c.location_id, func.sum(_claimed.c.quantity).cast(BigInteger).label("pieces")
    )
    .group_by(_claimed.c.variant_id, _claimed.c.location_id)
    .subquery("sums")
)
# All that is held for an order, if nothing of it is anything else than held.
CLAIM = Prepared(
    update(stock)
    .where(stock.c.variant_id == _sums.c.variant_id, stock.c.location_id == _sums.c.location_id)
    .values(reserved=stock.c.reserved - _sums.c.pieces, claimed=stock.c.claimed + _sums.c.pieces)
    .returning(stock.c.variant_id)
)


def extending(order_id: ColumnElement[UUID], until: ColumnElement[datetime]) -> Update:
    """Hold what is held for an order that is locked until then, if that is later; without a moment nothing changes.

    No level need be locked: whoever finds a hold overdue ends it, and this touches none that is.
    """
    return (
        update(reservations)
        .where(reservations.c.order_id == order_id, reservations.c.state == HELD, reservations.c.expires_at < until)
        .where(reservations.c.expires_at > NOW)
        .values(expires_at=until)
    )


def available_in(
    channel_id: ColumnElement[UUID], variants: ColumnElement[Any], now: ColumnElement[datetime]
) -> Select[UUID, int]:
    """A row for each of these `variants` (an array) that is kept: how many a buyer in the channel could have."""
    overdue = (
        select(func.coalesce(func.sum(reservations.c.quantity), 0))
        .where(AT_LEVEL, reservations.c.state == HELD, reservations.c.expires_at <= now)
        .correlate(stock)
        .scalar_subquery()
    )
    free = FREE + case((stock.c.reserved > 0, overdue), else_=0)
    return (
        select(stock.c.variant_id, func.sum(free).label("available"))
        .join_from(stock, selling, selling.c.location_id == stock.c.location_id)
        .join(locations, locations.c.id == stock.c.location_id)
        .where(selling.c.channel_id == channel_id, locations.c.is_active, stock.c.variant_id == any_(variants))
        .group_by(stock.c.variant_id)
    )


AVAILABLE = Prepared(
    available_in(bindparam("channel_id", type_=Uuid()), bindparam("variants", type_=ARRAY(Uuid())), NOW)
)
