from uuid import UUID

from shopwright.kit.events import Event


class OrderPlaced(Event):
    order_id: UUID


class OrderPaid(Event):
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
