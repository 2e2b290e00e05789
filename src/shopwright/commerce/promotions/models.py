"""Promotions, every version of each, and one row that says which rules are in force."""

from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, SmallInteger, String, Table, Text, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from shopwright.commerce.promotions.errors import PromotionStateConflict
from shopwright.commerce.promotions.rules import COLUMNS, Kind, Rule, Terms
from shopwright.kit import clock, ids, ledger
from shopwright.kit.db import Base
from shopwright.kit.privacy import business


class PromotionStatus(StrEnum):
    """What staff have decided. Whether the rule holds follows from this and its dates."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class State(StrEnum):
    """How it stands at a moment."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


NEXT = {
    PromotionStatus.DRAFT: {PromotionStatus.ACTIVE, PromotionStatus.ENDED},
    PromotionStatus.ACTIVE: {PromotionStatus.PAUSED, PromotionStatus.ENDED},
    PromotionStatus.PAUSED: {PromotionStatus.ACTIVE, PromotionStatus.ENDED},
    PromotionStatus.ENDED: set[PromotionStatus](),
}


class Promotion(Base):
    """`rule` is its `Terms` without what stands in columns. The dates stay as staff set them: `ended_at` tells when
    somebody ended it before its time."""

    __tablename__ = "promotions"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended_at_some_time"),
        Index("ix_promotions_in_force", "id", postgresql_where=text("activated_at IS NOT NULL")),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    name: Mapped[str] = business(String(200))
    kind: Mapped[Kind] = business(String(10))
    status: Mapped[PromotionStatus] = business(String(10), default=PromotionStatus.DRAFT)
    rule: Mapped[dict[str, Any]] = business(JSONB)
    starts_at: Mapped[datetime | None] = business()
    ends_at: Mapped[datetime | None] = business()
    created_at: Mapped[datetime] = business(default=clock.now)
    changed_at: Mapped[datetime] = business(default=clock.now)
    #: For the first time. A rule that never was has no codes that anybody could know.
    activated_at: Mapped[datetime | None] = business()
    ended_at: Mapped[datetime | None] = business()
    version: Mapped[int] = business()

    __mapper_args__ = {"version_id_col": version}

    @property
    def terms(self) -> Terms:
        columns = {name: getattr(self, name) for name in COLUMNS}
        return msgspec.convert({**self.rule, **columns}, Terms)

    def say(self, terms: Terms) -> None:
        """Have these terms from now on."""
        self.kind = terms.kind
        self.rule = terms.as_rule()
        for name in COLUMNS:
            setattr(self, name, getattr(terms, name))
        self.changed_at = clock.now()

    def state_at(self, moment: datetime) -> State:
        if self.status == PromotionStatus.DRAFT:
            return State.DRAFT
        if self.status == PromotionStatus.ENDED or (self.ends_at is not None and self.ends_at <= moment):
            return State.ENDED
        if self.status == PromotionStatus.PAUSED:
            return State.PAUSED
        return State.SCHEDULED if self.starts_at is not None and self.starts_at > moment else State.ACTIVE

    def move_to(self, status: PromotionStatus) -> None:
        """Raises `PromotionStateConflict` when it cannot go there."""
        if status not in NEXT[PromotionStatus(self.status)]:
            raise PromotionStateConflict(is_now=str(self.status))
        self.status = status
        self.changed_at = clock.now()
        if status == PromotionStatus.ACTIVE and self.activated_at is None:
            self.activated_at = self.changed_at
        if status == PromotionStatus.ENDED:
            self.ended_at = self.changed_at


class PromotionVersion(Base):
    """A promotion as it was: the trace of a price names id and version, and is understood for ever."""

    __tablename__ = "promotion_versions"

    promotion_id: Mapped[UUID] = business(ForeignKey("promotions.id"), primary_key=True)
    version: Mapped[int] = business(primary_key=True, autoincrement=False)
    name: Mapped[str] = business(Text)
    status: Mapped[PromotionStatus] = business(String(10))
    rule: Mapped[dict[str, Any]] = business(JSONB)
    starts_at: Mapped[datetime | None] = business()
    ends_at: Mapped[datetime | None] = business()
    at: Mapped[datetime] = business()

    @property
    def terms(self) -> Terms:
        columns = {name: getattr(self, name) for name in COLUMNS}
        return msgspec.convert({**self.rule, **columns}, Terms)

    def as_rule(self) -> Rule:
        """To be judged by."""
        said = {**self.rule, **{name: getattr(self, name) for name in COLUMNS}}
        is_paused = self.status == PromotionStatus.PAUSED
        return msgspec.convert({**said, "id": self.promotion_id, "version": self.version, "is_paused": is_paused}, Rule)


ledger.append_only(cast(Table, PromotionVersion.__table__))


class RulesInForce(Base):
    """One row. Its version is another after each change of what is in force, so rules compiled by it are never stale.

    Not a number: what a transaction saw that was rolled back later must not have the version of what came instead.
    """

    __tablename__ = "promotion_rules"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = business(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[UUID] = business()


# As the migration does, where tables are made from the models (in tests).
event.listen(
    RulesInForce.__table__, "after_create",
    DDL("INSERT INTO promotion_rules VALUES (1, gen_random_uuid())"),  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
)  # fmt: skip
