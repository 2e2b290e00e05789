"""What is sent to PostgreSQL, counted at the driver, where SQLAlchemy's statements and prepared ones come together."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from shopwright.kit.exchange import Exchange, Statement


@contextmanager
def statements() -> Iterator[list[str]]:
    """The text of each statement that any thread sends in the meantime, but for `BEGIN` and `COMMIT`."""
    seen: list[str] = []
    execute, written = psycopg.Cursor.execute, Exchange._written

    def noted(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(str(query))
        return execute(cursor, query, *args, **kwargs)

    def noted_too(exchange: Exchange, statement: Statement, *args: Any) -> Any:
        seen.append(statement.sql.decode())
        return written(exchange, statement, *args)

    psycopg.Cursor.execute = noted  # type: ignore[method-assign]
    Exchange._written = noted_too  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        psycopg.Cursor.execute = execute  # type: ignore[method-assign]
        Exchange._written = written  # type: ignore[method-assign]


@contextmanager
def exchanges() -> Iterator[list[int]]:
    """How many prepared statements went out together, each time that somebody waited for PostgreSQL."""
    seen: list[int] = []
    send = Exchange._send

    def noted(exchange: Exchange, sent: Any, **how: Any) -> Any:
        seen.append(len(sent))
        return send(exchange, sent, **how)

    Exchange._send = noted  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        Exchange._send = send  # type: ignore[method-assign]
