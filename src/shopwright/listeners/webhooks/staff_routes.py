from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page, PageQuery
from shopwright.kit.ratelimit import Limit
from shopwright.kit.wire import changes_in
from shopwright.listeners.webhooks import fanout, queries, service, work
from shopwright.listeners.webhooks.errors import (
    ReplayFromNowhere,
    TooManyWebhookEndpoints,
    UnknownEventType,
    UnknownWebhookDelivery,
    UnknownWebhookEndpoint,
    WebhookAddressRefused,
    WebhookEndpointDisabled,
)
from shopwright.listeners.webhooks.models import WebhookDelivery, WebhookEndpoint
from shopwright.listeners.webhooks.schemas import (
    ChangeWebhookEndpoint,
    CreateWebhookEndpoint,
    ReplayWebhooks,
    WebhookDeliveryLog,
    WebhookDeliveryOut,
    WebhookDeliveryQuery,
    WebhookEndpointCreated,
    WebhookEndpointOut,
    WebhookPingOut,
    WebhooksReplayed,
)

routes = Routes("webhooks", prefix="/v1/admin")

MAY_READ, MAY_WRITE = requires(Permission.WEBHOOKS_READ), requires(Permission.WEBHOOKS_WRITE)
#: Each holds a thread of the web server for as long as the receiver likes, within `work.CALL_SECONDS`.
PINGS = Limit("webhook pings", 20, 60)


@routes.query("/webhook-endpoints", access=MAY_READ, errors=(InvalidCursor,))
def list_webhook_endpoints(query: PageQuery) -> Page[WebhookEndpointOut]:
    """List the webhook endpoints, oldest first."""
    purpose = "webhook endpoints"
    wanted = paging.keyset(
        queries.endpoints(), [(WebhookEndpoint.id, True)], purpose=purpose, limit=query.limit, cursor=query.cursor
    )
    page, cursor = paging.cut(
        session.scalars(wanted).all(), purpose=purpose, limit=query.limit, values=lambda endpoint: [endpoint.id]
    )
    return Page(items=[WebhookEndpointOut.of(endpoint) for endpoint in page], next_cursor=cursor)


@routes.query("/webhook-endpoints/<uuid:endpoint_id>", access=MAY_READ, errors=(UnknownWebhookEndpoint,))
def show_webhook_endpoint(endpoint_id: UUID) -> WebhookEndpointOut:
    """Show a webhook endpoint."""
    return WebhookEndpointOut.of(queries.endpoint(endpoint_id))


@routes.command(
    "POST", "/webhook-endpoints", access=MAY_WRITE, status=201,
    errors=(WebhookAddressRefused, UnknownEventType, TooManyWebhookEndpoints),
)  # fmt: skip
def create_webhook_endpoint(body: CreateWebhookEndpoint) -> WebhookEndpointCreated:
    """Have an address of yours hear what happens from now on.

    The secret is told once, here. Every message is signed with it by the rules of Standard Webhooks.
    """
    endpoint, secret = service.create_endpoint(body.url, body.types, body.description)
    return WebhookEndpointCreated(endpoint=WebhookEndpointOut.of(endpoint), secret=secret)


@routes.command(
    "PATCH", "/webhook-endpoints/<uuid:endpoint_id>", access=MAY_WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownWebhookEndpoint, WebhookAddressRefused, UnknownEventType),
)  # fmt: skip
def change_webhook_endpoint(endpoint_id: UUID, body: ChangeWebhookEndpoint) -> WebhookEndpointOut:
    """Change, disable or enable a webhook endpoint.

    What waited when it was disabled is tried again when it is enabled. What happened in between is not sent by itself:
    `replay` sends it.
    """
    return WebhookEndpointOut.of(service.change_endpoint(endpoint_id, changes_in(body)))


@routes.command(
    "DELETE", "/webhook-endpoints/<uuid:endpoint_id>", access=MAY_WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownWebhookEndpoint,),
)  # fmt: skip
def delete_webhook_endpoint(endpoint_id: UUID) -> None:
    """Delete a webhook endpoint with its delivery log."""
    service.delete_endpoint(endpoint_id)


@routes.command(
    "POST", "/webhook-endpoints/<uuid:endpoint_id>/secret", access=MAY_WRITE, errors=(UnknownWebhookEndpoint,)
)
def rotate_webhook_secret(endpoint_id: UUID) -> WebhookEndpointCreated:
    """Give a webhook endpoint a new secret, told once, here.

    For 24 hours messages carry a signature of each, so that the receiver may change over whenever it likes.
    """
    endpoint, secret = service.rotate_secret(endpoint_id)
    return WebhookEndpointCreated(endpoint=WebhookEndpointOut.of(endpoint), secret=secret)


@routes.phased(
    "POST", "/webhook-endpoints/<uuid:endpoint_id>/ping", access=MAY_WRITE, limit=PINGS,
    errors=(UnknownWebhookEndpoint,),
)  # fmt: skip
def ping_webhook_endpoint(endpoint_id: UUID) -> WebhookPingOut:
    """Call a webhook endpoint here and now, enabled or not, and tell what it answered.

    The message has the type `webhooks.Ping`, is signed like any other, and stands in no feed.
    """
    return WebhookPingOut.of(work.ping(endpoint_id))


@routes.command(
    "POST", "/webhook-endpoints/<uuid:endpoint_id>/replay", access=MAY_WRITE,
    errors=(UnknownWebhookEndpoint, WebhookEndpointDisabled, ReplayFromNowhere),
)  # fmt: skip
def replay_webhooks(endpoint_id: UUID, body: ReplayWebhooks) -> WebhooksReplayed:
    """Send a webhook endpoint again all that it hears, behind a position of the feed or since a time.

    Each message keeps its `webhook-id`, delivered before or not.
    """
    if body.after is None and body.since is None:
        raise ReplayFromNowhere()
    count, next_after = fanout.replay_since(endpoint_id, body.after, body.since)
    return WebhooksReplayed(count=count, next_after=next_after)


@routes.query("/webhook-deliveries", access=MAY_READ, errors=(InvalidCursor,))
def list_webhook_deliveries(query: WebhookDeliveryQuery) -> Page[WebhookDeliveryOut]:
    """List what was, or is to be, told to webhook endpoints, the newest first."""
    purpose = f"webhook deliveries {query.endpoint_id or ''} {query.state or ''}"
    wanted = paging.keyset(
        queries.deliveries(query.endpoint_id, query.state), [(WebhookDelivery.id, False)],
        purpose=purpose, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip
    page, cursor = paging.cut(
        session.execute(wanted).all(), purpose=purpose, limit=query.limit, values=lambda row: [row[0].id]
    )
    return Page(items=[WebhookDeliveryOut.of(delivery, entry) for delivery, entry in page], next_cursor=cursor)


@routes.query("/webhook-deliveries/<uuid:delivery_id>", access=MAY_READ, errors=(UnknownWebhookDelivery,))
def show_webhook_delivery(delivery_id: UUID) -> WebhookDeliveryLog:
    """Show a delivery with its log: each call, and what was answered. Kept for 30 days after its end."""
    return WebhookDeliveryLog.of(*queries.delivery(delivery_id), queries.attempts(delivery_id))


@routes.command(
    "POST", "/webhook-deliveries/<uuid:delivery_id>/replay", access=MAY_WRITE,
    errors=(UnknownWebhookDelivery, WebhookEndpointDisabled),
)  # fmt: skip
def replay_webhook_delivery(delivery_id: UUID) -> WebhookDeliveryOut:
    """Send this once more, with its whole schedule, whatever came of it."""
    return WebhookDeliveryOut.of(*fanout.replay_delivery(delivery_id))
