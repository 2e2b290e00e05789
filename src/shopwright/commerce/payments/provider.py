"""What a payment provider does for us: the contract that each adapter in `providers/` keeps.

An adapter never opens a transaction and keeps no state of ours. Each id that it is handed is the provider's
idempotency key: asking twice moves money once. Amounts in its answers are what the provider says, as running totals
of the whole payment, and are compared and only ever raised by whoever books them, so an answer may come late, twice
or out of order (S12).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from shopwright.kit.money import Money


class Result(StrEnum):
    PENDING = "pending"
    """The provider has the request and has not decided yet."""
    NEEDS_ACTION = "needs_action"
    AUTHORIZED = "authorized"
    """Some of it can still be captured."""
    CAPTURED = "captured"
    """Something was captured, and nothing more can be."""
    DECLINED = "declined"
    VOIDED = "voided"
    """Let go of, with nothing captured."""
    UNKNOWN = "unknown"
    """The provider knows nothing of it: it was never asked, so nothing was charged."""


class RefundResult(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class DisputeState(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class NoAnswer(Exception):
    """No answer that one could believe came (timeout, 5xx, 429, nonsense): whether money moved is not known.

    Asking again with the same id finds out. `reason` is for the log and holds no personal data.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class KeyReused(NoAnswer):
    """The id was used for something else before, which may have moved money: a fault of ours or of our caller's."""


class Refused(Exception):
    """The provider said no for good, and moved nothing. `code` is its own word for why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class SavedMethod(Struct, frozen=True, kw_only=True):
    """A means of payment that the provider keeps for a customer; never a card number."""

    provider_ref: str
    customer_ref: str
    kind: str
    brand: str | None = None
    last4: str | None = None
    expires_month: int | None = None
    expires_year: int | None = None


class Charge(Struct, frozen=True, kw_only=True):
    """A payment that is asked for. `reference` is our payment's id and the idempotency key.

    `token` stands for the buyer's means of payment, or is a saved method's `provider_ref`; then `customer_ref` says
    whose. `saves_method` asks the provider to keep the means for that customer. After a second step the buyer
    comes back to `return_url`.
    """

    reference: UUID
    amount: Money
    token: str
    capture: bool
    order_number: str = ""
    return_url: str = ""
    customer_id: UUID | None = None
    customer_ref: str | None = None
    saves_method: bool = False


class Handle(Struct, frozen=True, kw_only=True):
    """A payment that exists already: our id, the provider's name for it, and what was asked."""

    reference: UUID
    provider_ref: str
    amount: Money


class Outcome(Struct, frozen=True, kw_only=True):
    """What the provider says of a payment as a whole. The three totals are minor units of `amount`'s currency:
    all that was ever reserved, taken and given back."""

    result: Result
    amount: Money
    authorized: int = 0
    captured: int = 0
    refunded: int = 0
    provider_ref: str = ""
    decline_code: str | None = None
    action_url: str | None = None
    client_secret: str | None = None
    method: SavedMethod | None = None


class RefundOutcome(Struct, frozen=True, kw_only=True):
    """What became of one refund. `refund_id` is ours, absent for one that was made at the provider itself."""

    result: RefundResult
    amount: Money
    provider_ref: str
    refund_id: UUID | None = None
    failure_code: str | None = None


class DisputeOutcome(Struct, frozen=True, kw_only=True):
    """A buyer's bank takes money back, or had to give it back (won)."""

    provider_ref: str
    state: DisputeState
    amount: Money
    reason: str = ""


class MethodOutcome(Struct, frozen=True, kw_only=True):
    """What became of saving a method: saved, or a second step is needed, or it was declined."""

    provider_ref: str
    method: SavedMethod | None = None
    decline_code: str | None = None
    action_url: str | None = None
    client_secret: str | None = None


class Notification(Struct, frozen=True, kw_only=True):
    """A verified webhook: which event, about which payment, and what it says. One that says nothing to us is ignored.

    `payment_id` is ours; where the provider did not tell it, `provider_ref` is its own name for the payment.
    """

    event_id: str
    kind: str
    payment_id: UUID | None = None
    provider_ref: str = ""
    outcome: Outcome | None = None
    refund: RefundOutcome | None = None
    dispute: DisputeOutcome | None = None


class MovementKind(StrEnum):
    CAPTURE = "capture"
    REFUND = "refund"
    FEE = "fee"
    DISPUTE = "dispute"
    DISPUTE_WON = "dispute_won"


class Movement(Struct, frozen=True, kw_only=True):
    """One movement of money in the provider's own list or in its settlement file, for reconciliation.

    `amount` is positive; `kind` says which way it went. `payment_id` and `refund_id` are ours, where the provider
    knows them; `payment_ref` is its own name for the payment, `subject_ref` for the refund or the dispute: the same
    name as in its webhooks.
    """

    id: str
    kind: MovementKind
    amount: Money
    at: datetime
    payment_ref: str
    subject_ref: str = ""
    payment_id: UUID | None = None
    refund_id: UUID | None = None


class Provider(Protocol):
    """Each method may raise `NoAnswer`; those that ask for a movement of money also `Refused`."""

    def authorize(self, charge: Charge) -> Outcome:
        """Reserve the money, and take it at once if `charge.capture`. A decline is an outcome."""

    def capture(self, operation_id: UUID, payment: Handle, amount: Money, *, is_final: bool) -> Outcome:
        """Take so much of what was reserved; `is_final` lets go of the rest."""

    def void(self, operation_id: UUID, payment: Handle) -> Outcome:
        """Let go of all that is reserved and not taken, also of a second step that nobody takes."""

    def refund(self, refund_id: UUID, payment: Handle, amount: Money) -> RefundOutcome:
        """Give so much back."""

    def look_up(self, charge: Charge, provider_ref: str) -> Outcome:
        """What became of a payment whose answer was lost. It never charges what was not charged yet."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """Verify and read a webhook. Raises `WebhookNotAuthentic`, and nothing else whatever was sent."""

    def save_method(self, reference: UUID, customer_id: UUID, customer_ref: str | None, token: str) -> MethodOutcome:
        """Keep a means of payment for a customer, without charging it."""

    def look_up_method(self, provider_ref: str) -> MethodOutcome:
        """What became of saving a method after its second step."""

    def forget_method(self, method: SavedMethod) -> None:
        """Have the provider forget it; again it changes nothing."""

    def movements(self, since: datetime, until: datetime) -> Iterable[Movement]:
        """All movements of money in that time, `until` excluded, oldest first."""
