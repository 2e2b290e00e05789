"""What a payment provider does for us: the contract that each adapter in `providers/` keeps.

An adapter never opens a transaction. `reference` is our payment's id: the provider's idempotency key, so asking twice
charges once. Amounts in its answers are what the provider says, and are compared before any state moves (S12).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from shopwright.kit.money import Money


class Result(StrEnum):
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    NEEDS_ACTION = "needs_action"
    DECLINED = "declined"
    VOIDED = "voided"
    REFUNDED = "refunded"
    #: The provider knows nothing of it: it was never asked, so nothing was charged.
    UNKNOWN = "unknown"


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a request, in the provider's words turned into ours."""

    result: Result
    amount: Money
    provider_ref: str = ""
    decline_code: str | None = None
    action_url: str | None = None


class Notification(Struct, frozen=True, kw_only=True):
    """A verified webhook: which event, about which payment, with what outcome."""

    event_id: str
    payment_id: UUID
    outcome: Outcome


class ProviderTimeout(Exception):
    """No answer came; whether money moved is not known until `look_up` says so."""


class Provider(Protocol):
    def authorize(self, reference: UUID, amount: Money, token: str, *, capture: bool) -> Outcome:
        """Reserve the money, and take it at once if `capture`. Raises `ProviderTimeout`."""

    def capture(self, reference: UUID, provider_ref: str, amount: Money) -> Outcome:
        """Take money that was reserved. Raises `ProviderTimeout`."""

    def void(self, reference: UUID, provider_ref: str, amount: Money) -> Outcome:
        """Let go of money that was reserved. Raises `ProviderTimeout`."""

    def refund(self, refund_reference: UUID, provider_ref: str, amount: Money) -> Outcome:
        """Give money back. Raises `ProviderTimeout`."""

    def look_up(self, reference: UUID, token: str, amount: Money, *, capture: bool) -> Outcome:
        """What became of a payment whose answer was lost. Raises `ProviderTimeout`."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """Verify and read a webhook. Raises `WebhookNotAuthentic`."""
