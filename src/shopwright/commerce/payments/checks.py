"""What must hold of payments: the books say of each what its row says, and no limit is passed (I3, I4)."""

from uuid import UUID

from sqlalchemy import func, select

from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind, Posting
from shopwright.commerce.orders import service as orders
from shopwright.commerce.payments import operations
from shopwright.commerce.payments.models import Payment
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.verification import Check

_LIMITS = """
    SELECT id, 'asked ' || amount || ', authorized ' || authorized_amount || ', captured ' || captured_amount,
           'refunded ' || refunded_amount, 'a constraint of the table was dropped, or the row written past it'
    FROM payments WHERE refunded_amount > refund_asked_amount OR refund_asked_amount > captured_amount
      OR captured_amount > capture_asked_amount OR capture_asked_amount > authorized_amount
      OR authorized_amount > amount OR refunded_amount < 0"""
_CAPTURED = """
    SELECT id, captured_amount, coalesce(booked, 0),
           CASE WHEN captured_amount > coalesce(booked, 0) THEN 'a capture was not booked, or captured_amount was raised by hand'
                ELSE 'a capture was booked that the payment never got, or captured_amount was lowered by hand' END
    FROM payments LEFT JOIN
      (SELECT payment_id, sum(amount) AS booked FROM book_postings
       WHERE account = 'captured' AND kind IN ('captured', 'repair') GROUP BY 1) AS b ON payment_id = id
    WHERE captured_amount <> coalesce(booked, 0)"""
_REFUNDED = """
    SELECT payments.id, refunded_amount, coalesce(booked, 0),
           CASE WHEN refunded_amount > coalesce(booked, 0) THEN 'a refund was not booked, or refunded_amount was raised by hand'
                ELSE 'a refund was booked that the payment never got, or refunded_amount was lowered by hand' END
    FROM payments LEFT JOIN
      (SELECT payment_id, -sum(amount) AS booked FROM book_postings
       WHERE account = 'captured' AND kind IN ('refunded', 'refund_repair') GROUP BY 1) AS b ON b.payment_id = payments.id
    WHERE refunded_amount <> coalesce(booked, 0)"""
_SHARES = """
    SELECT payments.id, refunded_amount || ' refunded of ' || refund_asked_amount || ' asked',
           coalesce(given, 0) || ' of ' || coalesce(taken, 0),
           'a refund was added or removed by hand, or the amounts of its payment were changed'
    FROM payments LEFT JOIN
      (SELECT payment_id, sum(amount) FILTER (WHERE state = 'done') AS given, sum(amount) AS taken
       FROM payment_operations WHERE kind = 'refund' AND state IN ('pending', 'done') GROUP BY 1) AS o
      ON payment_id = payments.id
    WHERE refunded_amount <> coalesce(given, 0) OR refund_asked_amount <> coalesce(taken, 0)"""
_RESERVED = """
    SELECT orders.id, authorized_amount, coalesce(secured, 0),
           'an authorization was ended, or authorized_amount changed, by hand'
    FROM orders LEFT JOIN
      (SELECT order_id, sum(secured_amount) AS secured FROM payments GROUP BY 1) AS p ON order_id = orders.id
    WHERE authorized_amount <> coalesce(secured, 0)"""
_DISPUTED = """
    SELECT payments.id, coalesce(at_stake, 0), coalesce(booked, 0), 'a dispute was changed by hand, or not booked'
    FROM payments
    LEFT JOIN (SELECT payment_id, sum(amount) AS at_stake FROM payment_disputes WHERE state <> 'won' GROUP BY 1) AS d
      ON d.payment_id = payments.id
    LEFT JOIN (SELECT payment_id, sum(amount) AS booked FROM book_postings WHERE account = 'disputed' GROUP BY 1) AS b
      ON b.payment_id = payments.id
    WHERE coalesce(at_stake, 0) <> coalesce(booked, 0)"""

#: What waits to be heard, and what people were asked about, is on its way.
_KEPT = """
    SELECT payments.id, captured_amount || ' captured, ' || refund_asked_amount || ' on its way back', orders.state,
           'the order was closed, and nobody gave the money back'
    FROM payments JOIN orders ON orders.id = order_id
    WHERE orders.state IN ('canceled', 'expired') AND captured_amount > refund_asked_amount
      AND NOT EXISTS (SELECT FROM payment_operations
                      WHERE payment_id = payments.id AND kind = 'refund' AND payment_operations.state = 'failed')
      AND EXISTS (SELECT FROM outbox WHERE aggregate_id = orders.id AND name IN ('orders.OrderCanceled', 'orders.OrderExpired')
        AND (delivered_at IS NOT NULL OR EXISTS
          (SELECT FROM outbox_failures WHERE event_id = outbox.id AND set_aside_at IS NOT NULL)))"""


def _mend_kept(subject: str) -> str | None:
    payment = _locked(subject)
    refund = operations.refund_rest(payment, "The order was closed.")
    return f"{refund.amount} were written down to go back" if refund else None


def _mend_captured(subject: str) -> str | None:
    payment = _locked(subject)
    missing = payment.captured_amount - _booked(payment.id, Kind.CAPTURED, Kind.REPAIR)
    return _book(payment, Kind.REPAIR, missing, "captured") if missing else None


def _mend_refunded(subject: str) -> str | None:
    payment = _locked(subject)
    missing = payment.refunded_amount + _booked(payment.id, Kind.REFUNDED, Kind.REFUND_REPAIR)
    return _book(payment, Kind.REFUND_REPAIR, -missing, "given back") if missing else None


def _book(payment: Payment, kind: Kind, amount: int, said: str) -> str:
    # If the order's side is missing as well, its own repair books it the other way, and suspense is even again.
    sides = {Account.CAPTURED: amount, Account.SUSPENSE: -amount}
    books.post(kind, ids.new(), payment.currency, sides, order_id=payment.order_id, payment_id=payment.id)
    return f"{amount:+d} were booked on what providers hold, as {said}, against suspense"


def _booked(payment_id: UUID, *kinds: Kind) -> int:
    asked = select(func.coalesce(func.sum(Posting.amount), 0)).where(
        Posting.payment_id == payment_id, Posting.account == Account.CAPTURED, Posting.kind.in_(kinds)
    )
    return int(session.scalar(asked) or 0)


def _locked(subject: str) -> Payment:
    payment_id = UUID(subject)
    # The order first, as everybody who settles does.
    orders.lock(session.scalars(select(Payment.order_id).where(Payment.id == payment_id)).one())
    return session.scalars(
        select(Payment).where(Payment.id == payment_id).with_for_update().execution_options(populate_existing=True)
    ).one()


CHECKS = (
    Check("payments: refunded <= captured <= asked (I3)", _LIMITS),
    Check("payments: what was captured was booked (I4)", _CAPTURED, _mend_captured),
    Check("payments: what was given back was booked (I4)", _REFUNDED, _mend_refunded),
    Check("payments: refunds and their payment agree (I3)", _SHARES),
    Check("payments: what an order counts on is reserved (I4)", _RESERVED),
    Check("payments: what banks took back was booked (I4)", _DISPUTED),
    Check("payments: no money of a closed order stays with us (I7)", _KEPT, _mend_kept),
)
