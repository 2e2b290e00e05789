"""Drifts made by hand: each is named with its cause, and mended by a counter-entry."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind, Posting
from shopwright.commerce.orders import service as orders
from shopwright.commerce.orders.checks import CHECKS as ORDER_CHECKS
from shopwright.commerce.payments.checks import CHECKS
from shopwright.commerce.payments.models import Payment
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests.drifts import again, force, look, mend, the_one
from tests.shopping import Buyer, make_shop

LIMITS, CAPTURED, REFUNDED, SHARES, RESERVED, DISPUTED, KEPT = CHECKS
AMOUNT = 2390


@pytest.fixture
def payment(client: FlaskClient) -> Payment:
    """An order that was paid in whole; only what a capture books is booked anew here, exactly once."""
    shop = make_shop()
    buyer = Buyer(client, shop)
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    buyer.pays()
    with reading():
        payment = session.scalars(select(Payment)).one()
    force("DELETE FROM book_postings WHERE kind = 'captured'", "book_postings")
    assert [drift.check for drift in look(CHECKS)] == [CAPTURED.name]
    return payment


def book(payment: Payment, kind: Kind, sides: dict[Account, int]) -> None:
    with transaction():
        books.post(kind, ids.new(), "EUR", sides, order_id=payment.order_id, payment_id=payment.id)


@pytest.fixture
def booked(payment: Payment) -> Payment:
    book(payment, Kind.CAPTURED, {Account.CAPTURED: AMOUNT, Account.RECEIVABLE: -AMOUNT})
    assert look(CHECKS) == []
    return payment


def give_back(payment: Payment, amount: int, state: str = "done") -> None:
    force(
        "INSERT INTO payment_operations (id, payment_id, kind, state, amount, is_final, is_excess, reason, provider_ref,"
        " asked_at, tries, try_again_at)"
        " VALUES (:id, :payment, 'refund', :state, :amount, false, false, '', '', :now, 0, :now)",
        id=ids.new(), payment=payment.id, state=state, amount=amount, now=clock.now(),
    )  # fmt: skip
    force(
        "UPDATE payments SET refund_asked_amount = refund_asked_amount + :amount,"
        " refunded_amount = refunded_amount + CASE WHEN :state = 'done' THEN :amount ELSE 0 END",
        amount=amount, state=state,
    )  # fmt: skip


def balance(account: Account, payment_id: UUID | None = None) -> int:
    with reading():
        asked = select(func.coalesce(func.sum(Posting.amount), 0)).where(Posting.account == account)
        return int(session.scalar(asked if payment_id is None else asked.where(Posting.payment_id == payment_id)) or 0)


def test_a_capture_that_was_never_booked_is_booked_and_suspense_is_even_again(payment: Payment) -> None:
    drift = the_one(CHECKS)
    assert (drift.subject, drift.row, drift.ledger) == (str(payment.id), "2390", "0")
    assert drift.cause == "a capture was not booked, or captured_amount was raised by hand"
    assert mend(CHECKS) == ["+2390 were booked on what providers hold, as captured, against suspense"]
    assert (balance(Account.CAPTURED, payment.id), balance(Account.SUSPENSE)) == (AMOUNT, -AMOUNT)
    assert again(drift) == "it had gone meanwhile"
    # The order lacks its side of the same capture.
    assert mend(ORDER_CHECKS) == ["+2390 were booked as paid, against suspense"]
    assert (balance(Account.RECEIVABLE), balance(Account.SUSPENSE)) == (0, 0)


def test_a_capture_that_the_row_forgot_is_taken_back(booked: Payment) -> None:
    force("UPDATE payments SET captured_amount = 2000")
    assert the_one(CHECKS).cause.startswith("a capture was booked that the payment never got")
    assert mend(CHECKS) == ["-390 were booked on what providers hold, as captured, against suspense"]
    assert (balance(Account.CAPTURED), balance(Account.SUSPENSE)) == (2000, 390)


def test_a_pending_refund_is_not_booked_and_a_confirmed_one_is(booked: Payment) -> None:
    give_back(booked, 500, "pending")
    assert look(CHECKS) == []
    give_back(booked, 300)
    drift = the_one(CHECKS)
    assert (drift.check, drift.row, drift.ledger, drift.cause) == (
        REFUNDED.name, "300", "0", "a refund was not booked, or refunded_amount was raised by hand"
    )  # fmt: skip
    assert mend(CHECKS) == ["-300 were booked on what providers hold, as given back, against suspense"]
    assert (balance(Account.CAPTURED), balance(Account.SUSPENSE)) == (AMOUNT - 300, 300)
    assert again(drift) == "it had gone meanwhile"
    book(booked, Kind.REFUNDED, {Account.CAPTURED: -100, Account.REFUNDED: 100})
    assert the_one(CHECKS).cause.startswith("a refund was booked that the payment never got")


def test_fees_are_neither_captures_nor_refunds(booked: Payment) -> None:
    book(booked, Kind.FEE, {Account.CAPTURED: -30, Account.FEES: 30})
    assert look(CHECKS) == []


def test_a_dispute_that_was_booked_without_one_is_named(booked: Payment) -> None:
    book(booked, Kind.DISPUTED, {Account.CAPTURED: -500, Account.DISPUTED: 500})
    drift = the_one(CHECKS)
    assert (drift.check, drift.row, drift.ledger) == (DISPUTED.name, "0", "500")


def test_a_reserve_that_nobody_holds_is_named(client: FlaskClient) -> None:
    buyer = Buyer(client, make_shop())
    buyer.fills_a_cart(buyer.shop.product())
    buyer.orders()
    force("UPDATE orders SET authorized_amount = 100")
    drift = the_one(CHECKS)
    assert (drift.check, drift.row, drift.ledger) == (RESERVED.name, "100", "0")


def test_a_payment_written_past_its_limits_is_named(booked: Payment) -> None:
    force("ALTER TABLE payments DROP CONSTRAINT ck_payments_refund_asked")
    force("UPDATE payments SET refund_asked_amount = 3000")
    limits, shares = look(CHECKS)
    assert (limits.check, limits.row, limits.ledger) == (
        LIMITS.name, "asked 2390, authorized 2390, captured 2390", "refunded 0"
    )  # fmt: skip
    assert (shares.check, shares.row, shares.ledger) == (SHARES.name, "0 refunded of 3000 asked", "0 of 0")
    assert all(said.startswith("left: ") for said in mend(CHECKS))
    with reading():
        assert session.scalar(text("SELECT refund_asked_amount FROM payments")) == 3000


def test_money_of_a_closed_order_that_nobody_gives_back_is_named_and_sent_on_its_way(payment: Payment) -> None:
    book(payment, Kind.CAPTURED, {Account.CAPTURED: AMOUNT, Account.RECEIVABLE: -AMOUNT})
    with transaction():
        orders.cancel(payment.order_id, "no")
    assert look(CHECKS) == []
    force("UPDATE outbox SET delivered_at = :now", now=clock.now())
    drift = the_one(CHECKS)
    assert (drift.check, drift.row) == (KEPT.name, "2390 captured, 0 on its way back")
    assert mend(CHECKS) == ["2390 were written down to go back"]
    assert look(CHECKS) == []
