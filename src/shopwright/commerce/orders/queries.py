from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import selectinload

from shopwright.commerce.orders.errors import OrderNotFound
from shopwright.commerce.orders.models import Order, OrderEvent, State
from shopwright.kit import principal
from shopwright.kit.db import session


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
