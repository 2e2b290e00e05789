"""Payments of an order as the provider tells of them, without a provider: what is told is said by the test."""

from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.books import queries as books
from shopwright.commerce.books.models import Account
from shopwright.commerce.orders.models import Order
from shopwright.commerce.payments import operations as operations_of
from shopwright.commerce.payments import service, settling, work
from shopwright.commerce.payments.models import Issue, Operation, Payment
from shopwright.commerce.payments.provider import Outcome, Result
from shopwright.commerce.payments.service import Means
from shopwright.kit.db import session
from shopwright.kit.ids import hashed
from shopwright.kit.money import Money
from shopwright.kit.principal import Principal, acting_as
from shopwright.kit.transaction import reading, transaction
from tests.shopping import Buyer


def begin(buyer: Buyer, amount: int | None = None, *, capture: bool = True, provider: str = "told") -> UUID:
    """The buyer's payment is written down, and the provider not asked yet."""
    with acting_as(Principal(order_token=hashed(buyer.order["token"]))), transaction():
        means = Means(provider=provider, token="tok_success")
        payment, _ = service.begin(UUID(buyer.order["id"]), means, amount=amount, capture=capture)
    return payment.id


def told(amount: int, result: Result, *, authorized: int = 0, captured: int = 0, currency: str = "EUR") -> Outcome:
    return Outcome(
        result=result, amount=Money(amount, currency), authorized=max(authorized, captured), captured=captured,
        provider_ref="ref",
    )  # fmt: skip


def tell(payment_id: UUID, outcome: Outcome, operation_id: UUID | None = None) -> None:
    with transaction():
        settling.settle(payment_id, outcome, operation_id)


def refund_of(payment_id: UUID, amount: int) -> UUID:
    """A refund that was begun, and asked of the provider."""
    with transaction():
        _, locked = service.lock(payment_id)
        refund = operations_of.begin_refund(locked, amount, "Broken.")
    work.perform(refund.id)
    return refund.id


def payment(payment_id: UUID) -> Payment:
    with reading():
        return session.get_one(Payment, payment_id)


def order(buyer: Buyer) -> Order:
    with reading():
        return session.get_one(Order, UUID(buyer.order["id"]))


def operations(payment_id: UUID) -> list[Operation]:
    with reading():
        return list(session.scalars(select(Operation).where(Operation.payment_id == payment_id).order_by(Operation.id)))


def issue_kinds() -> list[str]:
    with reading():
        return list(session.scalars(select(Issue.kind).order_by(Issue.id)))


def balances(buyer: Buyer) -> dict[Account, int]:
    with reading():
        return books.balances_of_order(UUID(buyer.order["id"]))
