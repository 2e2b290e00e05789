"""Charging, capturing, letting go and giving back."""

from typing import TYPE_CHECKING
from uuid import UUID

from shopwright.commerce.payments.provider import Charge, Handle, NoAnswer, Outcome, RefundOutcome, Refused, Result
from shopwright.commerce.payments.providers.stripe import lookup, methods, outcomes, wire
from shopwright.commerce.payments.providers.stripe.amounts import to_stripe
from shopwright.commerce.payments.providers.stripe.client import CardDeclined, ask
from shopwright.kit.money import Money

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCaptureParams, PaymentIntentCreateParams, RefundCreateParams


def authorize(charge: Charge) -> Outcome:
    amount = to_stripe(charge.amount)
    if lookup.has_lost_its_key(charge.reference) and (made := lookup.find(charge.reference)):
        return lookup.retrieve(made)
    customer = charge.customer_ref
    if customer is None and charge.saves_method and charge.customer_id:
        customer = methods.customer_of(charge.customer_id)
    params = _params(charge, amount, customer)
    try:
        intent = ask(
            wire.Intent,
            lambda stripe: stripe.v1.payment_intents.create(params, {"idempotency_key": str(charge.reference)}),
        )
    except CardDeclined as declined:
        return _declined(declined, charge)
    return outcomes.of_intent(intent)


def _params(charge: Charge, amount: int, customer: str | None) -> "PaymentIntentCreateParams":
    params: PaymentIntentCreateParams = {
        "amount": amount,
        "currency": charge.amount.currency.lower(),
        "payment_method": charge.token,
        "confirm": True,
        "capture_method": "automatic" if charge.capture else "manual",
        # Which kinds a shop takes is chosen in its dashboard; one that sends the buyer away needs a way back.
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "always" if charge.return_url else "never"},
        "metadata": {"payment_id": str(charge.reference), "order_number": charge.order_number},
        "expand": lookup.EXPANDED,
    }
    if charge.return_url:
        params["return_url"] = charge.return_url
    else:
        params["use_stripe_sdk"] = True
    if not charge.capture:
        # Else a second shipment could not be captured; where the account has no multicapture, Stripe goes on without.
        params["payment_method_options"] = {"card": {"request_multicapture": "if_available"}}
    if customer:
        params["customer"] = customer
        if charge.saves_method:
            params["setup_future_usage"] = "off_session"
    return params


def _declined(declined: CardDeclined, charge: Charge) -> Outcome:
    intent = declined.fault.payment_intent
    return Outcome(
        result=Result.DECLINED,
        amount=outcomes.of_intent(intent).amount if intent else charge.amount,
        provider_ref=intent.id if intent else "",
        decline_code=declined.code,
    )


def capture(operation_id: UUID, payment: Handle, amount: Money, *, is_final: bool) -> Outcome:
    params: PaymentIntentCaptureParams = {"amount_to_capture": to_stripe(amount), "expand": lookup.EXPANDED}
    if not is_final:
        # Only where the card and the account have multicapture; elsewhere Stripe refuses it, and lets go of nothing.
        params["final_capture"] = False
    ref = _known(payment)
    intent = ask(
        wire.Intent,
        lambda stripe: stripe.v1.payment_intents.capture(ref, params, {"idempotency_key": str(operation_id)}),
    )
    return outcomes.of_intent(intent)


def void(operation_id: UUID, payment: Handle) -> Outcome:
    ref = _known(payment)
    try:
        intent = ask(
            wire.Intent,
            lambda stripe: stripe.v1.payment_intents.cancel(
                ref, {"expand": lookup.EXPANDED}, {"idempotency_key": str(operation_id)}
            ),
        )
    except Refused as refused:
        outcome = lookup.retrieve(ref)
        # One that is canceled already cannot be canceled again.
        if outcome.result is not Result.VOIDED:
            raise refused from None
        return outcome
    return outcomes.of_intent(intent)


def refund(refund_id: UUID, payment: Handle, amount: Money) -> RefundOutcome:
    ref = _known(payment)
    params: RefundCreateParams = {
        "payment_intent": ref,
        "amount": to_stripe(amount),
        "metadata": {"payment_id": str(payment.reference), "refund_id": str(refund_id)},
    }
    if lookup.has_lost_its_key(refund_id) and (made := lookup.find_refund(ref, refund_id)):
        return outcomes.of_refund(made)
    made = ask(wire.Refund, lambda stripe: stripe.v1.refunds.create(params, {"idempotency_key": str(refund_id)}))
    return outcomes.of_refund(made)


def _known(payment: Handle) -> str:
    if not payment.provider_ref:
        raise NoAnswer("the answer that named this payment was lost: look it up first")
    return payment.provider_ref
