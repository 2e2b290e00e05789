"""A buyer's bank takes money back."""

from shopwright.embedded.psp import movements, payments, webhooks
from shopwright.embedded.psp.errors import PspError
from shopwright.embedded.psp.models import Dispute, Payment
from shopwright.embedded.psp.store import Desk

OPEN, WON, LOST = "open", "won", "lost"


def after_capture(desk: Desk, payment: Payment) -> None:
    """What the payment's scenario says of chargebacks."""
    marks = payments.script_of(desk, payment.token).marks & {"chargeback", "chargeback-won", "chargeback-lost"}
    if not marks or desk.get(Dispute, "payment_id = ?", payment.id):
        return
    move(desk, payment.id, OPEN)
    for state in (WON, LOST):
        if f"chargeback-{state}" in marks:
            move(desk, payment.id, state)


def move(desk: Desk, payment_id: str, state: str) -> Dispute:
    """Open a dispute about all that is left of the payment, or end it; one that is ended at once was open first."""
    payment = payments.find(desk, payment_id)
    dispute = desk.get(Dispute, "payment_id = ?", payment.id)
    if dispute is None:
        dispute = _open(desk, payment)
        if state == OPEN:
            return dispute
    if dispute.state == state:
        return dispute
    if dispute.state != OPEN:
        raise PspError(409, "dispute_closed", f"This dispute is {dispute.state}.")
    dispute.state = state
    desk.put(dispute)
    if state == WON:
        movements.note(desk, "dispute_won", payment, dispute.amount, dispute.id)
    webhooks.announce_dispute(desk, dispute, payment)
    return dispute


def _open(desk: Desk, payment: Payment) -> Dispute:
    left = payment.captured - payment.refunded
    if left < 1:
        raise PspError(409, "nothing_to_dispute", "Nothing of this payment is left to be disputed.")
    dispute = Dispute(
        id=desk.new_id("dp", payment.id), payment_id=payment.id, state=OPEN, amount=left, currency=payment.currency,
        reason="fraudulent",
    )  # fmt: skip
    desk.put(dispute)
    movements.note(desk, "dispute", payment, left, dispute.id)
    webhooks.announce_dispute(desk, dispute, payment)
    return dispute
