"""Stripe, through its official SDK. Only this folder knows it, and loads it at the first call: it takes half a second."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from shopwright.commerce.payments.provider import (
    Charge,
    Handle,
    MethodOutcome,
    Movement,
    Notification,
    Outcome,
    RefundOutcome,
    SavedMethod,
)
from shopwright.commerce.payments.providers.stripe import lookup, methods, movements, payments, webhooks
from shopwright.kit.money import Money


class Stripe:
    """The `Provider` that Stripe is: a payment is a PaymentIntent, a saved method is what a SetupIntent left."""

    def authorize(self, charge: Charge) -> Outcome:
        return payments.authorize(charge)

    def capture(self, operation_id: UUID, payment: Handle, amount: Money, *, is_final: bool) -> Outcome:
        return payments.capture(operation_id, payment, amount, is_final=is_final)

    def void(self, operation_id: UUID, payment: Handle) -> Outcome:
        return payments.void(operation_id, payment)

    def refund(self, refund_id: UUID, payment: Handle, amount: Money) -> RefundOutcome:
        return payments.refund(refund_id, payment, amount)

    def look_up(self, charge: Charge, provider_ref: str) -> Outcome:
        return lookup.look_up(charge, provider_ref)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notification:
        return webhooks.read(headers, body)

    def save_method(self, reference: UUID, customer_id: UUID, customer_ref: str | None, token: str) -> MethodOutcome:
        return methods.save(reference, customer_id, customer_ref, token)

    def look_up_method(self, provider_ref: str) -> MethodOutcome:
        return methods.look_up(provider_ref)

    def forget_method(self, method: SavedMethod) -> None:
        methods.forget(method)

    def movements(self, since: datetime, until: datetime) -> Iterable[Movement]:
        return movements.between(since, until)
