from uuid import UUID

from shopwright.kit.events import Event


class PaymentSettled(Event):
    payment_id: UUID
    order_id: UUID
    state: str


class PaymentReturned(Event):
    """Money came in that the order could not take, and is on its way back."""

    payment_id: UUID
    order_id: UUID
    amount: int


class PaymentRefunded(Event):
    payment_id: UUID
    order_id: UUID
    refund_id: UUID
    amount: int


class PaymentDisputed(Event):
    payment_id: UUID
    order_id: UUID
    dispute_id: UUID
    state: str


class WebhookReceived(Event):
    """Each is an aggregate of its own: they may be heard in any order, and none holds up another."""

    webhook_id: UUID


class IssueOpened(Event):
    issue_id: UUID
    kind: str
