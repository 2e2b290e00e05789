"""Webhooks: written in the transaction of what they tell, signed when they are sent."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence

import msgspec

from shopwright.embedded.psp import payments, wire
from shopwright.embedded.psp.models import Delivery, Dispute, Payment, Refund
from shopwright.embedded.psp.scenarios import Script, number
from shopwright.embedded.psp.store import Desk
from shopwright.embedded.psp.wire import Doc

STORM = 50
YEAR_SECONDS = 365 * 86_400
FORGED, ANCIENT = "forged", "ancient"
AHEAD_OF_THE_TRUTH = {
    "webhook-forged": ("payment.captured", FORGED),
    "webhook-ancient": ("payment.captured", ANCIENT),
    "webhook-unknown-type": ("payment.blessed", ""),
}


def announce(desk: Desk, payment: Payment, kinds: Sequence[str], earlier: Doc | None = None) -> None:
    """Tell of a payment. All but the last kind tell of it as it was `earlier`."""
    script = payments.script_of(desk, payment.token)
    now = snapshot(desk, payment)
    told = [(kind, now if kind == kinds[-1] or earlier is None else earlier) for kind in kinds]
    for mark, (kind, flaw) in AHEAD_OF_THE_TRUTH.items():
        if mark in script.marks:
            _write(desk, script, payment.id, kind, {"payment": now | _all_captured(payment)}, flaw)
    if "webhook-out-of-order" in script.marks:
        told.reverse()
        if payment.captured and len(kinds) > 1:
            failed = {"state": "declined", "authorized": 0, "captured": 0, "decline_code": "card_declined"}
            told.append(("payment.declined", now | failed))
    for kind, doc in told:
        _write(desk, script, payment.id, kind, {"payment": doc})


def _all_captured(payment: Payment) -> Doc:
    return {"state": "captured", "authorized": payment.amount, "captured": payment.amount}


def announce_refund(desk: Desk, refund: Refund, payment: Payment) -> None:
    script = payments.script_of(desk, payment.token)
    _write(desk, script, payment.id, f"refund.{refund.state}", {"refund": wire.refund(refund, payment)})


def announce_dispute(desk: Desk, dispute: Dispute, payment: Payment) -> None:
    script = payments.script_of(desk, payment.token)
    _write(desk, script, payment.id, f"dispute.{dispute.state}", {"dispute": wire.dispute(dispute, payment)})


def snapshot(desk: Desk, payment: Payment) -> Doc:
    """The payment as it is now, with the lies of its scenario. Without a link to a second step: that is the buyer's."""
    return lie(payments.shown(desk, payment), payments.script_of(desk, payment.token).lies)


def lie(doc: Doc, lies: Iterable[str]) -> Doc:
    """The same with another amount or currency."""
    told = dict(doc)
    if "wrong-amount" in lies:
        told |= {name: doc[name] + 100 for name in ("amount", "authorized", "captured") if doc.get(name)}
    if "wrong-currency" in lies:
        told["currency"] = "USD" if doc["currency"] != "USD" else "EUR"
    return told


def _write(desk: Desk, script: Script, subject: str, kind: str, data: Doc, flaw: str = "") -> None:
    if "webhook-lost" in script.marks and not flaw:
        return
    count = desk.value("SELECT count(*) FROM deliveries WHERE subject = ?", subject)
    event_id = desk.new_id("evt", subject, count)
    body = msgspec.json.encode({"id": event_id, "type": kind, "created_at": wire.moment(desk.now), "data": data})
    is_late = "webhook-late" in script.marks
    # What follows a payment is told at once, so it overtakes what the payment's own webhooks say.
    is_overtaken = "webhook-out-of-order" in script.marks and kind.startswith("payment.")
    due_at = desk.later(desk.timings.late_seconds) if is_late or is_overtaken else desk.now
    copies = 1 if flaw else STORM if "webhook-storm" in script.marks else 2 if "webhook-twice" in script.marks else 1
    desk.db.executemany(
        "INSERT INTO deliveries (event_id, kind, subject, body, flaw, due_at) VALUES (?, ?, ?, ?, ?, ?)",
        [(event_id, kind, subject, body.decode(), flaw, due_at)] * copies,
    )


def headers(delivery: Delivery, secret: str, timestamp: int) -> dict[str, str]:
    """Its headers if it is sent at `timestamp`, in seconds since 1970."""
    if delivery.flaw == ANCIENT:
        timestamp -= YEAR_SECONDS
    signed_with = "somebody-elses-secret" if delivery.flaw == FORGED else secret
    return {
        "Content-Type": "application/json",
        "Webhook-Id": delivery.event_id,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": signature(signed_with, timestamp, delivery.body.encode()),
    }


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 of `timestamp.body`, in hex; its key is HMAC-SHA256 of the word `webhooks` with the secret."""
    key = hmac.new(secret.encode(), b"webhooks", hashlib.sha256).digest()
    return hmac.new(key, str(timestamp).encode() + b"." + body, hashlib.sha256).hexdigest()


def back_off(retry_seconds: float, attempts: int, seed: str, delivery: Delivery) -> float:
    """The wait after so many attempts: doubled each time, at most five minutes, with up to a tenth more by chance."""
    wait: float = min(retry_seconds * 2 ** (attempts - 1), 300.0)
    return wait * (1 + number(100, seed, delivery.event_id, attempts) / 1000)
