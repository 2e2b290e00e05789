"""Objects in the shapes of Stripe's API reference (2026-10-28), shortened to what a reader could stumble over."""

import hashlib
import hmac
import json
from typing import Any
from uuid import UUID

from shopwright.kit import clock

SECRET = "whsec_the_one_in_use"
PAYMENT_ID = UUID("01939e0a-7a00-7000-8000-000000000001")
REFUND_ID = UUID("01939e0a-7a00-7000-8000-000000000002")


def intent(**changes: Any) -> dict[str, Any]:
    return {
        "id": "pi_1", "object": "payment_intent", "amount": 1999, "amount_capturable": 0, "amount_received": 1999,
        "amount_details": {"tip": {}}, "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
        "canceled_at": None, "capture_method": "automatic", "client_secret": "pi_1_secret_x", "created": 1732406400,
        "currency": "eur", "customer": None, "last_payment_error": None, "latest_charge": "ch_1", "livemode": False,
        "metadata": {"payment_id": str(PAYMENT_ID), "order_number": "1001"}, "next_action": None,
        "payment_method": "pm_1", "payment_method_types": ["card", "link"], "processing": None, "status": "succeeded",
        **changes,
    }  # fmt: skip


def charge(**changes: Any) -> dict[str, Any]:
    return {
        "id": "ch_1", "object": "charge", "amount": 1999, "amount_captured": 1999, "amount_refunded": 0,
        "balance_transaction": "txn_1", "captured": True, "currency": "eur", "disputed": False, "failure_code": None,
        "metadata": {"payment_id": str(PAYMENT_ID), "order_number": "1001"}, "paid": True, "payment_intent": "pi_1",
        "payment_method_details": {"type": "card", "card": {"multicapture": {"status": "unavailable"}}},
        "refunded": False, "status": "succeeded",
        **changes,
    }  # fmt: skip


def refund(**changes: Any) -> dict[str, Any]:
    return {
        "id": "re_1", "object": "refund", "amount": 500, "balance_transaction": "txn_2", "charge": "ch_1",
        "created": 1732406400, "currency": "eur", "payment_intent": "pi_1", "reason": None, "status": "succeeded",
        "metadata": {"payment_id": str(PAYMENT_ID), "refund_id": str(REFUND_ID)},
        **changes,
    }  # fmt: skip


def dispute(**changes: Any) -> dict[str, Any]:
    return {
        "id": "du_1", "object": "dispute", "amount": 1999, "charge": "ch_1", "currency": "eur", "livemode": False,
        "metadata": {}, "payment_intent": "pi_1", "reason": "fraudulent", "status": "needs_response",
        "balance_transactions": [], "evidence": {"access_activity_log": None}, "is_charge_refundable": False,
        **changes,
    }  # fmt: skip


def event(kind: str, told: dict[str, Any], name: str = "evt_1") -> bytes:
    return json.dumps({
        "id": name, "object": "event", "api_version": "2026-10-28.endive", "created": 1732406400, "livemode": False,
        "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}, "type": kind, "data": {"object": told},
    }).encode()  # fmt: skip


def signed(body: bytes, *, secret: str = SECRET, seconds_ago: int = 0) -> dict[str, str]:
    """The header as Stripe's documentation says to make it."""
    sent = str(int(clock.now().timestamp()) - seconds_ago)
    proof = hmac.new(secret.encode(), f"{sent}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Stripe-Signature": f"t={sent},v1={proof},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"
    }
