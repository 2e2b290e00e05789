"""Statements of the hottest paths: compiled once, and handed to the driver as they are.

SQLAlchemy would work out anew for each execution what never changes, which costs more than PostgreSQL's answer. They run
in the session's own connection, and their faults are SQLAlchemy's, so that nobody above has to know.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

import psycopg
from psycopg import RawCursor
from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.dialects.postgresql import psycopg as dialects
from sqlalchemy.exc import DBAPIError

from shopwright.kit.db import session

# Parameters by number, as PostgreSQL itself has them: nothing is left for the driver to translate.
_DIALECT = dialects.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
_CURSOR = "cursor of prepared statements"

Row = tuple[Any, ...]
Slot = tuple[int, str, Callable[[Any], Any] | None]


class Prepared:
    """A Core statement whose parameters are all named with `bindparam`, in no list of changing length."""

    def __init__(self, statement: Select[*tuple[Any, ...]] | Insert | Update | Delete) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self.sql = compiled.string
        self._fixed: list[Any] = []
        self._slots: list[Slot] = []
        for position, name in enumerate(compiled.positiontup or ()):
            bind = compiled.binds[name]
            process = bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
            self._fixed.append(process(bind.value) if process and not bind.required else bind.value)
            if bind.required:
                self._slots.append((position, name, process))

    def all(self, parameters: Mapping[str, Any]) -> list[Row]:
        """The rows of a statement that answers with some."""
        return self._run(parameters).fetchall()

    def first(self, parameters: Mapping[str, Any]) -> Row | None:
        return self._run(parameters).fetchone()

    def run(self, parameters: Mapping[str, Any]) -> None:
        """For a statement that answers with nothing."""
        self._run(parameters)

    def _run(self, parameters: Mapping[str, Any]) -> RawCursor[Row]:
        values = self._fixed.copy()
        for position, name, process in self._slots:
            value = parameters[name]
            values[position] = process(value) if process else value
        connection = session.connection()
        cursor = connection.info.get(_CURSOR)
        if cursor is None:
            cursor = connection.info[_CURSOR] = RawCursor(_driver_of(connection))
        try:
            return cast("RawCursor[Row]", cursor.execute(self.sql, values, prepare=True))
        except psycopg.Error as fault:
            raise _told(connection, self.sql, fault) from fault


def _driver_of(connection: Connection) -> "psycopg.Connection[Row]":
    return cast("psycopg.Connection[Row]", connection.connection.driver_connection)


def _told(connection: Connection, sql: str, fault: psycopg.Error) -> BaseException:
    """The fault as SQLAlchemy tells it, and a dead connection taken out of the pool. Parameters hold names and addresses."""
    is_gone = connection.dialect.is_disconnect(cast(Any, fault), connection.connection.dbapi_connection, None)
    if is_gone:
        connection.invalidate(fault)
    return DBAPIError.instance(
        sql,
        None,
        fault,
        psycopg.Error,
        hide_parameters=True,
        connection_invalidated=is_gone,
        dialect=connection.dialect,
    )
