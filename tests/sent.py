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

    def noted_too(exchange: Exchange, statement: Statement, values: Any) -> Any:
        seen.append(statement.sql.decode())
        return written(exchange, statement, values)

    psycopg.Cursor.execute = noted  # type: ignore[method-assign]
    Exchange._written = noted_too  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        psycopg.Cursor.execute = execute  # type: ignore[method-assign]
        Exchange._written = written  # type: ignore[method-assign]
