"""Giving, spending and taking back credit. A balance, its movement and its entry in the books change together, once a
cause: told again, nothing moves."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.accounts.errors import UnknownCustomer
from shopwright.commerce.accounts.models import Customer
from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind
from shopwright.commerce.credit import codes, expiry, queries
from shopwright.commerce.credit.errors import (
    CreditExpired,
    CreditInForeignCurrency,
    CreditTooLow,
    CreditUsedUp,
    GiftCardShown,
    UnknownGiftCard,
)
from shopwright.commerce.credit.events import CreditMoved
from shopwright.commerce.credit.models import CreditAccount, CreditKind, CreditMovement, Reason
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.events import emit
from shopwright.kit.money import Money, is_currency

#: What comes back to a card that has expired meanwhile can be spent for so long at least.
GOOD_AGAIN_FOR = timedelta(days=90)

#: The other side of each movement; the one side is always what the store owes.
AGAINST = {
    Reason.ISSUED: Account.UNISSUED,
    Reason.GRANTED: Account.GRANTED,
    Reason.REVOKED: Account.GRANTED,
    Reason.SPENT: Account.CAPTURED,
    Reason.RETURNED: Account.CAPTURED,
    Reason.EXPIRED: Account.LAPSED,
    Reason.REPAIR: Account.SUSPENSE,
}


def issue(order_id: UUID, line_id: UUID, place: int, amount: Money, country: str) -> bool:
    """Make the gift card that is the order's `place`th, without a code yet; answers whether it was not there already."""
    made = insert(CreditAccount).values(
        id=ids.new(), kind=CreditKind.GIFT_CARD, currency=amount.currency, balance_amount=0, order_id=order_id,
        order_line_id=line_id, place=place, created_at=clock.now(), expires_at=expiry.ends_at(country, clock.now()),
    )  # fmt: skip
    account_id = session.scalar(made.on_conflict_do_nothing().returning(CreditAccount.id))
    if account_id is None:
        return False
    _move(_lock(account_id), Reason.ISSUED, amount.amount, account_id, order_id=order_id)
    return True


def reveal(order_id: UUID, place: int) -> tuple[CreditAccount, str]:
    """Make the code of a gift card, to be shown this once. Raises `UnknownGiftCard`, `GiftCardShown`."""
    code = codes.make()
    shown = update(CreditAccount).where(
        CreditAccount.order_id == order_id, CreditAccount.place == place, CreditAccount.code_hash.is_(None)
    )
    account_id = session.scalar(
        shown.values(code_hash=codes.hash_of(code), revealed_at=clock.now())
        .returning(CreditAccount.id)
        .execution_options(synchronize_session=False)
    )
    if account_id is None:
        if session.scalar(queries.gift_cards(order_id).where(CreditAccount.place == place)) is None:
            raise UnknownGiftCard()
        raise GiftCardShown()
    return session.get_one(CreditAccount, account_id, populate_existing=True), code


def renew(account_id: UUID) -> CreditAccount:
    """Void the code of a gift card, so that its buyer can have a new one shown. Raises `UnknownGiftCard`."""
    card = _lock(queries.gift_card(account_id).id)
    card.code_hash = card.revealed_at = None
    session.flush()
    return card


def grant(customer_id: UUID, amount: Money, note: str) -> CreditAccount:
    """Give a customer store credit. Raises `UnknownCustomer`, `ValidationFailed`."""
    if not is_currency(amount.currency):
        raise ValidationFailed([{"pointer": "/amount/currency", "detail": "There is no such currency."}])
    if session.get(Customer, customer_id) is None:
        raise UnknownCustomer()
    opened = insert(CreditAccount).values(
        id=ids.new(), kind=CreditKind.STORE_CREDIT, currency=amount.currency, balance_amount=0, customer_id=customer_id,
        created_at=clock.now(),
    )  # fmt: skip
    session.execute(opened.on_conflict_do_nothing())
    account = _lock(session.scalars(_of(customer_id, amount.currency)).one())
    _move(account, Reason.GRANTED, amount.amount, ids.new(), note=note)
    return account


def revoke(account_id: UUID, amount: int | None, note: str) -> CreditAccount:
    """Take so many minor units of a balance, or all of it. Raises `CreditTooLow`, `CreditUsedUp`."""
    account = _lock(account_id)
    taken = account.balance_amount if amount is None else amount
    if not taken:
        raise CreditUsedUp()
    _move(account, Reason.REVOKED, -taken, ids.new(), note=note)
    return account


def revoke_of_customer(customer_id: UUID, amount: Money, note: str) -> CreditAccount:
    """Take so much of a customer's store credit. Raises `CreditTooLow`, `CreditUsedUp`."""
    account_id = session.scalar(_of(customer_id, amount.currency))
    if account_id is None:
        raise CreditUsedUp()
    return revoke(account_id, amount.amount, note)


def spendable(account: CreditAccount, currency: str) -> int:
    """How much of it can be spent in this currency now; above zero.

    Raises `CreditInForeignCurrency`, `CreditExpired`, `CreditUsedUp`.
    """
    if account.currency != currency:
        raise CreditInForeignCurrency(currency=account.currency)
    if (expires_at := account.expires_at) and account.is_expired:
        raise CreditExpired(expired_at=expires_at.isoformat())
    if not account.balance_amount:
        raise CreditUsedUp()
    return account.balance_amount


def spend(account_id: UUID, payment_id: UUID, wanted: Money, *, order_id: UUID) -> int:
    """Pay with it: all that is wanted, or what is left; answers how much. Raises as `spendable`."""
    account = _lock(account_id)
    if before := queries.paid_by(payment_id).spent:
        return before
    amount = min(wanted.amount, spendable(account, wanted.currency))
    _move(account, Reason.SPENT, -amount, payment_id, order_id=order_id, payment_id=payment_id)
    return amount


def give_back(account_id: UUID, payment_id: UUID, refund_id: UUID, amount: int, *, order_id: UUID) -> None:
    """Put so much of what a payment spent back where it came from; if that has expired, it is good again for a while.

    Raises `CreditTooLow` for more than is left of the payment.
    """
    account = _lock(account_id)
    returned = select(CreditMovement.id).where(
        CreditMovement.cause_id == refund_id, CreditMovement.reason == Reason.RETURNED
    )
    if session.scalar(returned) is not None:
        return
    paid = queries.paid_by(payment_id)
    if amount > paid.spent - paid.returned:
        raise CreditTooLow(left=paid.spent - paid.returned)
    if account.expires_at is not None:
        account.expires_at = max(account.expires_at, clock.now() + GOOD_AGAIN_FOR)
    _move(account, Reason.RETURNED, amount, refund_id, order_id=order_id, payment_id=payment_id)


def expire_due(limit: int = 100) -> int:
    """Take what is left of gift cards that have expired; answers of how many."""
    due = session.scalars(
        select(CreditAccount)
        .where(CreditAccount.expires_at <= clock.now(), CreditAccount.balance_amount > 0)
        .order_by(CreditAccount.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for account in due:
        # Refilled by a refund, it may expire once more, at another time.
        cause_id = ids.derived("expired", account.id, account.expires_at)
        _move(account, Reason.EXPIRED, -account.balance_amount, cause_id)
    return len(due)


def _of(customer_id: UUID, currency: str) -> Select[UUID]:
    return select(CreditAccount.id).where(CreditAccount.customer_id == customer_id, CreditAccount.currency == currency)


def _lock(account_id: UUID) -> CreditAccount:
    return session.get_one(CreditAccount, account_id, with_for_update=True, populate_existing=True)


def _move(
    account: CreditAccount, reason: Reason, amount: int, cause_id: UUID, *,
    order_id: UUID | None = None, payment_id: UUID | None = None, note: str = "",
) -> None:  # fmt: skip
    """Change the balance by so much, never below zero (`CreditTooLow`); write down why, and book it."""
    moved = session.scalar(
        update(CreditAccount)
        .where(CreditAccount.id == account.id, CreditAccount.balance_amount + amount >= 0)
        .values(balance_amount=CreditAccount.balance_amount + amount)
        .returning(CreditAccount.balance_amount)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise CreditTooLow(left=account.balance_amount)
    write_down(account, reason, amount, cause_id, order_id=order_id, payment_id=payment_id, note=note)
    session.flush()
    session.refresh(account)
    emit(CreditMoved(credit_id=account.id, reason=str(reason), amount=amount))


def write_down(
    account: CreditAccount, reason: Reason, amount: int, cause_id: UUID, *,
    order_id: UUID | None = None, payment_id: UUID | None = None, note: str = "",
) -> None:  # fmt: skip
    """The movement and its entry in the books, for a locked balance that has changed by so much."""
    movement = CreditMovement(
        id=ids.new(), account_id=account.id, amount=amount, reason=reason, cause_id=cause_id, payment_id=payment_id,
        note=note, at=clock.now(),
    )  # fmt: skip
    session.add(movement)
    session.flush()
    book(movement, account.currency, order_id=order_id)


def book(movement: CreditMovement, currency: str, *, order_id: UUID | None = None) -> bool:
    """What the store owes by this movement; answers whether it was not booked before."""
    sides = {Account.LIABILITIES: -movement.amount, AGAINST[Reason(movement.reason)]: movement.amount}
    return books.post(Kind.CREDIT, movement.id, currency, sides, order_id=order_id, payment_id=movement.payment_id)
