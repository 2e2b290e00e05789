from uuid import UUID

from flask import request

from shopwright.commerce.credit import codes
from shopwright.commerce.credit.errors import CreditExpired, CreditInForeignCurrency, CreditUsedUp, UnknownGiftCard
from shopwright.commerce.orders import queries as order_queries
from shopwright.commerce.orders.errors import OrderNotFound, OrderNotPayable
from shopwright.commerce.payments import inbox, service, work
from shopwright.commerce.payments.errors import (
    GiftCardsNotPaidByCredit,
    MeansAmbiguous,
    PaymentMethodNotFound,
    PaymentUnderWay,
    ProviderDisagrees,
    ProviderUnavailable,
    TooManyPayments,
    TooMuch,
    UnknownProvider,
    WebhookNotAuthentic,
)
from shopwright.commerce.payments.registry import CREDIT, provider
from shopwright.commerce.payments.schemas import Pay, PaymentList, PaymentOut, Received
from shopwright.commerce.payments.service import Means
from shopwright.kit.access import Anyone
from shopwright.kit.db import session
from shopwright.kit.http import Routes
from shopwright.kit.transaction import atomically
from shopwright.settings import current

routes = Routes("payments")


@routes.phased(
    "POST", "/orders/<uuid:order_id>/payments", access=Anyone, status=201,
    errors=(
        OrderNotFound, OrderNotPayable, PaymentUnderWay, TooManyPayments, TooMuch, MeansAmbiguous, PaymentMethodNotFound,
        ProviderDisagrees, ProviderUnavailable, UnknownProvider, UnknownGiftCard, CreditExpired, CreditUsedUp,
        CreditInForeignCurrency, GiftCardsNotPaidByCredit,
    ),
)  # fmt: skip
def pay(order_id: UUID, body: Pay) -> PaymentOut:
    """Pay for an order, whole or in part.

    A declined payment is an answer, not an error: read `state`. While developing, the provider `development` knows
    the tokens `tok_success`, `tok_decline`, `tok_3ds` (a second step), `tok_timeout` (the answer comes later), and a
    scenario for every way in which a provider misbehaves: see the guide on testing payments.

    The provider `credit` takes gift cards and store credit: `token` is the gift card's code; without one it is the
    signed-in customer's own credit. It pays what is due, or as much as is left of it; pay the rest otherwise.
    """
    if body.provider == CREDIT:
        codes.slow_down(request.remote_addr or "-")
    means = Means(
        provider=body.provider, token=body.token and body.token + _scenario(body.provider), method_id=body.payment_method_id,
        saves=body.save_method, return_url=body.return_url or "",
    )  # fmt: skip
    with work.reaching(body.provider):
        payment, charge = atomically(lambda: service.begin(order_id, means, amount=body.amount, capture=body.capture))
        return PaymentOut.of(work.charge(payment, charge))


def _scenario(provider_name: str) -> str:
    """What the development provider is to do wrong, by the header `Payment-Scenario`; in production nobody reads it."""
    wanted = "" if current().is_production or provider_name == CREDIT else request.headers.get("Payment-Scenario", "")
    return "".join(f"~{name.strip()}" for name in wanted[:100].split(",") if name.strip())


@routes.query("/orders/<uuid:order_id>/payments", access=Anyone, errors=(OrderNotFound,))
def list_payments(order_id: UUID) -> PaymentList:
    """List the payments of an order."""
    order_queries.show(order_id, order_queries.mine())
    return PaymentList(items=[PaymentOut.of(payment) for payment in session.scalars(service.of_order(order_id))])


@routes.command(
    "POST", "/webhooks/payments/<provider_name>", access=Anyone, is_idempotent=False,
    errors=(UnknownProvider, WebhookNotAuthentic),
)  # fmt: skip
def receive_webhook(provider_name: str) -> Received:
    """Hear from a payment provider. It signs what it sends; each of its events is kept once, and worked off later."""
    inbox.receive(provider_name, provider(provider_name).read_webhook(dict(request.headers), request.get_data()))
    return Received(received=True)
