from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.orders import queries as order_queries
from shopwright.commerce.orders.errors import OrderNotFound
from shopwright.commerce.payments import refunds, service, work
from shopwright.commerce.payments.errors import (
    PaymentClosed,
    PaymentNotFound,
    ProviderDisagrees,
    TooMuch,
    UnknownProvider,
)
from shopwright.commerce.payments.schemas import PaymentList, PaymentOut, RefundOut, RefundPayment
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import Routes
from shopwright.kit.transaction import transaction

routes = Routes("payments", prefix="/v1/admin")


@routes.query("/orders/<uuid:order_id>/payments", access=requires(Permission.ORDERS_READ), errors=(OrderNotFound,))
def list_any_payments(order_id: UUID) -> PaymentList:
    """List the payments of any order."""
    order_queries.show(order_id, order_queries.everyones())
    return PaymentList(items=[PaymentOut.of(payment) for payment in session.scalars(service.of_order(order_id))])


@routes.phased(
    "POST", "/payments/<uuid:payment_id>/capture", access=requires(Permission.ORDERS_CAPTURE),
    errors=(PaymentNotFound, PaymentClosed, ProviderDisagrees, UnknownProvider),
)  # fmt: skip
def capture_payment(payment_id: UUID) -> PaymentOut:
    """Take the money that a payment has reserved."""
    with transaction():
        _, payment = service.lock(payment_id)
    return PaymentOut.of(work.capture(payment))


@routes.phased(
    "POST", "/payments/<uuid:payment_id>/void", access=requires(Permission.ORDERS_CAPTURE),
    errors=(PaymentNotFound, PaymentClosed, ProviderDisagrees, UnknownProvider),
)  # fmt: skip
def void_payment(payment_id: UUID) -> PaymentOut:
    """Let go of the money that a payment has reserved."""
    with transaction():
        _, payment = service.lock(payment_id)
    return PaymentOut.of(work.void(payment))


@routes.phased(
    "POST", "/payments/<uuid:payment_id>/refunds", access=requires(Permission.ORDERS_REFUND), status=201,
    errors=(PaymentNotFound, PaymentClosed, TooMuch, UnknownProvider),
)  # fmt: skip
def refund_payment(payment_id: UUID, body: RefundPayment) -> RefundOut:
    """Give money back, all or part."""
    with transaction():
        refund = refunds.begin(payment_id, body.amount, body.reason)
        _, payment = service.lock(payment_id)
    return RefundOut.of(work.give_back(refund, payment), payment.currency)
