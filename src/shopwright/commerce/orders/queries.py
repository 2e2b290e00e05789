from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Integer, Select, Uuid, bindparam, false, func, or_, select
from sqlalchemy.orm import selectinload

from shopwright.commerce.orders.errors import OrderNotFound
from shopwright.commerce.orders.models import Order, OrderEvent, OrderLine, State
from shopwright.kit import principal
from shopwright.kit.db import as_object, as_written, session
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


_LINE = ("quantity", "shipped_quantity", "requires_shipping")
_LINES = (
    select(func.json_agg(as_object(**{name: getattr(OrderLine, name) for name in _LINE}).cast(JSON)))
    .where(OrderLine.order_id == Order.id)
    .correlate(Order)
    .scalar_subquery()
)
_LISTED = (
    "id", "number", "state", "email", "currency", "total_amount", "authorized_amount", "paid_amount", "refunded_amount",
    "placed_at", "paid_at",
)  # fmt: skip
_MINE = (
    select(*(getattr(Order, name) for name in _LISTED), _LINES)
    .where(Order.customer_id == bindparam("customer_id", type_=Uuid()))
    .order_by(Order.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_FIRST, _FOLLOWING = Prepared(_MINE), Prepared(_MINE.where(Order.id < bindparam("after", type_=Uuid())))


def of_customer(customer_id: UUID, after: UUID | None, most: int) -> list[Order]:
    """So many of the customer's orders, the newest first, all or those after this one: what a list shows of them."""
    asked = {"customer_id": customer_id, "most": most}
    found = _FIRST.all(asked) if after is None else _FOLLOWING.all(asked | {"after": after})
    return [as_written(Order, dict(zip(_LISTED, row, strict=False)) | {"lines": _lines(row[-1])}) for row in found]


def _lines(found: list[dict[str, Any]] | None) -> list[OrderLine]:
    return [as_written(OrderLine, line) for line in found or ()]


def everyones() -> Select[Order]:
    """For staff routes, whose permission was asked."""
    return select(Order).options(selectinload(Order.lines))


def ids_of(*, state: State | None, number: int | None, email: str | None) -> Select[UUID]:
    """Of everyone's orders, or of those that are so."""
    asked = {Order.state: state, Order.number: number, Order.email: email}
    return select(Order.id).where(*(column == value for column, value in asked.items() if value is not None))


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
