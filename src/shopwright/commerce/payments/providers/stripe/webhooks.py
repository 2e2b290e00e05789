"""Stripe's webhooks: verified (docs.stripe.com/webhooks/signature), then read."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from shopwright.commerce.payments.errors import WebhookNotAuthentic
from shopwright.commerce.payments.provider import NoAnswer, Notification
from shopwright.commerce.payments.providers.stripe import outcomes, wire
from shopwright.kit import clock
from shopwright.settings import current

TOLERANCE_SECONDS = 300
_TIMESTAMP = re.compile("[0-9]{1,12}", re.ASCII)


def read(headers: Mapping[str, str], body: bytes) -> Notification:
    """What is signed but cannot be read (an endpoint of another API version) is refused too, so that it shows in
    Stripe's dashboard, and comes again for days."""
    verify(headers, body)
    try:
        event = msgspec.json.decode(body, type=wire.Event)
        return _notification(event)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, NoAnswer):
        raise WebhookNotAuthentic() from None


def verify(headers: Mapping[str, str], body: bytes) -> None:
    """The SDK would do it by a clock of its own; ours can be held still. Raises `WebhookNotAuthentic`."""
    header = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), "")
    parts = [part.strip().partition("=") for part in header.split(",")]
    sent = next((value for name, _, value in parts if name == "t"), "")
    signatures = [value.encode() for name, _, value in parts if name == "v1"]
    if not _TIMESTAMP.fullmatch(sent) or abs(int(clock.now().timestamp()) - int(sent)) > TOLERANCE_SECONDS:
        raise WebhookNotAuthentic()
    wanted = [
        hmac.new(secret.encode(), sent.encode() + b"." + body, hashlib.sha256).hexdigest().encode()
        for secret in current().stripe_webhook_secrets
    ]
    # All of them, whichever holds: how long it takes says nothing.
    if not sum(hmac.compare_digest(one, other) for one in wanted for other in signatures):
        raise WebhookNotAuthentic()


def _notification(event: wire.Event) -> Notification:
    reader = next(_readers(event.type), None)
    if reader is None:
        return Notification(event_id=event.id, kind=event.type)
    return reader(event, event.data.object)


def _readers(kind: str) -> Iterator[Callable[[wire.Event, dict[str, Any]], Notification]]:
    for start, reader in (
        ("payment_intent.", _of_intent),
        ("charge.captured", _of_charge),
        ("charge.refunded", _of_charge),
        ("charge.dispute.", _of_dispute),
        ("charge.refund.", _of_refund),
        ("refund.", _of_refund),
    ):
        if kind.startswith(start):
            yield reader


def _of_intent(event: wire.Event, told: dict[str, Any]) -> Notification:
    intent = msgspec.convert(told, wire.Intent)
    return Notification(
        event_id=event.id, kind=event.type, payment_id=wire.our_id(intent.metadata, "payment_id"),
        provider_ref=intent.id, outcome=outcomes.of_intent(intent),
    )  # fmt: skip


def _of_charge(event: wire.Event, told: dict[str, Any]) -> Notification:
    charge = msgspec.convert(told, wire.Charge)
    return Notification(
        event_id=event.id, kind=event.type, payment_id=wire.our_id(charge.metadata, "payment_id"),
        provider_ref=charge.payment_intent or "", outcome=outcomes.of_charge(charge),
    )  # fmt: skip


def _of_refund(event: wire.Event, told: dict[str, Any]) -> Notification:
    refund = msgspec.convert(told, wire.Refund)
    is_ours = wire.our_id(refund.metadata, "refund_id") is not None
    # What is let go of after a part capture is a refund to Stripe as well, but one that moved nothing of the balance.
    moved_nothing = refund.status == "succeeded" and refund.balance_transaction is None and not is_ours
    return Notification(
        event_id=event.id, kind=event.type, payment_id=wire.our_id(refund.metadata, "payment_id"),
        provider_ref=refund.payment_intent or "", refund=None if moved_nothing else outcomes.of_refund(refund),
    )  # fmt: skip


def _of_dispute(event: wire.Event, told: dict[str, Any]) -> Notification:
    dispute = msgspec.convert(told, wire.Dispute)
    return Notification(
        event_id=event.id, kind=event.type, provider_ref=dispute.payment_intent or "",
        dispute=outcomes.of_dispute(dispute),
    )  # fmt: skip
