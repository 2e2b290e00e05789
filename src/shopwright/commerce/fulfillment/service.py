from uuid import UUID

from msgspec import Struct

from shopwright.commerce.fulfillment.models import Shipment, ShipmentLine
from shopwright.commerce.orders import service as orders
from shopwright.commerce.orders.errors import NothingToShip
from shopwright.kit import clock, conditional, ids
from shopwright.kit.db import session


class Tracking(Struct, frozen=True, kw_only=True):
    carrier: str | None = None
    number: str | None = None
    url: str | None = None


def ship(order_id: UUID, quantities: dict[UUID, int] | None, tracking: Tracking) -> Shipment:
    """Send these pieces by order line, or all that is left. Raises `OrderNotFound`, `NothingToShip`."""
    order = orders.lock(order_id)
    conditional.check(order.version)
    if quantities is None:
        left = {line.id: line.quantity - line.shipped_quantity for line in order.lines if line.requires_shipping}
        quantities = {line_id: pieces for line_id, pieces in left.items() if pieces}
    if not quantities:
        raise NothingToShip()
    shipment = Shipment(
        id=ids.new(), order_id=order_id, carrier=tracking.carrier, tracking_number=tracking.number,
        tracking_url=tracking.url, shipped_at=clock.now(),
    )  # fmt: skip
    orders.mark_shipped(order, quantities, reference=str(shipment.id))
    shipment.lines = [
        ShipmentLine(id=ids.new(), shipment_id=shipment.id, order_line_id=line_id, quantity=pieces)
        for line_id, pieces in quantities.items()
    ]
    session.add(shipment)
    session.flush()
    return shipment
