"""What merchants had search do, and every step that led there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.privacy import business
from shopwright.listeners.search.curation import bodies
from shopwright.listeners.search.curation.bodies import Body, Kind


class SearchCuration(Base):
    """Synonyms, a rule or a channel's weights. One that was removed stays, so that the removal can be undone."""

    __tablename__ = "search_curations"
    __table_args__ = (
        Index(
            "uq_search_curations_weights", "channel_id", unique=True,
            postgresql_where=text("kind = 'weights' AND removed_at IS NULL"),
        ),
        Index("ix_search_curations_kind", "kind", "id"),
    )  # fmt: skip

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    kind: Mapped[Kind] = business(String(20))
    channel_id: Mapped[UUID | None] = business(ForeignKey("channels.id", ondelete="CASCADE"))
    body: Mapped[dict[str, Any]] = business(JSONB)
    removed_at: Mapped[datetime | None] = business()
    created_at: Mapped[datetime] = business(default=clock.now)
    version: Mapped[int] = business()

    __mapper_args__ = {"version_id_col": version}

    @property
    def said(self) -> Body:
        return bodies.read(self.body)


class SearchRevision(Base):
    """One change: what was said before it and after it, nothing where it was not there. Append-only."""

    __tablename__ = "search_revisions"

    number: Mapped[int] = business(BigInteger, Identity(always=True), primary_key=True)
    curation_id: Mapped[UUID] = business(ForeignKey("search_curations.id", ondelete="CASCADE"), index=True)
    before: Mapped[dict[str, Any] | None] = business(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = business(JSONB(none_as_null=True))
    # The curation's version that this change made.
    made_version: Mapped[int] = business(Integer)
    undoes: Mapped[int | None] = business(BigInteger)
    # A member of staff: `staff:<id>`.
    by: Mapped[str] = business(String(100))
    at: Mapped[datetime] = business(default=clock.now)
