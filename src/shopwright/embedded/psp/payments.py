"""What can be done with a payment, by the rules of a real provider: captured ≤ authorized, refunded ≤ captured."""

from shopwright.embedded.psp import disputes, methods, movements, scenarios, webhooks, wire
from shopwright.embedded.psp.errors import PspError, not_found, too_much
from shopwright.embedded.psp.keys import once
from shopwright.embedded.psp.models import (
    AUTHORIZED,
    CAPTURED,
    DECLINED,
    NEEDS_ACTION,
    PENDING,
    VOIDED,
    Method,
    Payment,
)
from shopwright.embedded.psp.scenarios import DECLINES, Script
from shopwright.embedded.psp.store import Desk
from shopwright.embedded.psp.wire import Capture, Doc, Pay


def pay(desk: Desk, key: str, asked: Pay) -> Payment:
    """Reserve the money, and take it at once if asked to. The same key is the same payment, as it is by now."""
    if made := once(desk, key, "payment", asked):
        return find(desk, made)
    method = methods.of_token(desk, asked.token, asked.customer_ref)
    payment = Payment(
        id=desk.new_id("pay", key), reference=key, token=asked.token, amount=asked.amount, currency=asked.currency,
        captures=asked.capture, state=PENDING, order_number=asked.order_number, return_url=asked.return_url,
        customer_ref=methods.customer(desk, asked.customer, asked.customer_ref), saves_method=asked.saves_method,
        method_id=method.id if method else None, created_at=desk.now,
    )  # fmt: skip
    once(desk, key, "payment", asked, made=payment.id)
    means = script_of(desk, payment.token).means
    if means in DECLINES:
        return _decline(desk, payment, DECLINES[means])
    # Whoever saved a method has taken its second step then.
    if means == "3ds" and method is None:
        payment.state = NEEDS_ACTION
    elif means == "pending":
        payment.decides_at = desk.later(desk.timings.late_seconds)
    else:
        return _authorize(desk, payment)
    desk.put(payment)
    webhooks.announce(desk, payment, [f"payment.{payment.state}"])
    return payment


def _authorize(desk: Desk, payment: Payment) -> Payment:
    payment.state, payment.authorized, payment.decides_at = AUTHORIZED, payment.amount, None
    if payment.saves_method and payment.customer_ref and not payment.method_id:
        payment.method_id = methods.keep(desk, payment.customer_ref, payment.token, payment.reference).id
    desk.put(payment)
    before = webhooks.snapshot(desk, payment)
    if payment.captures:
        _take(desk, payment, payment.amount, is_final=True)
        webhooks.announce(desk, payment, ["payment.authorized", "payment.captured"], earlier=before)
        disputes.after_capture(desk, payment)
    else:
        webhooks.announce(desk, payment, ["payment.authorized"])
    return payment


def _decline(desk: Desk, payment: Payment, code: str) -> Payment:
    payment.state, payment.decline_code, payment.decides_at = DECLINED, code, None
    desk.put(payment)
    webhooks.announce(desk, payment, ["payment.declined"])
    return payment


def _take(desk: Desk, payment: Payment, amount: int, *, is_final: bool) -> None:
    if "partial-capture" in script_of(desk, payment.token).marks:
        amount, is_final = max(1, amount // 2), True
    payment.captured += amount
    if is_final or payment.captured == payment.authorized:
        payment.state = CAPTURED
    desk.put(payment)
    movements.note(desk, "capture", payment, amount)


def decide(desk: Desk, payment_id: str, *, succeeds: bool) -> Payment:
    """The second step was taken, or what was pending is decided. Raises `PspError` where nothing is to be decided."""
    payment = find(desk, payment_id)
    if payment.state not in (NEEDS_ACTION, PENDING):
        raise PspError(409, "payment_decided", "There is nothing left to decide about this payment.")
    if succeeds:
        return _authorize(desk, payment)
    return _decline(desk, payment, "authentication_failed" if payment.state == NEEDS_ACTION else "card_declined")


def capture(desk: Desk, key: str, payment_id: str, asked: Capture) -> Payment:
    """Take so much of what is reserved. Raises `PspError`, and takes nothing then."""
    payment = find(desk, payment_id)
    if once(desk, key, "capture", (payment_id, asked), made=payment_id):
        return payment
    if asked.currency != payment.currency:
        raise PspError(409, "wrong_currency", f"This payment is in {payment.currency}.")
    if payment.state != AUTHORIZED:
        raise PspError(409, "payment_not_capturable", f"This payment is {payment.state}.")
    if asked.amount > payment.authorized - payment.captured:
        raise too_much("That is more than is reserved and not captured yet.")
    _take(desk, payment, asked.amount, is_final=asked.final)
    webhooks.announce(desk, payment, ["payment.captured"])
    disputes.after_capture(desk, payment)
    return payment


def void(desk: Desk, key: str, payment_id: str) -> Payment:
    """Let go of what is reserved, or of a second step that nobody takes. What was captured stays captured."""
    payment = find(desk, payment_id)
    if once(desk, key, "void", payment_id, made=payment_id):
        return payment
    if payment.state not in (AUTHORIZED, NEEDS_ACTION, PENDING):
        raise PspError(409, "payment_not_voidable", f"This payment is {payment.state}.")
    payment.state = CAPTURED if payment.captured else VOIDED
    payment.decides_at = None
    desk.put(payment)
    webhooks.announce(desk, payment, [f"payment.{payment.state}"])
    return payment


def find(desk: Desk, payment_id: str) -> Payment:
    if payment := desk.get(Payment, "id = ?", payment_id):
        return payment
    raise not_found("payment")


def find_by_reference(desk: Desk, reference: str) -> Payment:
    if payment := desk.get(Payment, "reference = ?", reference):
        return payment
    raise not_found("payment")


def shown(desk: Desk, payment: Payment, base_url: str = "") -> Doc:
    """The payment on the wire. The method is told of by the payment that saved it, while it is saved."""
    method = desk.get(Method, "id = ? AND state = 'saved'", payment.method_id) if payment.saves_method else None
    return wire.payment(payment, method, base_url)


def script_of(desk: Desk, token: str) -> Script:
    return scenarios.read(methods.test_token(desk, token))


def decide_due(desk: Desk) -> None:
    for payment in desk.all(Payment, "decides_at <= ?", desk.now):
        decide(desk, payment.id, succeeds=True)
