from uuid import UUID

from shopwright.commerce.fulfillment import queries
from shopwright.commerce.fulfillment.schemas import ShipmentList, ShipmentOut
from shopwright.commerce.orders import queries as orders
from shopwright.commerce.orders.errors import OrderNotFound
from shopwright.kit.access import Anyone
from shopwright.kit.db import session
from shopwright.kit.http import Routes

routes = Routes("fulfillment")


@routes.query("/orders/<uuid:order_id>/shipments", access=Anyone, errors=(OrderNotFound,))
def list_shipments(order_id: UUID) -> ShipmentList:
    """List the shipments of an order, with their tracking."""
    orders.show(order_id, orders.mine())
    return ShipmentList(items=[ShipmentOut.of(shipment) for shipment in session.scalars(queries.of_order(order_id))])
