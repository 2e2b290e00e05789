"""What must hold of credit: a balance is the sum of its movements, and the books owe exactly that (I4)."""

from uuid import UUID

from sqlalchemy import func, select

from shopwright.commerce.credit import service
from shopwright.commerce.credit.models import CreditAccount, CreditMovement, Reason
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.verification import Check

_BELOW = """
    SELECT id, balance_amount, 0, 'the constraint of the table was dropped, or the row written past it'
    FROM credit_accounts WHERE balance_amount < 0"""
_BALANCE = """
    SELECT id, balance_amount, coalesce(moved, 0),
           CASE WHEN moved IS NULL THEN 'it has no movements: it was written by hand, or they were removed'
                ELSE 'the balance was changed without a movement, or a movement was changed or removed' END
    FROM credit_accounts LEFT JOIN
      (SELECT account_id, sum(amount) AS moved FROM credit_movements GROUP BY 1) AS m ON account_id = id
    WHERE balance_amount <> coalesce(moved, 0)"""
_BOOKED = """
    SELECT id, amount, coalesce(booked, 0), 'the movement was not booked, or it or its entry was changed by hand'
    FROM credit_movements LEFT JOIN
      (SELECT cause_id, -sum(amount) AS booked FROM book_postings
       WHERE account = 'liabilities' AND kind = 'credit' GROUP BY 1) AS b ON b.cause_id = id
    WHERE amount <> coalesce(booked, 0)"""
_OWED = """
    SELECT currency, coalesce(sum(balance), 0), coalesce(sum(owed), 0),
           'an account, a movement or an entry was added or removed by hand'
    FROM (SELECT currency, balance_amount AS balance, 0 AS owed FROM credit_accounts
          UNION ALL SELECT currency, 0, -amount FROM book_postings WHERE account = 'liabilities') AS each
    GROUP BY currency HAVING sum(balance) <> sum(owed)"""
_RETURNED = """
    SELECT payment_id, -sum(amount) || ' kept', 'nothing spent', 'more came back than was spent for this payment'
    FROM credit_movements WHERE reason IN ('spent', 'returned') GROUP BY payment_id HAVING sum(amount) > 0"""


def _mend_balance(subject: str) -> str | None:
    # The balance is what spending is guarded by, so the ledger is made to say the same.
    account = session.get_one(CreditAccount, UUID(subject), with_for_update=True, populate_existing=True)
    moved = select(func.coalesce(func.sum(CreditMovement.amount), 0)).where(CreditMovement.account_id == account.id)
    if not (missing := account.balance_amount - int(session.scalar(moved) or 0)):
        return None
    service.write_down(account, Reason.REPAIR, missing, ids.new(), note="The balance said so.")
    return f"a movement of {missing:+d}, booked against suspense"


def _mend_booked(subject: str) -> str | None:
    movement = session.get_one(CreditMovement, UUID(subject))
    account = session.get_one(CreditAccount, movement.account_id, with_for_update=True)
    return "the entry was made up for" if service.book(movement, account.currency) else None


CHECKS = (
    Check("credit: no balance is below zero (F21)", _BELOW),
    Check("credit: a balance is the sum of its movements (I4)", _BALANCE, _mend_balance),
    Check("credit: every movement is booked (I4)", _BOOKED, _mend_booked),
    Check("credit: what the store owes is what balances say (I4)", _OWED),
    Check("credit: no more comes back than was spent (I3)", _RETURNED),
)
