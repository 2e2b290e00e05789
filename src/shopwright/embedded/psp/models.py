"""The rows of the provider's tables, by the names of their columns. Times are microseconds since 1970."""

from msgspec import Struct

PENDING, NEEDS_ACTION, AUTHORIZED, CAPTURED = "pending", "needs_action", "authorized", "captured"
DECLINED, VOIDED = "declined", "voided"


class Payment(Struct, kw_only=True):
    id: str
    reference: str
    token: str
    amount: int
    currency: str
    captures: bool
    state: str
    authorized: int = 0
    captured: int = 0
    refunded: int = 0
    decline_code: str | None = None
    customer_ref: str | None = None
    method_id: str | None = None
    saves_method: bool = False
    order_number: str = ""
    return_url: str = ""
    decides_at: int | None = None
    created_at: int


class Refund(Struct, kw_only=True):
    id: str
    payment_id: str
    reference: str | None
    state: str
    amount: int
    currency: str
    failure_code: str | None = None
    decides_at: int | None = None


class Dispute(Struct, kw_only=True):
    id: str
    payment_id: str
    state: str
    amount: int
    currency: str
    reason: str


class Method(Struct, kw_only=True):
    id: str
    customer_ref: str
    token: str
    state: str
    decline_code: str | None
    brand: str
    last4: str
    expires_month: int
    expires_year: int


class Movement(Struct, kw_only=True):
    id: str
    kind: str
    payment_id: str
    subject_id: str | None
    amount: int
    currency: str
    at: int


class Delivery(Struct, kw_only=True):
    """One sending of a webhook. `flaw` is `forged` or `ancient` for one that is wrong on purpose."""

    seq: int
    event_id: str
    kind: str
    subject: str
    body: str
    flaw: str
    due_at: int
    attempts: int
    state: str
    last_answer: str
