"""The second step of the development provider, as its own pages would do it. Not mounted in production mode (S44)."""

from typing import Literal
from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.payments import service
from shopwright.commerce.payments.errors import PaymentNotFound, ProviderDisagrees
from shopwright.commerce.payments.models import Payment
from shopwright.commerce.payments.provider import Result
from shopwright.commerce.payments.providers.development import Development, webhook
from shopwright.commerce.payments.schemas import PaymentOut
from shopwright.kit.access import Anyone
from shopwright.kit.db import session
from shopwright.kit.http import Routes
from shopwright.kit.transaction import reading, transaction
from shopwright.kit.wire import In

routes = Routes("development")


class SecondStep(In):
    """Whether the buyer passes the second step."""

    outcome: Literal["succeed", "fail"]


@routes.phased(
    "POST", "/development/payments/<uuid:payment_id>", access=Anyone, is_idempotent=False,
    errors=(PaymentNotFound, ProviderDisagrees),
)  # fmt: skip
def finish_second_step(payment_id: UUID, body: SecondStep) -> PaymentOut:
    """Play the buyer at the development provider: it sends its signed webhook, which settles the payment."""
    with reading():
        payment = session.scalar(select(Payment).where(Payment.id == payment_id))
    if payment is None or payment.provider != "development":
        raise PaymentNotFound()
    passed = Result.CAPTURED if payment.captures_at_once else Result.AUTHORIZED
    headers, sent = webhook(payment.id, payment.money, passed if body.outcome == "succeed" else Result.DECLINED)
    told = Development().read_webhook(headers, sent)
    with transaction():
        service.receive("development", told)
    with reading():
        return PaymentOut.of(session.scalars(select(Payment).where(Payment.id == payment_id)).one())
