"""Beginning a payment: the intent is written before anybody is asked for money.

Whoever changes a payment locks its order first and then the payment, so a webhook, the answer itself and the
completer agree.
"""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, func, select

from shopwright.commerce.credit.models import CreditAccount
from shopwright.commerce.orders import pay as order_payment
from shopwright.commerce.orders import queries as order_queries
from shopwright.commerce.orders import service as orders
from shopwright.commerce.orders.errors import OrderNotPayable
from shopwright.commerce.orders.models import Order
from shopwright.commerce.payments import crediting, methods, operations
from shopwright.commerce.payments.errors import (
    MeansAmbiguous,
    PaymentNotFound,
    PaymentUnderWay,
    TooManyPayments,
    TooMuch,
)
from shopwright.commerce.payments.models import Payment, PaymentMethod, State
from shopwright.commerce.payments.provider import Charge
from shopwright.commerce.payments.registry import CREDIT
from shopwright.kit import clock, idempotency, ids, principal
from shopwright.kit.db import session
from shopwright.settings import current

#: The route has this long for its own answer before the completer looks.
GIVE_THE_ROUTE_TIME = timedelta(seconds=20)
#: Nobody needs more for one order but who tries out stolen cards.
MOST_PAYMENTS = 20


class Means(Struct, frozen=True, kw_only=True):
    """How somebody means to pay: with a token, or with a method that they have saved."""

    provider: str
    token: str | None = None
    method_id: UUID | None = None
    saves: bool = False
    return_url: str = ""


def begin(order_id: UUID, means: Means, *, amount: int | None, capture: bool) -> tuple[Payment, Charge]:
    """Write down that the buyer means to pay so much, or all that is not covered yet.

    The repeat of a request goes on with the payment it began. A second step that nobody took makes room for another
    payment. Raises `OrderNotFound`, `OrderNotPayable`, `PaymentUnderWay`, `TooManyPayments`, `TooMuch`, `MeansAmbiguous`,
    `PaymentMethodNotFound`, and what `crediting` raises.
    """
    order = orders.lock(order_id, order_queries.mine())
    scope = idempotency.current_scope(order_id)
    if scope and (begun := session.scalar(select(Payment).where(Payment.request_scope == scope))):
        return begun, charge_of(begun)
    if (session.scalar(select(func.count()).where(Payment.order_id == order_id)) or 0) >= MOST_PAYMENTS:
        raise TooManyPayments()
    account = _credit_of(means, order)
    method = _method_of(means, order) if account is None else None
    order_payment.expect_payment(order, timedelta(minutes=current().payment_grace_minutes))
    wanted = _room_for(order, amount, crediting.most_of(order, account) if account else None)
    payment = Payment(
        id=ids.new(), order_id=order_id, provider=means.provider, request_scope=scope,
        method_token=str(account.id) if account else means.token or "", method_id=method.id if method else None,
        saves_method=means.saves, return_url=means.return_url, captures_at_once=capture, state=State.PENDING,
        currency=order.currency, amount=wanted, try_again_at=clock.now() + GIVE_THE_ROUTE_TIME,
    )  # fmt: skip
    session.add(payment)
    session.flush()
    orders.note(order, "payment_begun", payment_id=str(payment.id), amount=payment.amount)
    return payment, charge_of(payment)


def _credit_of(means: Means, order: Order) -> CreditAccount | None:
    """The gift card or store credit that is meant. From here on it goes by its id: its code is kept nowhere."""
    if means.provider != CREDIT:
        return None
    if means.method_id is not None or means.saves:
        raise MeansAmbiguous()
    return crediting.account_of(means.token, order.currency)


def _method_of(means: Means, order: Order) -> PaymentMethod | None:
    customer_id = principal.current().customer_id
    is_somebody_elses = means.saves and (customer_id is None or customer_id != order.customer_id)
    if (means.token is None) == (means.method_id is None) or is_somebody_elses:
        raise MeansAmbiguous()
    if means.method_id is None:
        return None
    return methods.mine(means.method_id, means.provider)


def _room_for(order: Order, amount: int | None, most: int | None) -> int:
    """How much the new payment is for, `most` of all; what waits for a second step gives way to it."""
    live = session.scalars(of_order(order.id).where(Payment.state.in_((State.PENDING, State.NEEDS_ACTION)))).all()
    asked = sum(payment.amount for payment in live if payment.state == State.PENDING)
    left = order.uncovered_amount - asked
    if left <= 0:
        raise PaymentUnderWay() if order.due.amount else OrderNotPayable(state=str(order.state))
    payable = left if most is None else min(left, most)
    wanted = payable if amount is None else amount
    if wanted > payable:
        raise TooMuch(left=payable)
    waiting = [payment for payment in live if payment.state == State.NEEDS_ACTION]
    if wanted + sum(payment.amount for payment in waiting) > left:
        for payment in waiting:
            operations.begin_void(payment, "Another payment was begun.")
    return wanted


def charge_of(payment: Payment) -> Charge:
    """What the provider is asked; the same however often it is asked."""
    number, customer_id = session.execute(
        select(Order.number, Order.customer_id).where(Order.id == payment.order_id)
    ).one()
    method = session.get(PaymentMethod, payment.method_id) if payment.method_id else None
    known = methods.customer_ref(customer_id, payment.provider) if payment.saves_method else None
    return Charge(
        reference=payment.id, amount=payment.money, token=method.provider_ref if method else payment.method_token,
        capture=payment.captures_at_once, order_number=str(number), return_url=payment.return_url,
        customer_id=customer_id if payment.saves_method or method else None,
        customer_ref=method.customer_ref if method else known, saves_method=payment.saves_method,
    )  # fmt: skip


def lock(payment_id: UUID) -> tuple[Order, Payment]:
    """The payment with its order, locked in the one order that all use. Raises `PaymentNotFound`."""
    order_id = session.scalar(select(Payment.order_id).where(Payment.id == payment_id))
    if order_id is None:
        raise PaymentNotFound()
    order = orders.lock(order_id)
    payment = session.scalars(
        select(Payment).where(Payment.id == payment_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    return order, payment


def of_order(order_id: UUID) -> Select[Payment]:
    return select(Payment).where(Payment.order_id == order_id).order_by(Payment.id)
