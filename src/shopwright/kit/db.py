"""The database: engine, session, declarative base. When a transaction begins and ends is `kit.transaction`'s."""

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import local
from typing import Any, TypeVar, cast
from uuid import UUID

import msgspec
from sqlalchemy import (
    DDL,
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    MetaData,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    String,
    Table,
    Text,
    Uuid,
    create_engine,
    event,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, configure_mappers, scoped_session, sessionmaker

from shopwright.kit import pool
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


# As the migrations do, where tables are made from the models (in tests): parts of texts are looked up by it.
event.listen(Base.metadata, "before_create", DDL("CREATE EXTENSION IF NOT EXISTS pg_trgm"))  # type: ignore[no-untyped-call]  # SQLAlchemy left it so

M = TypeVar("M", bound=Base)

_engine: Engine | None = None
_reader: Engine | None = None
_pinned: Connection | None = None
_this_thread = local()


def _new_session(**options: Any) -> Session:
    """Called by the first statement of a read, or with options by `begin_writing`."""
    if not options and not is_reading():
        raise RuntimeError("neither a transaction nor a read is open here")
    if _pinned is not None:
        options = {"bind": _pinned, "join_transaction_mode": "create_savepoint"}
    elif not options:
        options = {"bind": _reading_connection() or _reader}
    opened = Session(expire_on_commit=False, **options)
    opened.info["reads_only"] = is_reading()
    return opened


#: A statement that looks through everything may take so long.
SNAPSHOT_SECONDS = 600

#: The session of the running transaction or read. Only `kit.transaction` begins and ends it.
session: scoped_session[Session] = scoped_session(cast("sessionmaker[Session]", _new_session))


def configure(settings: Settings) -> Engine:
    """Connect the process to its database; pool and time limits come from the settings."""
    global _engine, _reader
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
        poolclass=pool.Pool,
        pool_timeout=pool.STUCK_SECONDS,
        pool_use_lifo=True,
        json_serializer=msgspec.json.encode,
        json_deserializer=msgspec.json.decode,
        hide_parameters=True,  # they hold names and addresses, and a fault is logged
        connect_args={"options": options, "connect_timeout": 5},
    )
    # A moment longer than the server's own limit, which is the one to be met as long as the two can speak.
    patience = settings.db_statement_timeout_ms / 1000 + 1
    event.listen(_engine, "do_connect", lambda *asked: pool.connect(patience, **asked[3]))

    def impatient_again(driver: Any, _: object) -> None:
        # Who had it may have looked through everything.
        if driver is not None:
            driver.patience = patience

    event.listen(_engine, "checkin", impatient_again)
    _reader = _engine.execution_options(isolation_level="AUTOCOMMIT")
    return _engine


def engine() -> Engine:
    if _engine is None:
        raise RuntimeError("db.configure() has not been called")
    return _engine


def pin(connection: Connection | None) -> None:
    """Make every session use this one connection through savepoints, so that a test can roll all of it back."""
    global _pinned
    _pinned = connection


def begin_writing() -> Session:
    """The session of a new transaction in this thread."""
    opened = session(bind=engine())
    opened.info["after_commit"] = []
    return opened


def begin_snapshot() -> None:
    """A session for this thread whose statements all see one moment, and that may change nothing."""
    bind = engine().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    opened = session(bind=bind)
    opened.info["reads_only"] = True
    # Looking through everything takes longer than a request may, and sorts and hashes more.
    driver: Any = opened.connection().connection.driver_connection
    driver.patience = SNAPSHOT_SECONDS + 1
    allowed = {"most": f"{SNAPSHOT_SECONDS}s"}
    opened.execute(
        text("SELECT set_config('statement_timeout', :most, true), set_config('work_mem', '64MB', true)"), allowed
    )


def begin_reading() -> None:
    """From here on the thread's first statement opens a session; a read from the cache opens none."""
    _this_thread.is_reading = True


def end_reading() -> None:
    session.remove()
    if opened := _reading_connection():
        _this_thread.connection = None
        opened.close()
    _this_thread.is_reading = False


def is_reading() -> bool:
    return getattr(_this_thread, "is_reading", False)


def connection() -> Connection:
    """The running transaction's or read's. The session would make sure of it each time, which takes as long as a statement.

    A read that asks nothing else does without a session, whose opening takes as long as two.
    """
    if is_reading() and _pinned is None and _reader is not None and not session.registry.has():
        if (reading := _reading_connection()) is None:
            reading = _this_thread.connection = _reader.connect()
        return reading
    opened = session()
    if opened.in_nested_transaction():
        # A savepoint is set when the session is asked.
        return opened.connection()
    found: Connection | None = opened.info.get("connection")
    if found is None:
        found = opened.info["connection"] = opened.connection()
    return found


def _reading_connection() -> Connection | None:
    return getattr(_this_thread, "connection", None)


def is_open() -> bool:
    """Whether a transaction or a read is open in this thread."""
    return is_reading() or session.registry.has()


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements that load no objects."""
    return cast("Table", model.__table__)


def as_written(model: type[M], values: Mapping[str, Any]) -> M:
    """What a statement has just written as if it had been read, to be shown and nothing else: no session knows of it.

    A constructor would note each value as a change that is to be written.
    """
    if not model.__mapper__.configured:
        configure_mappers()
    row = model.__new__(model)
    vars(row).update(values)
    return row


def as_json(found: Select[*tuple[Any, ...]]) -> ScalarSelect[Any]:
    """The rows of a statement as one JSON array, so that the answers of several rooms travel in one statement."""
    rows = found.subquery()
    return select(func.coalesce(func.json_agg(rows.table_valued()), literal_column("'[]'"))).scalar_subquery()


def as_object(**parts: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """These as the text of one JSON object, which msgspec decodes into a Struct faster than rows are fetched."""
    pairs: list[SQLColumnExpression[Any]] = []
    for name, part in parts.items():
        pairs += literal_column(f"'{name}'"), part
    return func.json_build_object(*pairs).cast(Text)


def after_commit(callback: Callable[[], None]) -> None:
    """Call this once the running transaction has been committed, and not at all if it is rolled back."""
    cast("list[Callable[[], None]]", session.info["after_commit"]).append(callback)


@event.listens_for(Session, "before_flush")
def _refuse_to_write_while_reading(flushing: Session, *_: object) -> None:
    if flushing.info.get("reads_only"):
        raise RuntimeError("a query may not change anything; declare the route as a command")
