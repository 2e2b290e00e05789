"""How far each product has come into the index. Nothing here is part of the catalog: all of it can be made anew."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DDL, CheckConstraint, Index, Integer, SmallInteger, String, Text, event, false, text
from sqlalchemy.orm import Mapped

from shopwright.kit.db import Base
from shopwright.kit.privacy import business


class SearchState(Base):
    """The version of a product's documents. It goes up with each fact about it; engines refuse older ones.

    Without a foreign key: of a product that is gone the index still has to be told.
    """

    __tablename__ = "search_states"
    __table_args__ = (
        Index(
            "ix_search_states_dirty", "awaits_engine", "next_try_at", "product_id",
            postgresql_where=text("dirty_at IS NOT NULL"),
        ),
    )  # fmt: skip

    product_id: Mapped[UUID] = business(primary_key=True)
    version: Mapped[int] = business()
    # Since when the index lags behind; None when it does not.
    dirty_at: Mapped[datetime | None] = business()
    next_try_at: Mapped[datetime] = business()
    tries: Mapped[int] = business(Integer, server_default="0", default=0)
    # PostgreSQL's own index has this version; only an engine that was away lacks it.
    awaits_engine: Mapped[bool] = business(server_default=false(), default=False)


class SearchDeadLetter(Base):
    """A document that the index refused too often: it is left alone until its product changes, or somebody asks again."""

    __tablename__ = "search_dead_letters"

    product_id: Mapped[UUID] = business(primary_key=True)
    locale: Mapped[str] = business(String(20), primary_key=True)
    version: Mapped[int] = business()
    reason: Mapped[str] = business(Text)
    at: Mapped[datetime] = business()


class SearchTarget(Base):
    """An index beside the one in use that is written to as well: a new one until it is used, then the one before it."""

    __tablename__ = "search_targets"

    engine: Mapped[str] = business(String(20), primary_key=True)
    locale: Mapped[str] = business(String(20), primary_key=True)
    index: Mapped[str] = business(String(255), primary_key=True)
    # It was in use, and can be again.
    is_kept: Mapped[bool] = business()
    # Made because there was none; used as soon as it is filled.
    is_first: Mapped[bool] = business(server_default=false())
    since: Mapped[datetime] = business()


class SearchClock(Base):
    """One row: how far the index has followed the dates of promotions and price lists."""

    __tablename__ = "search_clock"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = business(SmallInteger, primary_key=True, autoincrement=False)
    looked_until: Mapped[datetime] = business()


# As the migration does, where tables are made from the models (in tests).
event.listen(
    SearchClock.__table__, "after_create",
    DDL("INSERT INTO search_clock VALUES (1, now())"),  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
)  # fmt: skip
