"""What the ledger says."""

from uuid import UUID

from sqlalchemy import func, select

from shopwright.commerce.books.models import Account, Posting
from shopwright.kit.db import session


def balances_of_order(order_id: UUID) -> dict[Account, int]:
    """The balance of each account that was booked on for this order; an order has one currency."""
    found = session.execute(
        select(Posting.account, func.sum(Posting.amount)).where(Posting.order_id == order_id).group_by(Posting.account)
    )
    return {Account(account): int(amount) for account, amount in found}


def balance_of_payment(payment_id: UUID, account: Account) -> int:
    """What was booked on this account for this payment."""
    booked = select(func.sum(Posting.amount)).where(Posting.payment_id == payment_id, Posting.account == account)
    return int(session.scalar(booked) or 0)
