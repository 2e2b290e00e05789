"""Hears of canceled orders. A subscriber runs in a transaction, so it writes the intent; the completer asks the provider."""

from shopwright.commerce.orders.events import OrderCanceled
from shopwright.commerce.payments import refunds, service
from shopwright.commerce.payments.models import Payment, State
from shopwright.kit.db import session
from shopwright.kit.events import subscriber


@subscriber(OrderCanceled)
def give_back_what_was_paid(fact: OrderCanceled) -> None:
    captured = service.of_order(fact.order_id).where(Payment.state == State.CAPTURED)
    for payment_id in session.scalars(captured.with_only_columns(Payment.id)).all():
        _, payment = service.lock(payment_id)
        refunds.refund_all(payment, reason="The order was canceled.")
