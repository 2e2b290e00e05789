"""A simulation: a promotion, the orders that it is tried on, how far that has got, and what came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.privacy import business, personal


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Simulation(Base):
    """Who holds it works on it, until `held_until`; each step writes down how far it got, and that it is still held."""

    __tablename__ = "simulations"
    __table_args__ = (
        CheckConstraint("orders_read BETWEEN 0 AND orders_total", name="read_of_total"),
        CheckConstraint("(state IN ('done', 'failed')) = (finished_at IS NOT NULL)", name="finished_at_some_time"),
        CheckConstraint("(state = 'done') = (result IS NOT NULL)", name="result_if_done"),
        Index("ix_simulations_waiting", "id", postgresql_where=text("state IN ('queued', 'running')")),
        Index("ix_simulations_promotion_id_id", "promotion_id", "id"),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    promotion_id: Mapped[UUID] = business(ForeignKey("promotions.id"))
    version: Mapped[int] = business()
    # The other rules, as [id, version], so that all orders are judged by the same.
    others: Mapped[list[Any]] = business(JSONB)
    placed_from: Mapped[datetime] = business()
    placed_until: Mapped[datetime] = business()
    channel_id: Mapped[UUID | None] = business(ForeignKey("channels.id"))
    assumes_code: Mapped[bool] = business()
    state: Mapped[State] = business(String(10), default=State.QUEUED)
    orders_total: Mapped[int] = business()
    orders_read: Mapped[int] = business(default=0)
    # Placed before orders kept what they were quoted from.
    orders_left_out: Mapped[int] = business()
    # The last order that was read, and what was found up to it.
    place: Mapped[list[Any] | None] = business(JSONB(none_as_null=True))
    tally: Mapped[dict[str, Any] | None] = personal(JSONB(none_as_null=True), deferred=True, deferred_raiseload=True)
    result: Mapped[dict[str, Any] | None] = business(JSONB(none_as_null=True))
    failure: Mapped[str | None] = business(Text)
    # How often it was begun or taken up again since it last got on.
    tries: Mapped[int] = business(default=0)
    held_by: Mapped[UUID | None] = business()
    held_until: Mapped[datetime | None] = business()
    made_by: Mapped[UUID | None] = personal()
    created_at: Mapped[datetime] = business(default=clock.now)
    finished_at: Mapped[datetime | None] = business()
