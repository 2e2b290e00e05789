from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.orders import queries, service
from shopwright.commerce.orders.errors import OrderClosed, OrderNotCancelable, OrderNotFound
from shopwright.commerce.orders.models import Order
from shopwright.commerce.orders.schemas import CancelOrder, ListOrders, OrderOut, OrderSummary
from shopwright.kit import counting, paging
from shopwright.kit.access import requires
from shopwright.kit.counting import CountedPage
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor

routes = Routes("orders", prefix="/v1/admin")


@routes.query("/orders", access=requires(Permission.ORDERS_READ), errors=(InvalidCursor,))
def list_orders(query: ListOrders) -> CountedPage[OrderSummary]:
    """List orders, newest first, by state, number or e-mail."""
    wanted = queries.ids_of(state=query.state, number=query.number, email=query.email)
    purpose = f"orders:{query.state}:{query.number}:{query.email}"
    ids = paging.newest([wanted], purpose=purpose, limit=query.limit, cursor=query.cursor)
    rows, cursor = paging.cut(
        session.scalars(queries.everyones().where(Order.id.in_(ids)).order_by(Order.id.desc())).all(),
        purpose=purpose, limit=query.limit, values=lambda order: [order.id],
    )  # fmt: skip
    total, is_estimated = counting.count(wanted) if query.count else counting.UNASKED
    return CountedPage(
        items=[OrderSummary.of(order) for order in rows], next_cursor=cursor, total=total,
        total_is_estimated=is_estimated,
    )  # fmt: skip


@routes.query("/orders/<uuid:order_id>", access=requires(Permission.ORDERS_READ), errors=(OrderNotFound,))
def show_any_order(order_id: UUID) -> OrderOut:
    """Show any order."""
    return OrderOut.of(queries.show(order_id, queries.everyones()), queries.timeline(order_id))


@routes.command(
    "POST", "/orders/<uuid:order_id>/cancel", access=requires(Permission.ORDERS_CANCEL), if_match=IfMatch.HONOURED,
    errors=(OrderNotFound, OrderNotCancelable, OrderClosed),
)  # fmt: skip
def cancel_any_order(order_id: UUID, body: CancelOrder) -> OrderOut:
    """Cancel an order of which nothing was shipped; what was paid is refunded."""
    return OrderOut.of(service.cancel(order_id, body.reason), queries.timeline(order_id))
