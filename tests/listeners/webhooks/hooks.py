"""What tests of webhooks do again and again."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from shopwright.kit import clock, ids, outbox
from shopwright.kit.db import session
from shopwright.kit.events import Event, emit
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.webhooks import service, work
from shopwright.listeners.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.receiver import Receiver


class Rang(Event):
    bell_id: UUID
    number: int


class Broke(Event):
    bell_id: UUID


def listens(receiver: Receiver, *types: str) -> tuple[UUID, str]:
    """An endpoint at this receiver, and its secret."""
    with transaction():
        endpoint, secret = service.create_endpoint(receiver.url, types or ("webhooks.Rang",), "")
    return endpoint.id, secret


def rings(*numbers: int, bell: UUID | None = None) -> UUID:
    """That many facts, placed in the feed."""
    bell = bell or ids.new()
    for number in numbers:
        with transaction():
            emit(Rang(bell_id=bell, number=number))
    outbox.relay(lambda *_: None)
    return bell


def passes(step: timedelta) -> int:
    """Let so much time pass, and do then what is due."""
    clock.advance(step)
    return work.run()


def endpoint(endpoint_id: UUID) -> WebhookEndpoint:
    with reading():
        return session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)).one()


def deliveries(endpoint_id: UUID) -> list[WebhookDelivery]:
    mine = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id).order_by(WebhookDelivery.position)
    with reading():
        return list(session.scalars(mine))


def attempts(delivery: WebhookDelivery) -> list[WebhookAttempt]:
    its = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery.id).order_by(WebhookAttempt.id)
    with reading():
        return list(session.scalars(its))
