"""Looking for what somebody typed, whatever signs are in it."""

import re
from typing import Any

from sqlalchemy import ColumnElement, and_

#: What an index of trigrams can look up anywhere in a text.
SHORTEST_PART = 3
#: Nothing is written with it.
LAST_SIGN = "\U0010ffff"


def begins(column: Any, prefix: str) -> ColumnElement[bool]:
    """As `LIKE`, for a column with an index of `text_pattern_ops`.

    Of a pattern that is a parameter PostgreSQL does not know that it has a beginning, so a plan for all values would read
    the whole table. These are its operators of that index.
    """
    return and_(column.op("~>=~")(prefix), column.op("~<~")(prefix + LAST_SIGN))


def like(prefix: str) -> str:
    """A LIKE pattern for what begins with `prefix`."""
    return re.sub(r"([\\%_])", r"\\\1", prefix) + "%"


def containing(text: str) -> str:
    """A LIKE pattern for what has `text` in it. Of fewer than three signs an index knows no more than what begins so."""
    return like(text) if len(text) < SHORTEST_PART else "%" + like(text)
