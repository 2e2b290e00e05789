from uuid import UUID

from shopwright.kit.events import Event


class PaymentSettled(Event):
    payment_id: UUID
    order_id: UUID
    state: str
