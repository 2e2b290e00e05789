"""What providers tell: stored once and answered at once, worked off later, in any order."""

from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select

from shopwright.commerce.payments import issues, refunds, settling, statements
from shopwright.commerce.payments.errors import PaymentNotFound, ProviderDisagrees
from shopwright.commerce.payments.events import WebhookReceived
from shopwright.commerce.payments.models import Payment, Webhook
from shopwright.commerce.payments.provider import Notification, RefundResult
from shopwright.commerce.payments.statements import Booked
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.events import emit

#: A webhook may overtake the answer that tells the provider's name for the payment, or the webhook of the capture that it
#: follows; until then it is tried again.
MAY_OVERTAKE = timedelta(minutes=2)


class ToldTooEarly(Exception):
    """A webhook tells what cannot be yet: another one, which it has overtaken, will say why."""


def receive(provider: str, told: Notification) -> bool:
    """Keep a verified webhook; answers whether it is the first telling.

    Most tell what the provider has answered a moment before. They are kept, and nobody has to look at them again.
    """
    now, is_known = clock.now(), _is_known(_booked(provider, told), told)
    received = statements.KEEP.first(
        {
            "id": ids.new(), "provider": provider, "event_id": told.event_id, "kind": told.kind[:100],
            "payment_id": told.payment_id, "told": {} if is_known else msgspec.to_builtins(told), "received_at": now,
            "processed_at": now if is_known else None,
        }
    )  # fmt: skip
    if received is None:
        return False
    if not is_known:
        emit(WebhookReceived(webhook_id=received[0]))
    return True


def _booked(provider: str, told: Notification) -> Booked | None:
    """What is written down of the payment, if all that is told is how it stands."""
    if told.payment_id is None or told.outcome is None or told.refund or told.dispute:
        return None
    return statements.booked(told.payment_id, provider)


def _is_known(booked: Booked | None, told: Notification) -> bool:
    return booked is not None and told.outcome is not None and booked.says_all_of(told.outcome)


def process(webhook_id: UUID) -> None:
    """Act on a webhook, once.

    Raises `PaymentNotFound` while the payment may still become known, and `ToldTooEarly` while its capture may.
    """
    webhook = session.get_one(Webhook, webhook_id, with_for_update=True, populate_existing=True)
    if webhook.processed_at is not None:
        return
    told = msgspec.convert(webhook.told, Notification)
    is_known = _is_known(_booked(webhook.provider, told), told)
    if not is_known and (told.outcome or told.refund or told.dispute):
        payment_id = _payment_of(webhook, told)
        is_young = webhook.received_at > clock.now() - MAY_OVERTAKE
        if payment_id is None:
            if is_young:
                raise PaymentNotFound()
            _ask_people(webhook, told)
        else:
            webhook.payment_id = payment_id
            if is_young and _is_early(payment_id, told):
                raise ToldTooEarly()
            _act(payment_id, told)
    webhook.processed_at = clock.now()
    # What it said is booked; it may hold the secret of a second step, and need not be kept.
    webhook.told = {}
    session.flush()


def _payment_of(webhook: Webhook, told: Notification) -> UUID | None:
    of_provider = select(Payment.id).where(Payment.provider == webhook.provider)
    if told.payment_id is not None:
        return session.scalar(of_provider.where(Payment.id == told.payment_id))
    if not told.provider_ref:
        return None
    return session.scalar(of_provider.where(Payment.provider_ref == told.provider_ref).limit(1))


def _is_early(payment_id: UUID, told: Notification) -> bool:
    """Whether it is about money that was captured, and we have not heard of the capture."""
    payment = session.get_one(Payment, payment_id)
    if told.refund is not None and told.refund.result is RefundResult.DONE:
        return refunds.find(payment, told.refund) is None and told.refund.amount.amount > payment.left_to_refund
    return told.dispute is not None and told.dispute.amount.amount > payment.captured_amount


def _act(payment_id: UUID, told: Notification) -> None:
    try:
        if told.outcome is not None:
            settling.settle(payment_id, told.outcome)
        if told.refund is not None:
            refunds.settle(payment_id, told.refund)
        if told.dispute is not None:
            refunds.dispute(payment_id, told.dispute)
    except ProviderDisagrees:
        # The issue that it opened stays; telling it again would say the same.
        return


def _ask_people(webhook: Webhook, told: Notification) -> None:
    issues.open_issue(
        "unknown-payment", f"{webhook.provider}:{told.provider_ref or told.payment_id}", event=webhook.kind,
        provider=webhook.provider, event_id=webhook.event_id,
    )  # fmt: skip
