from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from shopwright.kit import audit, clock, conditional, feed, ids, outbound
from shopwright.kit.db import session
from shopwright.kit.events import all_types, emit
from shopwright.listeners.webhooks import signing
from shopwright.listeners.webhooks.errors import (
    TooManyWebhookEndpoints,
    UnknownEventType,
    UnknownWebhookEndpoint,
    WebhookAddressRefused,
)
from shopwright.listeners.webhooks.events import EndpointDisabled
from shopwright.listeners.webhooks.models import DisabledFor, State, WebhookCursor, WebhookDelivery, WebhookEndpoint

MOST_ENDPOINTS = 100
OLD_SECRET_LIVES = timedelta(hours=24)


def create_endpoint(url: str, types: Sequence[str], description: str) -> tuple[WebhookEndpoint, str]:
    """Have this address hear such facts from now on; answers with the endpoint and its secret, which is told once."""
    _refuse_unknown(types)
    _refuse_address(url)
    session.execute(insert(WebhookCursor).values(id=1, position=feed.newest()).on_conflict_do_nothing())
    session.execute(select(WebhookCursor.id).with_for_update())
    if (session.scalar(select(func.count()).select_from(WebhookEndpoint)) or 0) >= MOST_ENDPOINTS:
        raise TooManyWebhookEndpoints()
    endpoint_id, secret = ids.new(), signing.new_secret()
    endpoint = WebhookEndpoint(
        id=endpoint_id,
        url=url,
        types=list(types),
        description=description,
        sealed_secret=signing.seal(secret, endpoint_id),
    )
    session.add(endpoint)
    session.flush()
    return endpoint, signing.written(secret)


def change_endpoint(endpoint_id: UUID, changes: dict[str, Any]) -> WebhookEndpoint:
    """Change address, types, description, or whether it is enabled at all."""
    endpoint = lock(endpoint_id)
    conditional.check(endpoint.version)
    _refuse_unknown(changes.get("types", ()))
    if "url" in changes:
        _refuse_address(changes["url"])
    wanted = changes.pop("is_enabled", endpoint.is_enabled)
    for name, value in changes.items():
        setattr(endpoint, name, value)
    if wanted and not endpoint.is_enabled:
        _enable(endpoint)
    elif endpoint.is_enabled and not wanted:
        disable(endpoint, DisabledFor.STAFF)
    session.flush()
    return endpoint


def _enable(endpoint: WebhookEndpoint) -> None:
    endpoint.is_enabled, endpoint.disabled_for, endpoint.disabled_at = True, None, None
    endpoint.failing_since = endpoint.paused_until = None
    # What still waits has its whole schedule before it again.
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == State.WAITING)
        .values(tries=0, next_try_at=clock.now(), failing_since=None)
    )


def disable(endpoint: WebhookEndpoint, reason: DisabledFor) -> None:
    """Send it nothing more, and say so in the audit log and as a fact. The row must be locked."""
    endpoint.is_enabled, endpoint.disabled_for, endpoint.disabled_at = False, reason, clock.now()
    session.flush()
    emit(EndpointDisabled(endpoint_id=endpoint.id, reason=str(reason)))
    if reason is not DisabledFor.STAFF:  # what staff do is written down at the edge
        facts = {"reason": str(reason), "failing_since": endpoint.failing_since}
        audit.record("webhooks.endpoint_disabled", f"/v1/admin/webhook-endpoints/{endpoint.id}", facts=facts)


def rotate_secret(endpoint_id: UUID) -> tuple[WebhookEndpoint, str]:
    """A new secret, told once. Until `old_secret_ends_at` the one before signs, too."""
    endpoint = lock(endpoint_id)
    secret = signing.new_secret()
    endpoint.old_sealed_secret, endpoint.old_secret_ends_at = endpoint.sealed_secret, clock.now() + OLD_SECRET_LIVES
    endpoint.sealed_secret = signing.seal(secret, endpoint.id)
    session.flush()
    return endpoint, signing.written(secret)


def secrets_in_force(endpoint: WebhookEndpoint) -> tuple[bytes, ...]:
    """What a message to it is signed with, the newest first; empty if the shop's own secret has changed meanwhile."""
    sealed = [endpoint.sealed_secret]
    if endpoint.old_sealed_secret and endpoint.old_secret_ends_at and clock.now() < endpoint.old_secret_ends_at:
        sealed.append(endpoint.old_sealed_secret)
    secrets = []
    for one in sealed:
        with suppress(InvalidTag):
            secrets.append(signing.unseal(one, endpoint.id))
    return tuple(secrets)


def delete_endpoint(endpoint_id: UUID) -> None:
    """Forget the endpoint and its deliveries."""
    endpoint = lock(endpoint_id)
    conditional.check(endpoint.version)
    session.delete(endpoint)
    session.flush()


def lock(endpoint_id: UUID) -> WebhookEndpoint:
    """Raises `UnknownWebhookEndpoint`. Whoever locks deliveries beside it locks the endpoint first."""
    # Not against the rows that refer to it: the fan-out may go on meanwhile.
    locked = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).with_for_update(key_share=True)
    endpoint = session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if endpoint is None:
        raise UnknownWebhookEndpoint()
    return endpoint


def _refuse_address(url: str) -> None:
    try:
        outbound.read(url)
    except outbound.AddressRefused as refusal:
        raise WebhookAddressRefused(reason=str(refusal)) from None


def _refuse_unknown(patterns: Sequence[str]) -> None:
    known = all_types()
    unknown = [pattern for pattern in patterns if not any(feed.means(pattern, name) for name in known)]
    if unknown:
        raise UnknownEventType(types=unknown)
