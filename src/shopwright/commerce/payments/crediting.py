"""Paying with gift cards and store credit: which of them is meant, and how much of an order it may pay."""

from sqlalchemy import case, func, select

from shopwright.commerce.credit import queries as credit
from shopwright.commerce.credit import service as spending
from shopwright.commerce.credit.errors import CreditUsedUp
from shopwright.commerce.credit.models import CreditAccount
from shopwright.commerce.orders.models import Order
from shopwright.commerce.payments.errors import GiftCardsNotPaidByCredit
from shopwright.commerce.payments.models import Payment, State
from shopwright.commerce.payments.registry import CREDIT
from shopwright.kit import principal
from shopwright.kit.db import session


def account_of(code: str | None, currency: str) -> CreditAccount:
    """The gift card with that code, or without one the caller's own store credit.

    Raises `UnknownGiftCard`, and `CreditUsedUp` for who has none.
    """
    if code is not None:
        return credit.by_code(code)
    customer_id = principal.current().customer_id
    account = credit.in_currency(customer_id, currency) if customer_id else None
    if account is None:
        raise CreditUsedUp()
    return account


def most_of(order: Order, account: CreditAccount) -> int:
    """How much of a locked order this may pay: what it has, but nothing of what the order's own gift cards cost.

    Raises what `credit.spendable` raises, and `GiftCardsNotPaidByCredit`.
    """
    there = spending.spendable(account, order.currency)
    if not order.gift_card_amount:
        return there
    left = order.total_amount - order.gift_card_amount - _paid_by_credit(order)
    if left <= 0:
        raise GiftCardsNotPaidByCredit()
    return min(there, left)


def _paid_by_credit(order: Order) -> int:
    kept = case(
        (Payment.state == State.PENDING, Payment.amount), else_=Payment.captured_amount - Payment.refund_asked_amount
    )
    paid = select(func.sum(kept)).where(Payment.order_id == order.id, Payment.provider == CREDIT)
    return int(session.scalar(paid) or 0)
