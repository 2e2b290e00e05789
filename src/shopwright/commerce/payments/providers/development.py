"""The provider for development: its tokens choose what happens. It does not exist in production mode (S44).

`tok_success` pays, `tok_decline` is declined, `tok_3ds` needs a second step, `tok_timeout` charges but never answers
(the truth comes by `look_up`). It keeps no state: what it would answer follows from the token, so any process may ask.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from shopwright.commerce.payments.errors import WebhookNotAuthentic
from shopwright.commerce.payments.provider import Notification, Outcome, ProviderTimeout, Result
from shopwright.kit import clock, ids
from shopwright.kit.money import Money
from shopwright.settings import current

TOLERANCE_SECONDS = 300
TOKENS = ("tok_success", "tok_decline", "tok_3ds", "tok_timeout")


class Development:
    def authorize(self, reference: UUID, amount: Money, token: str, *, capture: bool) -> Outcome:
        if token == "tok_timeout":  # noqa: S105  a test token's name
            raise ProviderTimeout()
        return self._outcome(reference, amount, token, capture=capture)

    def capture(self, reference: UUID, provider_ref: str, amount: Money) -> Outcome:
        return Outcome(result=Result.CAPTURED, amount=amount, provider_ref=provider_ref)

    def void(self, reference: UUID, provider_ref: str, amount: Money) -> Outcome:
        return Outcome(result=Result.VOIDED, amount=amount, provider_ref=provider_ref)

    def refund(self, refund_reference: UUID, provider_ref: str, amount: Money) -> Outcome:
        return Outcome(result=Result.REFUNDED, amount=amount, provider_ref=f"dev_re_{refund_reference.hex}")

    def look_up(self, reference: UUID, token: str, amount: Money, *, capture: bool) -> Outcome:
        return self._outcome(reference, amount, token, capture=capture)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notification:
        sent = headers.get("Webhook-Timestamp", "")
        wanted = signature(sent, body)
        if not hmac.compare_digest(headers.get("Webhook-Signature", "").encode(), wanted.encode()):
            raise WebhookNotAuthentic()
        if (
            not sent.isdigit()
            or abs(clock.now() - datetime.fromtimestamp(int(sent), UTC)).total_seconds() > TOLERANCE_SECONDS
        ):
            raise WebhookNotAuthentic()
        try:
            return msgspec.json.decode(body, type=Notification)
        except msgspec.MsgspecError:
            raise WebhookNotAuthentic() from None

    def _outcome(self, reference: UUID, amount: Money, token: str, *, capture: bool) -> Outcome:
        ref = f"dev_{reference.hex}"
        if token == "tok_3ds":  # noqa: S105  a test token's name
            url = f"{current().public_url}/v1/development/payments/{reference}"
            return Outcome(result=Result.NEEDS_ACTION, amount=amount, provider_ref=ref, action_url=url)
        if token not in ("tok_success", "tok_timeout"):
            code = "card_declined" if token == "tok_decline" else "invalid_token"  # noqa: S105  a test token's name
            return Outcome(result=Result.DECLINED, amount=amount, provider_ref=ref, decline_code=code)
        result = Result.CAPTURED if capture else Result.AUTHORIZED
        return Outcome(result=result, amount=amount, provider_ref=ref)


def signature(timestamp: str, body: bytes) -> str:
    key = hmac.new(current().secret_key.encode(), b"development-webhooks", hashlib.sha256).digest()
    return hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def webhook(payment_id: UUID, amount: Money, result: Result) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a webhook as this provider sends them."""
    outcome = Outcome(
        result=result, amount=amount, provider_ref=f"dev_{payment_id.hex}",
        decline_code="authentication_failed" if result is Result.DECLINED else None,
    )  # fmt: skip
    body = msgspec.json.encode(Notification(event_id=f"evt_{ids.new().hex}", payment_id=payment_id, outcome=outcome))
    sent = str(int(clock.now().timestamp()))
    return {"Webhook-Timestamp": sent, "Webhook-Signature": signature(sent, body)}, body
