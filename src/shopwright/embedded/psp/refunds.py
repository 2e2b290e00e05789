"""Giving money back."""

from shopwright.embedded.psp import movements, payments, webhooks
from shopwright.embedded.psp.errors import PspError, not_found, too_much
from shopwright.embedded.psp.keys import once
from shopwright.embedded.psp.models import PENDING, Payment, Refund
from shopwright.embedded.psp.store import Desk
from shopwright.embedded.psp.wire import GiveBack

DONE, FAILED = "done", "failed"


def refund(desk: Desk, key: str, asked: GiveBack) -> Refund:
    """Give so much back. The same key is the same refund, as it is by now."""
    if made_before := once(desk, key, "refund", asked):
        return find(desk, made_before)
    payment = payments.find(desk, asked.payment_id)
    if asked.currency != payment.currency:
        raise PspError(409, "wrong_currency", f"This payment is in {payment.currency}.")
    claimed = desk.value(
        "SELECT coalesce(sum(amount), 0) FROM refunds WHERE payment_id = ? AND state <> ?", payment.id, FAILED
    )
    if asked.amount > payment.captured - claimed:
        raise too_much("That is more than was captured and is not given back yet.")
    made = Refund(
        id=desk.new_id("re", key), payment_id=payment.id, reference=str(asked.reference) if asked.reference else None,
        state=PENDING, amount=asked.amount, currency=asked.currency,
    )  # fmt: skip
    once(desk, key, "refund", asked, made=made.id)
    if "refund-pending" in payments.script_of(desk, payment.token).marks:
        made.decides_at = desk.later(desk.timings.late_seconds)
        desk.put(made)
        webhooks.announce_refund(desk, made, payment)
        return made
    return _finish(desk, made, payment)


def decide(desk: Desk, refund_id: str, *, succeeds: bool | None = None) -> Refund:
    """Decide now what is pending, as its scenario has it where nothing else is said."""
    found = find(desk, refund_id)
    if found.state != PENDING:
        raise PspError(409, "refund_decided", "There is nothing left to decide about this refund.")
    return _finish(desk, found, payments.find(desk, found.payment_id), succeeds)


def _finish(desk: Desk, row: Refund, payment: Payment, succeeds: bool | None = None) -> Refund:
    if succeeds is None:
        succeeds = "refund-fails" not in payments.script_of(desk, payment.token).marks
    row.state, row.failure_code, row.decides_at = (DONE if succeeds else FAILED), None, None
    if succeeds:
        payment.refunded += row.amount
        desk.put(payment)
        movements.note(desk, "refund", payment, row.amount, row.id)
    else:
        row.failure_code = "refund_failed"
    desk.put(row)
    webhooks.announce_refund(desk, row, payment)
    return row


def find(desk: Desk, refund_id: str) -> Refund:
    if found := desk.get(Refund, "id = ?", refund_id):
        return found
    raise not_found("refund")


def decide_due(desk: Desk) -> None:
    for row in desk.all(Refund, "decides_at <= ?", desk.now):
        decide(desk, row.id)
