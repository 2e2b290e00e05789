from uuid import UUID

from flask import request

from shopwright.commerce.orders import queries as order_queries
from shopwright.commerce.orders.errors import OrderNotFound, OrderNotPayable
from shopwright.commerce.payments import service, work
from shopwright.commerce.payments.errors import (
    PaymentNotFound,
    PaymentUnderWay,
    ProviderDisagrees,
    UnknownProvider,
    WebhookNotAuthentic,
)
from shopwright.commerce.payments.registry import provider
from shopwright.commerce.payments.schemas import Pay, PaymentList, PaymentOut, Received
from shopwright.kit.access import Anyone
from shopwright.kit.db import session
from shopwright.kit.http import Routes
from shopwright.kit.transaction import transaction

routes = Routes("payments")


@routes.phased(
    "POST", "/orders/<uuid:order_id>/payments", access=Anyone, status=201,
    errors=(OrderNotFound, OrderNotPayable, PaymentUnderWay, ProviderDisagrees, UnknownProvider),
)  # fmt: skip
def pay(order_id: UUID, body: Pay) -> PaymentOut:
    """Pay for an order.

    A declined payment is an answer, not an error: read `state`. While developing, the provider `development` knows
    the tokens `tok_success`, `tok_decline`, `tok_3ds` (a second step) and `tok_timeout` (the answer comes later).
    """
    provider(body.provider)
    with transaction():
        payment = service.begin(order_id, body.provider, body.token, capture=body.capture)
    return PaymentOut.of(work.charge(payment))


@routes.query("/orders/<uuid:order_id>/payments", access=Anyone, errors=(OrderNotFound,))
def list_payments(order_id: UUID) -> PaymentList:
    """List the payments of an order."""
    order_queries.show(order_id, order_queries.mine())
    return PaymentList(items=[PaymentOut.of(payment) for payment in session.scalars(service.of_order(order_id))])


@routes.phased(
    "POST", "/webhooks/payments/<provider_name>", access=Anyone, is_idempotent=False,
    errors=(UnknownProvider, WebhookNotAuthentic, PaymentNotFound, ProviderDisagrees),
)  # fmt: skip
def receive_webhook(provider_name: str) -> Received:
    """Hear from a payment provider. It signs what it sends, and each of its events counts once."""
    told = provider(provider_name).read_webhook(dict(request.headers), request.get_data())
    with transaction():
        service.receive(provider_name, told)
    return Received(received=True)
