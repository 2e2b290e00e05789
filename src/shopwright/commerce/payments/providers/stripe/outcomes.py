"""What Stripe's objects say in our words."""

from shopwright.commerce.payments.provider import (
    DisputeOutcome,
    DisputeState,
    MethodOutcome,
    NoAnswer,
    Outcome,
    RefundOutcome,
    RefundResult,
    Result,
    SavedMethod,
)
from shopwright.commerce.payments.providers.stripe import wire
from shopwright.commerce.payments.providers.stripe.amounts import from_stripe

REFUND_RESULTS = {
    None: RefundResult.PENDING,
    "pending": RefundResult.PENDING,
    "requires_action": RefundResult.PENDING,
    "succeeded": RefundResult.DONE,
    "failed": RefundResult.FAILED,
    "canceled": RefundResult.FAILED,
}
#: An inquiry (`warning_…`) and one that Rapid Dispute Resolution prevented take no money, so they are none to us.
DISPUTE_STATES = {
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "appeal_needs_response": DisputeState.OPEN,
    "appeal_under_review": DisputeState.OPEN,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}


def of_intent(intent: wire.Intent) -> Outcome:
    """A webhook's intent only names its charge: then what was let go of, and refunds, are not in it."""
    charge = intent.latest_charge if isinstance(intent.latest_charge, wire.Charge) else None
    reached = intent.amount_received + intent.amount_capturable
    reserved = max(reached, charge.amount) if charge and charge.status == "succeeded" else reached
    # What was reserved and let go of, Stripe counts as refunded.
    refunded = max(0, charge.amount_refunded - (reserved - reached)) if charge and intent.amount_received else 0
    result = _result(intent)
    needs_action = result is Result.NEEDS_ACTION
    return Outcome(
        result=result,
        amount=from_stripe(intent.amount, intent.currency),
        authorized=from_stripe(reserved, intent.currency).amount,
        captured=from_stripe(intent.amount_received, intent.currency).amount,
        refunded=from_stripe(refunded, intent.currency).amount,
        provider_ref=intent.id,
        decline_code=_decline_code(intent.last_payment_error) if result is Result.DECLINED else None,
        action_url=_action_url(intent.next_action) if needs_action else None,
        client_secret=intent.client_secret if needs_action else None,
        method=_saved(intent.payment_method),
    )


def _result(intent: wire.Intent) -> Result:
    match intent.status:
        case "succeeded":
            return Result.CAPTURED
        case "requires_capture":
            return Result.AUTHORIZED
        case "requires_action":
            return Result.NEEDS_ACTION
        case "processing" | "requires_confirmation":
            return Result.PENDING
        case "requires_payment_method":
            # So it is born, too; only with an error has somebody tried.
            return Result.DECLINED if intent.last_payment_error else Result.PENDING
        case "canceled":
            return Result.CAPTURED if intent.amount_received else Result.VOIDED
        case unknown:
            raise NoAnswer(f"unknown status {unknown}")


def of_charge(charge: wire.Charge) -> Outcome | None:
    """Nothing if nothing was captured: then a refund is a reservation let go of, which the intent tells. Nothing either
    while more may be captured, since a charge does not say how much."""
    if not charge.amount_captured or charge.can_be_captured_again:
        return None
    refunded = max(0, charge.amount_refunded - (charge.amount - charge.amount_captured))
    return Outcome(
        result=Result.CAPTURED,
        amount=from_stripe(charge.amount, charge.currency),
        authorized=from_stripe(charge.amount, charge.currency).amount,
        captured=from_stripe(charge.amount_captured, charge.currency).amount,
        refunded=from_stripe(refunded, charge.currency).amount,
        provider_ref=charge.payment_intent or "",
    )


def of_refund(refund: wire.Refund) -> RefundOutcome:
    if refund.status not in REFUND_RESULTS:
        raise NoAnswer(f"unknown status {refund.status}")
    result = REFUND_RESULTS[refund.status]
    return RefundOutcome(
        result=result,
        amount=from_stripe(refund.amount, refund.currency),
        provider_ref=refund.id,
        refund_id=wire.our_id(refund.metadata, "refund_id"),
        failure_code=(refund.failure_reason or refund.status) if result is RefundResult.FAILED else None,
    )


def of_dispute(dispute: wire.Dispute) -> DisputeOutcome | None:
    state = DISPUTE_STATES.get(dispute.status)
    if state is None:
        return None
    amount = from_stripe(dispute.amount, dispute.currency)
    return DisputeOutcome(provider_ref=dispute.id, state=state, amount=amount, reason=dispute.reason)


def of_setup(setup: wire.SetupIntent) -> MethodOutcome:
    """Still pending if it says nothing."""
    needs_action = setup.status == "requires_action"
    is_over = setup.status == "canceled" or (setup.status == "requires_payment_method" and setup.last_setup_error)
    return MethodOutcome(
        provider_ref=setup.id,
        method=_saved(setup.payment_method, setup.customer) if setup.status == "succeeded" else None,
        decline_code=(_decline_code(setup.last_setup_error) or setup.status) if is_over else None,
        action_url=_action_url(setup.next_action) if needs_action else None,
        client_secret=setup.client_secret if needs_action else None,
    )


def _saved(method: wire.PaymentMethod | str | None, customer: str | None = None) -> SavedMethod | None:
    if not isinstance(method, wire.PaymentMethod):
        return None
    customer = method.customer or customer
    if customer is None:
        return None
    details = method.card or method.sepa_debit or wire.CardDetails()
    return SavedMethod(
        provider_ref=method.id, customer_ref=customer, kind=method.type, brand=details.brand, last4=details.last4,
        expires_month=details.exp_month, expires_year=details.exp_year,
    )  # fmt: skip


def _decline_code(fault: wire.Fault | None) -> str | None:
    return fault.word if fault else None


def _action_url(action: wire.NextAction | None) -> str | None:
    return action.redirect_to_url.url if action and action.redirect_to_url else None
