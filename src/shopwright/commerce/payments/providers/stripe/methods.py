"""Means of payment that Stripe keeps for our customers."""

from typing import TYPE_CHECKING
from uuid import UUID

from shopwright.commerce.payments.provider import MethodOutcome, NoAnswer, Refused, SavedMethod
from shopwright.commerce.payments.providers.stripe import outcomes, wire
from shopwright.commerce.payments.providers.stripe.client import CardDeclined, ask, read

if TYPE_CHECKING:
    from stripe.params import SetupIntentCreateParams


def save(reference: UUID, customer_id: UUID, customer_ref: str | None, token: str) -> MethodOutcome:
    params: SetupIntentCreateParams = {
        "customer": customer_ref or customer_of(customer_id),
        "payment_method": token,
        "confirm": True,
        "usage": "off_session",
        # A second step is taken with Stripe.js and the client secret, on the page where the buyer is.
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        "use_stripe_sdk": True,
        "metadata": {"customer_id": str(customer_id)},
        "expand": ["payment_method"],
    }
    try:
        setup = ask(
            wire.SetupIntent, lambda stripe: stripe.v1.setup_intents.create(params, {"idempotency_key": str(reference)})
        )
    except Refused as refused:
        made = refused.fault.setup_intent if isinstance(refused, CardDeclined) else None
        return MethodOutcome(provider_ref=made.id if made else "", decline_code=refused.code)
    return outcomes.of_setup(setup)


def customer_of(customer_id: UUID) -> str:
    """Stripe's customer for ours, made if there is none; it holds our id and nothing personal."""
    name = str(customer_id)
    return ask(
        wire.Object,
        lambda stripe: stripe.v1.customers.create(
            {"metadata": {"customer_id": name}}, {"idempotency_key": f"customer-{name}"}
        ),
    ).id


def look_up(provider_ref: str) -> MethodOutcome:
    return outcomes.of_setup(
        read(
            wire.SetupIntent,
            lambda stripe: stripe.v1.setup_intents.retrieve(provider_ref, {"expand": ["payment_method"]}),
        )
    )


def forget(method: SavedMethod) -> None:
    try:
        ask(wire.Object, lambda stripe: stripe.v1.payment_methods.detach(method.provider_ref))
    except Refused as refused:
        if not _is_forgotten(method):
            raise NoAnswer(refused.code) from None


def _is_forgotten(method: SavedMethod) -> bool:
    try:
        kept = ask(wire.PaymentMethod, lambda stripe: stripe.v1.payment_methods.retrieve(method.provider_ref))
    except Refused as refused:
        return refused.code == "resource_missing"
    return kept.customer is None
