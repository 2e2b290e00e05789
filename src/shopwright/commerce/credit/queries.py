"""What can be asked of gift cards and store credit."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select

from shopwright.commerce.credit import codes
from shopwright.commerce.credit.errors import UnknownGiftCard
from shopwright.commerce.credit.models import CreditAccount, CreditKind, CreditMovement, Reason
from shopwright.kit.db import session


class Paid(NamedTuple):
    """What was spent for a payment, and how much of it has come back: minor units."""

    spent: int
    returned: int


def by_code(code: str) -> CreditAccount:
    """The gift card with this code. Raises `UnknownGiftCard`."""
    return _the(select(CreditAccount).where(CreditAccount.code_hash == codes.hash_of(code)))


def gift_card(account_id: UUID) -> CreditAccount:
    """Raises `UnknownGiftCard`."""
    return _the(gift_cards().where(CreditAccount.id == account_id))


def gift_cards(order_id: UUID | None = None) -> Select[CreditAccount]:
    """All, or those that an order sold."""
    found = select(CreditAccount).where(CreditAccount.kind == CreditKind.GIFT_CARD)
    return found if order_id is None else found.where(CreditAccount.order_id == order_id)


def of_customer(customer_id: UUID) -> Select[CreditAccount]:
    """The customer's store credit, one account a currency."""
    return select(CreditAccount).where(CreditAccount.customer_id == customer_id).order_by(CreditAccount.currency)


def in_currency(customer_id: UUID, currency: str) -> CreditAccount | None:
    return session.scalar(of_customer(customer_id).where(CreditAccount.currency == currency))


def movements(*account_ids: UUID) -> Sequence[CreditMovement]:
    """What moved these balances, oldest first."""
    moved = select(CreditMovement).where(CreditMovement.account_id.in_(account_ids))
    return session.scalars(moved.order_by(CreditMovement.id)).all()


def paid_by(payment_id: UUID) -> Paid:
    amounts = dict(
        session.execute(
            select(CreditMovement.reason, func.sum(CreditMovement.amount))
            .where(CreditMovement.payment_id == payment_id)
            .group_by(CreditMovement.reason)
        ).all()
    )
    return Paid(-int(amounts.get(Reason.SPENT, 0)), int(amounts.get(Reason.RETURNED, 0)))


def paid_between(since: datetime, until: datetime) -> Select[CreditMovement, str]:
    """All that moved for payments in that time, oldest first: movements and their currency."""
    return (
        select(CreditMovement, CreditAccount.currency)
        .join(CreditAccount, CreditAccount.id == CreditMovement.account_id)
        .where(CreditMovement.reason.in_((Reason.SPENT, Reason.RETURNED)))
        .where(CreditMovement.at >= since, CreditMovement.at < until)
        .order_by(CreditMovement.id)
    )


def _the(found: Select[CreditAccount]) -> CreditAccount:
    card = session.scalar(found)
    if card is None:
        raise UnknownGiftCard()
    return card
