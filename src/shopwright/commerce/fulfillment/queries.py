from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from shopwright.commerce.fulfillment.models import Shipment


def of_order(order_id: UUID) -> Select[Shipment]:
    """The shipments of an order; ask `orders` first whether the caller may see it."""
    return (
        select(Shipment)
        .where(Shipment.order_id == order_id)
        .order_by(Shipment.id)
        .options(selectinload(Shipment.lines))
    )
