from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from shopwright.kit.events import OutboxEntry
from shopwright.kit.feed import EventOut, Pattern, Position
from shopwright.kit.outbound import LONGEST_URL
from shopwright.kit.paging import PageQuery
from shopwright.kit.wire import In, Out
from shopwright.listeners.webhooks.attempts import Outcome
from shopwright.listeners.webhooks.models import DisabledFor, State, WebhookAttempt, WebhookDelivery, WebhookEndpoint

Url = Annotated[str, Meta(min_length=1, max_length=LONGEST_URL, examples=["https://erp.example.com/hooks/shop"])]
Types = Annotated[list[Pattern], Meta(min_length=1, max_length=50)]
Description = Annotated[str, Meta(max_length=200, examples=["Our ERP"])]
Secret = Annotated[
    str,
    Meta(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], description="Told once: keep it where secrets are kept"),
]


class WebhookEndpointOut(Out):
    id: UUID
    url: str
    types: list[str]
    description: str
    is_enabled: bool
    disabled_for: Annotated[DisabledFor | None, Meta(description="`failing` and `gone` are the shop's own decision")]
    disabled_at: datetime | None
    failing_since: Annotated[datetime | None, Meta(description="since when no call has succeeded")]
    paused_until: Annotated[datetime | None, Meta(description="it asked to be left alone until then")]
    old_secret_ends_at: Annotated[datetime | None, Meta(description="until then the secret before signs, too")]
    created_at: datetime
    version: int

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> "WebhookEndpointOut":
        return cls(**{name: getattr(endpoint, name) for name in cls.__struct_fields__})


class WebhookEndpointCreated(Out):
    endpoint: WebhookEndpointOut
    secret: Secret


class CreateWebhookEndpoint(In):
    url: Url
    types: Types
    description: Description = ""


class ChangeWebhookEndpoint(In):
    """Types are replaced as a whole. What happened while it was disabled is not sent by itself; see `replay`."""

    url: Url | UnsetType = UNSET
    types: Types | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    is_enabled: bool | UnsetType = UNSET


class WebhookPingOut(Out):
    """What the endpoint said to a message of the type `webhooks.Ping`."""

    is_success: bool
    status: int | None
    fault: Annotated[str | None, Meta(description="why there is no answer")]
    milliseconds: int
    answer: Annotated[str, Meta(description="the beginning of what it said")]

    @classmethod
    def of(cls, outcome: Outcome) -> "WebhookPingOut":
        return cls(
            is_success=outcome.is_success, status=outcome.status, fault=outcome.fault,
            milliseconds=outcome.milliseconds, answer=outcome.answer,
        )  # fmt: skip


class ReplayWebhooks(In):
    """From where on: behind a position of the feed, or since a time; by both it is the position."""

    after: Position | None = None
    since: Annotated[datetime, Meta(tz=True)] | None = None


class WebhooksReplayed(Out):
    count: int
    next_after: Annotated[
        int | None, Meta(description="There was more than one call replays: go on with this as `after`")
    ]


class WebhookDeliveryOut(Out):
    id: UUID
    endpoint_id: UUID
    event_id: UUID
    type: str
    position: Position
    state: State
    tries: Annotated[int, Meta(description="how many of its schedule are over")]
    next_try_at: datetime | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, delivery: WebhookDelivery, entry: OutboxEntry) -> "WebhookDeliveryOut":
        is_waiting = delivery.state == State.WAITING
        return cls(
            id=delivery.id, endpoint_id=delivery.endpoint_id, event_id=delivery.event_id, type=entry.name,
            position=delivery.position, state=State(delivery.state), tries=delivery.tries,
            next_try_at=delivery.next_try_at if is_waiting else None, created_at=delivery.created_at,
            finished_at=delivery.finished_at,
        )  # fmt: skip


class WebhookAttemptOut(Out):
    """One call: what was answered, or why there is no answer."""

    at: datetime
    status: int | None
    fault: str | None
    milliseconds: int
    answer: Annotated[str, Meta(description="the beginning of what the receiver said")]

    @classmethod
    def of(cls, attempt: WebhookAttempt) -> "WebhookAttemptOut":
        return cls(
            at=attempt.at, status=attempt.status, fault=attempt.fault, milliseconds=attempt.milliseconds,
            answer=attempt.answer,
        )  # fmt: skip


class WebhookDeliveryLog(Out):
    """A delivery, what is sent, and its calls, the newest first."""

    delivery: WebhookDeliveryOut
    event: EventOut
    attempts: list[WebhookAttemptOut]

    @classmethod
    def of(cls, delivery: WebhookDelivery, entry: OutboxEntry, attempts: list[WebhookAttempt]) -> "WebhookDeliveryLog":
        return cls(
            delivery=WebhookDeliveryOut.of(delivery, entry), event=EventOut.of(entry),
            attempts=[WebhookAttemptOut.of(attempt) for attempt in attempts],
        )  # fmt: skip


class WebhookDeliveryQuery(PageQuery, frozen=True, kw_only=True):
    endpoint_id: UUID | None = None
    state: State | None = None
