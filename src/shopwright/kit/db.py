"""The database: engine, session, declarative base. When a transaction begins and ends is `kit.transaction`'s."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import BigInteger, Connection, DateTime, Engine, MetaData, String, Uuid, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session, sessionmaker

from shopwright.settings import Settings


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(as_uuid=True),
        int: BigInteger,
        str: String,
        dict[str, Any]: JSONB,
    }


#: The session of the running transaction (or read). Only `kit.transaction` opens and closes it.
session: scoped_session[Session] = scoped_session(sessionmaker(expire_on_commit=False))

_engine: Engine | None = None
_pinned: Connection | None = None


def configure(settings: Settings) -> Engine:
    """Connect the process to its database; pool and time limits come from the settings."""
    global _engine
    if _engine is not None:
        _engine.dispose()
    options = (
        f"-c lock_timeout={settings.db_lock_timeout_ms} -c statement_timeout={settings.db_statement_timeout_ms}"
        " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
    )
    _engine = create_engine(
        settings.database_url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=settings.db_pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_use_lifo=True,
        connect_args={"options": options, "connect_timeout": 5},
    )
    return _engine


def engine() -> Engine:
    if _engine is None:
        raise RuntimeError("db.configure() has not been called")
    return _engine


def pin(connection: Connection | None) -> None:
    """Make every session use this one connection through savepoints, so that a test can roll all of it back."""
    global _pinned
    _pinned = connection


def open_session(*, autocommit: bool) -> Session:
    """Begin the thread's session; `kit.transaction` calls this and closes it."""
    if _pinned is not None:
        opened = session(bind=_pinned, join_transaction_mode="create_savepoint")
    elif autocommit:
        opened = session(bind=engine().execution_options(isolation_level="AUTOCOMMIT"))
    else:
        opened = session(bind=engine())
    opened.info["reads_only"] = autocommit
    opened.info["after_commit"] = []
    return opened


def after_commit(callback: Callable[[], None]) -> None:
    """Call this once the running transaction has been committed, and not at all if it is rolled back."""
    cast("list[Callable[[], None]]", session.info["after_commit"]).append(callback)


@event.listens_for(Session, "before_flush")
def _refuse_to_write_while_reading(flushing: Session, *_: object) -> None:
    if flushing.info.get("reads_only"):
        raise RuntimeError("a query may not change anything; declare the route as a command")
