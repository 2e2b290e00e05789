"""What tests of credit need to have."""

from uuid import UUID

from sqlalchemy import func, select

from shopwright.commerce.books.models import Account, Posting
from shopwright.commerce.credit import service
from shopwright.commerce.credit.models import CreditAccount, CreditMovement
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction


def make_card(amount: int = 5000, currency: str = "EUR", country: str = "NL") -> tuple[UUID, str]:
    """A gift card and its code, as if an order had sold it."""
    order_id = ids.new()
    with transaction():
        service.issue(order_id, ids.new(), 1, Money(amount, currency), country)
        card, code = service.reveal(order_id, 1)
    return card.id, code


def account(account_id: UUID) -> CreditAccount:
    with reading():
        return session.get_one(CreditAccount, account_id, populate_existing=True)


def moved(account_id: UUID) -> list[tuple[str, int]]:
    with reading():
        found = select(CreditMovement.reason, CreditMovement.amount).where(CreditMovement.account_id == account_id)
        return [(str(reason), amount) for reason, amount in session.execute(found.order_by(CreditMovement.id))]


def booked() -> dict[str, int]:
    """The balance of every account of the books that is not even."""
    with reading():
        sums = select(Posting.account, func.sum(Posting.amount)).group_by(Posting.account)
        return {str(Account(name)): int(amount) for name, amount in session.execute(sums) if amount}
