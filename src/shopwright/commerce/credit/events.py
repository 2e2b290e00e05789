from uuid import UUID

from shopwright.kit.events import Event


class CreditMoved(Event):
    """The balance of a gift card or of store credit has changed; `reason` is that of its movement."""

    credit_id: UUID
    reason: str
    amount: int
