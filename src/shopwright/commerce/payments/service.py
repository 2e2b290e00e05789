"""Beginning a payment: the intent is written before anybody is asked for money.

Whoever changes a payment locks its order first and then the payment, so a webhook, the answer itself and the
completer agree.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, select

from shopwright.commerce.credit.models import CreditAccount
from shopwright.commerce.orders import owed
from shopwright.commerce.orders import pay as order_payment
from shopwright.commerce.orders import service as orders
from shopwright.commerce.orders.errors import OrderNotPayable
from shopwright.commerce.orders.models import Order
from shopwright.commerce.payments import crediting, methods, operations, statements
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
from shopwright.commerce.payments.statements import Live
from shopwright.kit import clock, idempotency, ids, principal
from shopwright.kit.db import as_written, session
from shopwright.settings import current

#: The route has this long for its own answer before the completer looks.
GIVE_THE_ROUTE_TIME = timedelta(seconds=20)
#: Nobody needs more for one order but who tries out stolen cards.
MOST_PAYMENTS = 20
#: Of nothing that a new payment is for was anything done yet.
TOTALS = (
    "authorized_amount", "secured_amount", "capture_asked_amount", "captured_amount", "refund_asked_amount", "refunded_amount"
)  # fmt: skip


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
    scope = idempotency.current_scope(order_id)
    before = statements.before(order_id, scope)
    if before.begun:
        begun = session.get_one(Payment, before.begun, populate_existing=True)
        return begun, charge_of(begun)
    if before.tried >= MOST_PAYMENTS:
        raise TooManyPayments()
    order = before.order.order()
    account = _credit_of(means, order)
    method = _method_of(means, order) if account is None else None
    until = order_payment.expect_payment(order, timedelta(minutes=current().payment_grace_minutes))
    wanted = _room_for(order, before.live, amount, crediting.most_of(order, account) if account else None)
    token = str(account.id) if account else means.token or ""
    payment = _written(order, means, wanted, until, scope, token=token, method=method, capture=capture)
    return payment, _charge(payment, method, order.number, order.customer_id)


def _written(
    order: Order, means: Means, amount: int, until: datetime | None, scope: bytes | None, *, token: str,
    method: PaymentMethod | None, capture: bool,
) -> Payment:  # fmt: skip
    """Write the payment down, and that the order waits for it, with its stock held `until` then."""
    now = clock.now()
    values = {
        "provider": means.provider, "request_scope": scope, "method_token": token,
        "method_id": method.id if method else None, "saves_method": means.saves, "return_url": means.return_url,
        "captures_at_once": capture, "state": State.PENDING, "currency": order.currency, "amount": amount,
        **dict.fromkeys(TOTALS, 0), "provider_ref": "", "decline_code": None, "action_url": None, "client_secret": None,
        "asked_at": now, "settled_at": None, "tries": 0, "try_again_at": now + GIVE_THE_ROUTE_TIME,
    }  # fmt: skip
    payment_id = ids.new()
    noted = owed.noted("payment_begun", {"payment_id": str(payment_id), "amount": amount})
    statements.BEGIN.run(
        {**values, **noted, "payment_id": payment_id, "order_id": order.id, "until": until, "now": now}
    )
    return as_written(Payment, {**values, "id": payment_id, "order_id": order.id})


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


def _room_for(order: Order, live: Sequence[Live], amount: int | None, most: int | None) -> int:
    """How much the new payment is for, `most` of all; what waits for a second step gives way to it."""
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
            given_up = session.get_one(Payment, payment.id, populate_existing=True)
            operations.begin_void(given_up, "Another payment was begun.")
    return wanted


def charge_of(payment: Payment) -> Charge:
    """What the provider is asked; the same however often it is asked."""
    number, customer_id = session.execute(
        select(Order.number, Order.customer_id).where(Order.id == payment.order_id)
    ).one()
    method = session.get(PaymentMethod, payment.method_id) if payment.method_id else None
    return _charge(payment, method, number, customer_id)


def _charge(payment: Payment, method: PaymentMethod | None, number: int, customer_id: UUID | None) -> Charge:
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
