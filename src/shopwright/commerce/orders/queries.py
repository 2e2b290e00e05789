from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, Uuid, bindparam, cast, false, func, or_, select
from sqlalchemy.orm import selectinload

from shopwright.commerce.orders.errors import OrderNotFound
from shopwright.commerce.orders.models import FulfillmentStatus, Order, OrderEvent, OrderLine, PaymentStatus
from shopwright.kit import principal
from shopwright.kit.db import session
from shopwright.kit.prepared import Prepared


def is_mine() -> ColumnElement[bool]:
    """A guest's order by its token, a customer's by who they are; staff get past this on their own routes only."""
    who = principal.current()
    owned: list[ColumnElement[bool]] = [false()]
    if who.order_token is not None:
        owned.append(Order.token_hash == who.order_token)
    if who.customer_id is not None:
        owned.append(Order.customer_id == who.customer_id)
    return or_(*owned)


def mine() -> Select[Order]:
    return select(Order).where(is_mine()).options(selectinload(Order.lines))


class MyOrder(NamedTuple):
    """An order in a list; `pieces` are those of all its lines."""

    id: UUID
    number: int
    state: str
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    email: str
    total_amount: int
    currency: str
    placed_at: datetime
    pieces: int


_PIECES = select(func.sum(OrderLine.quantity)).where(OrderLine.order_id == Order.id).correlate(Order).scalar_subquery()
_MINE = (
    select(*(getattr(Order, name) for name in MyOrder._fields[:-1]), cast(_PIECES, BigInteger))
    .where(Order.customer_id == bindparam("customer_id", type_=Uuid()))
    .order_by(Order.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_FIRST, _FOLLOWING = Prepared(_MINE), Prepared(_MINE.where(Order.id < bindparam("after", type_=Uuid())))


def of_customer(customer_id: UUID, after: UUID | None, most: int) -> list[MyOrder]:
    """So many of the customer's orders, the newest first, all or those after this one."""
    asked = {"customer_id": customer_id, "most": most}
    found = _FIRST.all(asked) if after is None else _FOLLOWING.all(asked | {"after": after})
    return [MyOrder(*row) for row in found]


def everyones() -> Select[Order]:
    """For staff routes, whose permission was asked."""
    return select(Order).options(selectinload(Order.lines))


def show(order_id: UUID, among: Select[Order]) -> Order:
    """Raises `OrderNotFound`."""
    order = session.scalar(among.where(Order.id == order_id))
    if order is None:
        raise OrderNotFound()
    return order


def timeline(order_id: UUID) -> list[OrderEvent]:
    return list(session.scalars(select(OrderEvent).where(OrderEvent.order_id == order_id).order_by(OrderEvent.id)))


def of_cart(cart_id: UUID) -> Order | None:
    return session.scalar(everyones().where(Order.cart_id == cart_id))
