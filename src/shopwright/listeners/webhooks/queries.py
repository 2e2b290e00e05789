from uuid import UUID

from sqlalchemy import Select, select

from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry
from shopwright.listeners.webhooks.errors import UnknownWebhookDelivery, UnknownWebhookEndpoint
from shopwright.listeners.webhooks.models import State, WebhookAttempt, WebhookDelivery, WebhookEndpoint


def endpoints() -> Select[WebhookEndpoint]:
    return select(WebhookEndpoint)


def endpoint(endpoint_id: UUID) -> WebhookEndpoint:
    """Raises `UnknownWebhookEndpoint`."""
    found = session.get(WebhookEndpoint, endpoint_id)
    if found is None:
        raise UnknownWebhookEndpoint()
    return found


def deliveries(endpoint_id: UUID | None, state: State | None) -> Select[WebhookDelivery, OutboxEntry]:
    """Deliveries with their facts, of one endpoint or in one state if these are given."""
    found = select(WebhookDelivery, OutboxEntry).join(OutboxEntry, OutboxEntry.id == WebhookDelivery.event_id)
    if endpoint_id is not None:
        found = found.where(WebhookDelivery.endpoint_id == endpoint_id)
    if state is not None:
        found = found.where(WebhookDelivery.state == state)
    return found


def delivery(delivery_id: UUID) -> tuple[WebhookDelivery, OutboxEntry]:
    """Raises `UnknownWebhookDelivery`."""
    found = session.execute(deliveries(None, None).where(WebhookDelivery.id == delivery_id)).one_or_none()
    if found is None:
        raise UnknownWebhookDelivery()
    return found[0], found[1]


def attempts(delivery_id: UUID) -> list[WebhookAttempt]:
    """The newest calls of a delivery, newest first."""
    newest = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id).order_by(WebhookAttempt.id.desc())
    return list(session.scalars(newest.limit(100)))
