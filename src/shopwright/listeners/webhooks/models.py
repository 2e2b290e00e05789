from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped

from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.privacy import business, personal, secret


class State(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class DisabledFor(StrEnum):
    """Why nothing is sent any more."""

    STAFF = "staff"
    GONE = "gone"
    FAILING = "failing"


class WebhookEndpoint(Base):
    """An address of the merchant's that hears some types of facts."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (CheckConstraint("is_enabled = (disabled_at IS NULL)", name="disabled_at_some_time"),)

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    url: Mapped[str] = business(String(2000))
    description: Mapped[str] = business(String(200))
    types: Mapped[list[str]] = business(ARRAY(String(100)))
    is_enabled: Mapped[bool] = business(default=True)
    disabled_for: Mapped[DisabledFor | None] = business(String(20))
    disabled_at: Mapped[datetime | None] = business()
    # Since when every call has failed; None after one that did not.
    failing_since: Mapped[datetime | None] = business()
    # It asked to be left alone until then.
    paused_until: Mapped[datetime | None] = business()
    sealed_secret: Mapped[bytes] = secret(LargeBinary)
    old_sealed_secret: Mapped[bytes | None] = secret(LargeBinary)
    old_secret_ends_at: Mapped[datetime | None] = business()
    created_at: Mapped[datetime] = business(default=clock.now)
    version: Mapped[int] = business()

    __mapper_args__ = {"version_id_col": version}


class WebhookDelivery(Base):
    """The intent to tell one endpoint one fact, and how far it has come."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index(
            "ix_webhook_deliveries_due", "endpoint_id", "next_try_at", "position",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_webhook_deliveries_claimed", "endpoint_id", postgresql_where=text("claimed_until IS NOT NULL")),
        Index("ix_webhook_deliveries_finished_at", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    endpoint_id: Mapped[UUID] = business(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[UUID] = business(ForeignKey("outbox.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = business()
    state: Mapped[State] = business(String(20), default=State.WAITING)
    tries: Mapped[int] = business(Integer, default=0)
    next_try_at: Mapped[datetime] = business()
    # Somebody is at it until then; if it dies, the delivery is anybody's again.
    claimed_until: Mapped[datetime | None] = business()
    failing_since: Mapped[datetime | None] = business()
    finished_at: Mapped[datetime | None] = business()
    created_at: Mapped[datetime] = business(default=clock.now)


class WebhookAttempt(Base):
    """One call, and what came of it: the delivery log."""

    __tablename__ = "webhook_attempts"

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    delivery_id: Mapped[UUID] = business(ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = business()
    status: Mapped[int | None] = business(Integer)
    fault: Mapped[str | None] = business(Text)
    milliseconds: Mapped[int] = business(Integer)
    # The beginning of what the receiver said, which may be anything.
    answer: Mapped[str] = personal(Text)


class WebhookCursor(Base):
    """How far the feed has been turned into deliveries; one row."""

    __tablename__ = "webhook_cursor"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = business(SmallInteger, primary_key=True, default=1, autoincrement=False)
    position: Mapped[int] = business()
    # One run at a time, so that strangers' networks occupy one process of the worker at most.
    running_until: Mapped[datetime | None] = business()
