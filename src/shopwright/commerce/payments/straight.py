"""The way that nearly all payments go: begun a moment ago, and taken whole. Three statements and the stock's two.

Whatever is otherwise is left to `settling`, untouched; a test compares the two.
"""

from uuid import UUID

from msgspec.structs import asdict

from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind
from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.orders import owed
from shopwright.commerce.orders.events import OrderPaid
from shopwright.commerce.orders.models import Order
from shopwright.commerce.payments import statements
from shopwright.commerce.payments.events import PaymentSettled
from shopwright.commerce.payments.models import Payment, State
from shopwright.commerce.payments.provider import Outcome, Result
from shopwright.commerce.payments.statements import Answered
from shopwright.kit import clock, ids
from shopwright.kit.db import as_written
from shopwright.kit.events import Event, emit


def settle(payment_id: UUID, outcome: Outcome) -> Payment | None:
    """Book that a payment was taken whole, and what that does to its order.

    None, with nothing changed, if anything is not as usual.
    """
    if not _says_only_that_all_was_taken(outcome):
        return None
    found = statements.answered(payment_id)
    if found is None or not _is_usual(found, outcome):
        return None
    order, amount = found.order.order(), outcome.amount.amount
    is_covered, is_paid = amount == order.uncovered_amount, order.paid_amount + amount == order.total_amount
    # What was captured in part before has made the stock the order's own.
    if is_covered and order.expires_at is not None and not inventory.claim_held(order.id):
        return None
    now = clock.now()
    told = {
        "state": State.CAPTURED,
        "provider_ref": outcome.provider_ref or found.payment.provider_ref,
        "settled_at": now,
    }
    statements.CAPTURED.run(
        {
            "payment_id": payment_id, "order_id": order.id, "taken": amount,
            "provider_ref": told["provider_ref"], "settled_at": now,
            "expires_at": None if is_covered else order.expires_at, "paid_at": now if is_paid else order.paid_at,
            **owed.noted("paid", {"amount": amount, "currency": order.currency}),
        }
    )  # fmt: skip
    _tell(order, payment_id, amount, is_paid)
    totals = dict.fromkeys(("authorized_amount", "capture_asked_amount", "captured_amount"), amount)
    return as_written(Payment, asdict(found.payment) | told | totals)


def _says_only_that_all_was_taken(outcome: Outcome) -> bool:
    amount = outcome.amount.amount
    return outcome == Outcome(
        result=Result.CAPTURED,
        amount=outcome.amount,
        authorized=amount,
        captured=amount,
        provider_ref=outcome.provider_ref,
    )


def _is_usual(found: Answered, outcome: Outcome) -> bool:
    """Nobody has told of the payment before, it is for so much, and the order needs it and is sent by staff."""
    order, payment = found.order.order(), found.payment
    return (
        payment.state == State.PENDING
        and (payment.amount, payment.currency) == (outcome.amount.amount, outcome.amount.currency)
        and order.takes_payments
        and payment.amount <= order.uncovered_amount
        and not (found.order.delivers_at_once or order.gift_card_amount)
    )


def _tell(order: Order, payment_id: UUID, amount: int, is_paid: bool) -> None:
    books.note(
        Kind.CAPTURED, ids.derived("captured", payment_id, amount), order.currency,
        {Account.CAPTURED: amount, Account.RECEIVABLE: -amount}, order_id=order.id, payment_id=payment_id,
    )  # fmt: skip
    facts: list[Event] = [OrderPaid(order_id=order.id)] if is_paid else []
    emit(*facts, PaymentSettled(payment_id=payment_id, order_id=order.id, state=str(State.CAPTURED)))
