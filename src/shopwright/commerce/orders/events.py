from uuid import UUID

from shopwright.kit.events import Event


class OrderPlaced(Event):
    order_id: UUID


class OrderPaid(Event):
    order_id: UUID


class GiftCardsPaid(Event):
    """Gift cards are among what was paid. Few orders have any, so this is told beside `OrderPaid`, and nobody of ours need
    look at all the others."""

    order_id: UUID


class OrderCanceled(Event):
    order_id: UUID


class OrderExpired(Event):
    order_id: UUID


class OrderRefunded(Event):
    order_id: UUID
    amount: int


class OrderShipped(Event):
    order_id: UUID


class OrderCompleted(Event):
    order_id: UUID
