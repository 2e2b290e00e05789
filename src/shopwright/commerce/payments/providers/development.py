"""The provider for development: speaks to the service in `embedded/psp`, whose tokens choose what happens.

It does not exist in production mode (S44).
"""

import atexit
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx
import msgspec

from shopwright.commerce.payments.errors import WebhookNotAuthentic
from shopwright.commerce.payments.provider import (
    Charge,
    DisputeState,
    Handle,
    KeyReused,
    MethodOutcome,
    Movement,
    NoAnswer,
    Notification,
    Outcome,
    RefundOutcome,
    RefundResult,
    Refused,
    Result,
    SavedMethod,
)
from shopwright.commerce.payments.providers.development_wire import (
    Event,
    EventData,
    FailureDoc,
    MovementsDoc,
    PaymentDoc,
    RefundDoc,
    SavingDoc,
)
from shopwright.kit import clock
from shopwright.kit.money import Money
from shopwright.settings import current

T = TypeVar("T")
TIMEOUT = httpx.Timeout(5.0, connect=1.0)
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=16)
#: What is said of this request for good. 401 and 403 are our own wrong secret, which somebody will put right.
DEFINITIVE = (400, 402, 404, 409, 410, 422)
OTHER_BODY = "idempotency_mismatch"
TOLERANCE_SECONDS = 300
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)
KINDS = frozenset(
    [f"payment.{result}" for result in Result if result is not Result.UNKNOWN]
    + [f"refund.{result}" for result in RefundResult]
    + [f"dispute.{state}" for state in DisputeState]
)


class Development:
    def authorize(self, charge: Charge) -> Outcome:
        body = {
            "amount": charge.amount.amount, "currency": charge.amount.currency, "token": charge.token,
            "capture": charge.capture, "order_number": charge.order_number, "return_url": charge.return_url,
            "customer": str(charge.customer_id) if charge.customer_id else None, "customer_ref": charge.customer_ref,
            "saves_method": charge.saves_method,
        }  # fmt: skip
        return self._payment(charge.reference, _ask(PaymentDoc, "POST", "/v1/payments", charge.reference, body))

    def capture(self, operation_id: UUID, payment: Handle, amount: Money, *, is_final: bool) -> Outcome:
        body = {"amount": amount.amount, "currency": amount.currency, "final": is_final}
        path = f"/v1/payments/{quote(self._name(payment), safe='')}/capture"
        return self._payment(payment.reference, _ask(PaymentDoc, "POST", path, operation_id, body))

    def void(self, operation_id: UUID, payment: Handle) -> Outcome:
        path = f"/v1/payments/{quote(self._name(payment), safe='')}/void"
        return self._payment(payment.reference, _ask(PaymentDoc, "POST", path, operation_id))

    def refund(self, refund_id: UUID, payment: Handle, amount: Money) -> RefundOutcome:
        body = {
            "payment_id": self._name(payment), "amount": amount.amount, "currency": amount.currency,
            "reference": str(refund_id),
        }  # fmt: skip
        told = _ask(RefundDoc, "POST", "/v1/refunds", refund_id, body)
        if told.reference != refund_id or told.payment_reference != payment.reference:
            raise NoAnswer("the answer is about another refund")
        return told.outcome()

    def look_up(self, charge: Charge, provider_ref: str) -> Outcome:
        try:
            return self._payment(charge.reference, self._find(charge.reference))
        except Refused as refusal:
            if refusal.code != "payment_not_found":
                raise NoAnswer(refusal.code) from None
            return Outcome(result=Result.UNKNOWN, amount=charge.amount)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notification:
        sent = {name.lower(): value for name, value in headers.items()}
        timestamp = sent.get("webhook-timestamp", "")
        given = sent.get("webhook-signature", "").encode(errors="replace")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise WebhookNotAuthentic()
        if not hmac.compare_digest(given, _signature(timestamp, body).encode()):
            raise WebhookNotAuthentic()
        if abs(clock.now().timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
            raise WebhookNotAuthentic()
        try:
            return _notification(msgspec.json.decode(body, type=Event))
        except UNREADABLE:
            raise WebhookNotAuthentic() from None

    def save_method(self, reference: UUID, customer_id: UUID, customer_ref: str | None, token: str) -> MethodOutcome:
        body = {"customer": str(customer_id), "customer_ref": customer_ref, "token": token}
        try:
            return _ask(SavingDoc, "POST", "/v1/methods", reference, body).outcome()
        except Refused as refusal:
            return MethodOutcome(provider_ref="", decline_code=refusal.code)

    def look_up_method(self, provider_ref: str) -> MethodOutcome:
        try:
            return _ask(SavingDoc, "GET", f"/v1/methods/{quote(provider_ref, safe='')}").outcome()
        except Refused as refusal:
            return MethodOutcome(provider_ref=provider_ref, decline_code=refusal.code)

    def forget_method(self, method: SavedMethod) -> None:
        _ask(type(None), "DELETE", f"/v1/methods/{quote(method.provider_ref, safe='')}")

    def movements(self, since: datetime, until: datetime) -> Iterable[Movement]:
        span = {"since": since.isoformat(), "until": until.isoformat()}
        try:
            return [told.movement() for told in _ask(MovementsDoc, "GET", "/v1/movements", query=span).items]
        except Refused as refusal:
            raise NoAnswer(refusal.code) from None

    def _payment(self, reference: UUID, told: PaymentDoc) -> Outcome:
        if told.reference != reference:
            raise NoAnswer("the answer is about another payment")
        return told.outcome()

    def _name(self, payment: Handle) -> str:
        # Where no answer ever came we do not know the provider's name for it.
        return payment.provider_ref or self._find(payment.reference).id

    def _find(self, reference: UUID) -> PaymentDoc:
        return _ask(PaymentDoc, "GET", "/v1/payments", query={"reference": str(reference)})


def _notification(event: Event) -> Notification:
    if event.type not in KINDS:
        return Notification(event_id=event.id, kind=event.type)
    data = msgspec.json.decode(event.data, type=EventData)
    if told := data.payment:
        return Notification(
            event_id=event.id, kind=event.type, payment_id=told.reference, provider_ref=told.id, outcome=told.outcome()
        )
    about = data.refund or data.dispute
    return Notification(
        event_id=event.id, kind=event.type, payment_id=about.payment_reference if about else None,
        provider_ref=about.payment_id if about else "", refund=data.refund.outcome() if data.refund else None,
        dispute=data.dispute.outcome() if data.dispute else None,
    )  # fmt: skip


def _ask(
    wanted: type[T], method: str, path: str, key: UUID | None = None, body: object = None,
    query: Mapping[str, str] | None = None,
) -> T:  # fmt: skip
    """The answer, if it is one. Raises `NoAnswer` and `Refused`."""
    settings = current()
    headers = {"Authorization": f"Bearer {settings.psp_secret}", "Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = str(key)
    content = msgspec.json.encode(body) if body is not None else None
    try:
        answer = _client(settings.psp_url).request(method, path, headers=headers, content=content, params=query)
    except httpx.HTTPError as fault:
        raise NoAnswer(type(fault).__name__) from None
    if answer.status_code in DEFINITIVE:
        code = _code(answer)
        # The first asking with this key may have moved money, so this is no refusal.
        raise KeyReused(code) if code == OTHER_BODY else Refused(code)
    if not answer.is_success:
        raise NoAnswer(f"HTTP {answer.status_code}")
    try:
        return msgspec.json.decode(answer.content or b"null", type=wanted)
    except UNREADABLE:
        raise NoAnswer("the answer could not be read") from None


def _code(answer: httpx.Response) -> str:
    try:
        return msgspec.json.decode(answer.content, type=FailureDoc).error.code
    except UNREADABLE:
        return f"http_{answer.status_code}"


@lru_cache(maxsize=4)
def _client(url: str) -> httpx.Client:
    """One for the process. What the environment says of proxies is not for a neighbour."""
    client = httpx.Client(base_url=url, timeout=TIMEOUT, limits=LIMITS, trust_env=False)
    atexit.register(client.close)
    return client


def _signature(timestamp: str, body: bytes) -> str:
    key = hmac.new(current().psp_secret.encode(), b"webhooks", hashlib.sha256).digest()
    return hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
