"""Statements of the hottest paths: compiled once, and sent as they are.

SQLAlchemy would work out anew for each execution what never changes, which costs more than PostgreSQL's answer. They run
in the session's own connection, and their faults are SQLAlchemy's, so that nobody above has to know.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

import psycopg
from sqlalchemy import (
    ARRAY,
    Boolean,
    Connection,
    Delete,
    Engine,
    Insert,
    Integer,
    LargeBinary,
    Numeric,
    Select,
    String,
    Update,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import psycopg as dialects
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from shopwright.kit import db
from shopwright.kit.exchange import Exchange, Hear, Row, Statement


class _Compiler(dialects.PGCompiler_psycopg):
    def render_bind_cast(self, type_: TypeEngine[Any], dbapi_type: TypeEngine[Any], sqltext: str) -> str:
        """Arrays stand behind a subquery, where PostgreSQL does not see how long they are.

        Else it finds a plan for one element cheaper than its plan for any number, and plans the statement anew each
        time, which takes longer than the statement.
        """
        cast_to: str = super().render_bind_cast(type_, dbapi_type, sqltext)  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
        return f"(SELECT {cast_to}){cast_to.removeprefix(sqltext)}" if isinstance(type_, ARRAY) else cast_to


# Parameters by number, as PostgreSQL itself has them: nothing is left for the driver to translate.
_DIALECT = dialects.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
_DIALECT.statement_compiler = _Compiler
#: PostgreSQL's numbers of the types that SQLAlchemy does not write beside their parameters: `bool` and `bytea`.
_OIDS: dict[type[TypeEngine[Any]], int] = {Boolean: 16, LargeBinary: 17}
_EXCHANGE = "exchange of prepared statements"

# After these the driver deallocates all that was prepared, since they may have changed what its names stand for.
_UNPREPARING = ("ROLLBACK", "DROP", "ALTER", "DISCARD", "DEALLOCATE")

Slot = tuple[int, str, Callable[[Any], Any] | None]
T = TypeVar("T")


class Prepared:
    """A Core statement whose parameters are all named with `bindparam`, in no list of changing length.

    One that `is_passing` has too many shapes to be kept in each connection, or another plan for other values.
    """

    def __init__(
        self, statement: Select[*tuple[Any, ...]] | Insert | Update | Delete, *, is_passing: bool = False
    ) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        names = compiled.positiontup or ()
        types = tuple(_oid(compiled.binds[name].type) for name in names)
        self.statement = Statement(compiled.string.encode(), types, is_passing)
        self._fixed: list[Any] = []
        self._slots: list[Slot] = []
        for position, name in enumerate(names):
            bind = compiled.binds[name]
            process = _processor(bind.type)
            self._fixed.append(process(bind.value) if process and not bind.required else bind.value)
            if bind.required:
                self._slots.append((position, name, process))

    def all(self, parameters: Mapping[str, Any]) -> list[Row]:
        """The rows of a statement that answers with some."""
        connection, values = db.connection(), self._values(parameters)
        return _told(connection, lambda: _exchange_of(connection).ask(self.statement, values), self.statement.sql)

    def first(self, parameters: Mapping[str, Any]) -> Row | None:
        rows = self.all(parameters)
        return rows[0] if rows else None

    def run(self, parameters: Mapping[str, Any], hear: Hear | None = None) -> None:
        """For a statement whose answer nobody waits for. It goes out with the next one, at the latest with the commit,
        and only there a fault of it is raised: whatever is asked later has seen it, and nothing is committed without it.

        `hear` is told its rows before the next one is answered; what it raises ends that one, and the transaction.
        """
        connection, values = db.connection(), self._values(parameters)
        _told(connection, lambda: _exchange_of(connection).say(self.statement, values, hear), self.statement.sql)

    def soon(self, parameters: Mapping[str, Any]) -> "Promised":
        """The rows of a statement that may be on its way while something else is asked."""
        promised = Promised()
        self.run(parameters, promised.keep)
        return promised

    def _values(self, parameters: Mapping[str, Any]) -> list[Any]:
        values = self._fixed.copy()
        for position, name, process in self._slots:
            value = parameters[name]
            values[position] = process(value) if process else value
        return values


class Promised:
    """Rows that come with the answer to what is asked next, or else when they are looked at."""

    def __init__(self) -> None:
        self._rows: list[Row] | None = None

    def keep(self, rows: list[Row]) -> None:
        self._rows = rows

    def rows(self) -> list[Row]:
        if self._rows is None:
            _settle(db.connection())
        assert self._rows is not None, "asked for in another transaction"
        return self._rows


def _oid(kind: TypeEngine[Any]) -> int:
    """0 for what the text of the statement names. Raises `TypeError` for what nothing would name."""
    if kind.dialect_impl(_DIALECT).render_bind_cast:
        return 0
    for each, oid in _OIDS.items():
        if isinstance(kind, each):
            return oid
    raise TypeError(f"PostgreSQL would have to guess what a parameter of {kind!r} is")


def _processor(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, ARRAY) and isinstance(kind.item_type, Uuid | Integer):
        return _array
    if isinstance(kind, ARRAY) and isinstance(kind.item_type, String):
        return _array_of_texts
    # As text: the driver's bytes for a number depend on its size.
    if isinstance(kind, Integer | Numeric):
        return _number
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _number(value: Any) -> str | None:
    return None if value is None else str(value)


def _array(values: Iterable[Any]) -> str:
    """As PostgreSQL spells it (§8.15.2 of its manual); the driver would look for the type of each element."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _array_of_texts(values: Iterable[Any]) -> str:
    return _array(None if value is None else _quoted(str(value)) for value in values)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _exchange_of(connection: Connection) -> Exchange:
    found: Exchange | None = connection.info.get(_EXCHANGE)
    if found is None:
        found = connection.info[_EXCHANGE] = Exchange(cast(Any, connection.connection.driver_connection))
    return found


def _told(connection: Connection, work: Callable[[], T], sql: bytes = b"") -> T:
    """Faults as SQLAlchemy tells them, and a dead connection taken out of the pool. Parameters hold names and addresses."""
    try:
        return work()
    except psycopg.Error as fault:
        is_gone = connection.dialect.is_disconnect(cast(Any, fault), connection.connection.dbapi_connection, None)
        if is_gone:
            connection.invalidate(fault)
        raise DBAPIError.instance(
            sql.decode(), None, fault, psycopg.Error, hide_parameters=True, connection_invalidated=is_gone,
            dialect=connection.dialect,
        ) from fault  # fmt: skip


@event.listens_for(Engine, "before_cursor_execute")
def _settle(connection: Connection, *_: object) -> None:
    """A statement of SQLAlchemy's must find done what was said before it."""
    exchange: Exchange | None = connection.info.get(_EXCHANGE)
    if exchange and exchange.waiting:
        _told(connection, exchange.settle)


@event.listens_for(Engine, "after_cursor_execute")
def _unprepare(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
    exchange: Exchange | None = connection.info.get(_EXCHANGE)
    if exchange and statement.startswith(_UNPREPARING):
        exchange.unprepare()


@event.listens_for(Engine, "commit")
def _commit(connection: Connection) -> None:
    exchange: Exchange | None = connection.info.get(_EXCHANGE)
    if exchange and exchange.waiting:
        _told(connection, exchange.commit)


@event.listens_for(Engine, "rollback")
def _roll_back(connection: Connection) -> None:
    exchange: Exchange | None = None if connection.invalidated else connection.info.get(_EXCHANGE)
    if exchange:
        _told(connection, exchange.roll_back)


@event.listens_for(Engine, "rollback_savepoint")
def _forget(connection: Connection, *_: object) -> None:
    exchange: Exchange | None = connection.info.get(_EXCHANGE)
    if exchange:
        exchange.forget()
