from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.fulfillment import service
from shopwright.commerce.fulfillment.schemas import Ship, ShipmentOut
from shopwright.commerce.fulfillment.service import Tracking
from shopwright.commerce.orders.errors import NothingToShip, OrderClosed, OrderNotFound
from shopwright.kit.access import requires
from shopwright.kit.http import IfMatch, Routes

routes = Routes("fulfillment", prefix="/v1/admin")


@routes.command(
    "POST", "/orders/<uuid:order_id>/shipments", access=requires(Permission.ORDERS_FULFILL), status=201,
    if_match=IfMatch.HONOURED, errors=(OrderNotFound, NothingToShip, OrderClosed),
)  # fmt: skip
def ship_order(order_id: UUID, body: Ship) -> ShipmentOut:
    """Ship an order, all or part."""
    quantities: dict[UUID, int] | None = None
    if body.lines is not None:
        quantities = {}
        for line in body.lines:
            quantities[line.order_line_id] = quantities.get(line.order_line_id, 0) + line.quantity
    tracking = Tracking(carrier=body.carrier, number=body.tracking_number, url=body.tracking_url)
    return ShipmentOut.of(service.ship(order_id, quantities, tracking))
