"""What became of something whose answer was lost. Nothing in here moves money."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shopwright.commerce.payments.provider import Charge, NoAnswer, Outcome, Result
from shopwright.commerce.payments.providers.stripe import outcomes, wire
from shopwright.commerce.payments.providers.stripe.client import read
from shopwright.kit import clock

if TYPE_CHECKING:
    from stripe.params import PaymentIntentListParams

EXPANDED = ["latest_charge", "payment_method"]
#: Stripe forgets an idempotency key after 24 hours at the earliest.
KEY_LASTS = timedelta(hours=23)
#: A request that timed out here may still be under way there.
UNDER_WAY = timedelta(minutes=2)
CLOCKS_DIFFER = timedelta(minutes=5)
PAGE, MOST_PAGES = 100, 100


def look_up(charge: Charge, provider_ref: str) -> Outcome:
    ref = provider_ref or find(charge.reference)
    if ref:
        return retrieve(ref)
    if clock.now() - born_at(charge.reference) < UNDER_WAY:
        raise NoAnswer("too early to be sure that it was never asked")
    return Outcome(result=Result.UNKNOWN, amount=charge.amount)


def retrieve(ref: str) -> Outcome:
    return outcomes.of_intent(
        read(wire.Intent, lambda stripe: stripe.v1.payment_intents.retrieve(ref, {"expand": EXPANDED}))
    )


def find(reference: UUID) -> str | None:
    """Stripe's name for our payment. Raises `NoAnswer` if there are too many payments to look through them all."""
    return _searched(reference) or _listed(reference)


def _searched(reference: UUID) -> str | None:
    """Fast, but it may miss what was made a short while ago; and some accounts have no search."""
    query = f'metadata["payment_id"]:"{reference}"'
    try:
        page = read(wire.Page, lambda stripe: stripe.v1.payment_intents.search({"query": query, "limit": 1}))
    except NoAnswer:
        return None
    return page.data[0].id if page.data else None


def _listed(reference: UUID) -> str | None:
    since = int((born_at(reference) - CLOCKS_DIFFER).timestamp())
    params: PaymentIntentListParams = {"created": {"gte": max(0, since)}, "limit": PAGE}
    for _ in range(MOST_PAGES):
        page = read(wire.Page, lambda stripe: stripe.v1.payment_intents.list(params))
        for intent in page.data:
            if wire.our_id(intent.metadata, "payment_id") == reference:
                return intent.id
        if not page.has_more:
            return None
        params["starting_after"] = page.data[-1].id
    raise NoAnswer("too many payments since then")


def find_refund(payment_ref: str, refund_id: UUID) -> wire.Refund | None:
    page = read(wire.Refunds, lambda stripe: stripe.v1.refunds.list({"payment_intent": payment_ref, "limit": PAGE}))
    for refund in page.data:
        if wire.our_id(refund.metadata, "refund_id") == refund_id:
            return refund
    if page.has_more:
        raise NoAnswer("too many refunds of this payment")
    return None


def has_lost_its_key(reference: UUID) -> bool:
    """Whether Stripe may have forgotten that it was asked with this id, so that asking again would move money again."""
    return clock.now() - born_at(reference) > KEY_LASTS


def born_at(reference: UUID) -> datetime:
    """Our ids are UUIDs of version 7 and tell their birth; any other could be of any time."""
    milliseconds = reference.int >> 80 if reference.version == 7 else 0
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
