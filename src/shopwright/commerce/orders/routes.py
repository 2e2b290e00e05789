from typing import cast
from uuid import UUID

from shopwright.commerce.orders import queries, service
from shopwright.commerce.orders.errors import OrderClosed, OrderNotCancelable, OrderNotFound
from shopwright.commerce.orders.schemas import OrderOut, OrderSummary
from shopwright.kit import paging, principal
from shopwright.kit.access import Anyone, Customer
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page, PageQuery
from shopwright.kit.ratelimit import Limit

routes = Routes("orders")


# A token has 256 bits, so a limit only keeps guessers from costing anything (S2).
LOOK_UPS = Limit("order-look-ups", 600, 60)


@routes.query("/orders/<uuid:order_id>", access=Anyone, errors=(OrderNotFound,), limit=LOOK_UPS)
def show_order(order_id: UUID) -> OrderOut:
    """Show an order.

    A customer signs in; a guest sends the token that placing the order answered with as `Order-Token`.
    """
    return OrderOut.of(queries.show(order_id, queries.mine()), queries.timeline(order_id))


@routes.command(
    "POST", "/orders/<uuid:order_id>/cancel", access=Anyone, if_match=IfMatch.HONOURED,
    errors=(OrderNotFound, OrderNotCancelable, OrderClosed),
)  # fmt: skip
def cancel_order(order_id: UUID) -> OrderOut:
    """Cancel an order that is not paid yet."""
    return OrderOut.of(service.cancel_own(order_id), queries.timeline(order_id))


@routes.query("/me/orders", access=Customer, errors=(InvalidCursor,))
def list_my_orders(query: PageQuery) -> Page[OrderSummary]:
    """List the customer's orders, newest first."""
    who = principal.current().customer_id
    assert who is not None, "the route is for customers"
    after = None if query.cursor is None else paging.decode(query.cursor, "my-orders", 1)[0]
    found = queries.of_customer(who, cast("UUID | None", after), query.limit + 1)
    page, cursor = paging.cut(found, purpose="my-orders", limit=query.limit, values=lambda order: [order.id])
    return Page(items=[OrderSummary.of(order) for order in page], next_cursor=cursor)
