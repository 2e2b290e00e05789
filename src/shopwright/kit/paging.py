"""Pages that neither repeat nor skip a row while others write: keysets, and cursors that nobody can forge."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta
from msgspec.msgpack import Ext
from sqlalchemy import ColumnElement, Select, and_, false, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute

from shopwright.kit.errors import Problem
from shopwright.kit.wire import In, Out

T = TypeVar("T")
Selected = TypeVar("Selected", bound=Select[*tuple[Any, ...]])
Value = str | int | float | datetime | UUID | None
Key = tuple[ColumnElement[Any] | InstrumentedAttribute[Any], bool]
"""A column expression, and whether it rises."""

LONGEST_CURSOR = 2048
MAC_BYTES = 16
UUID_TAG = 1
_secret: bytes | None = None


class InvalidCursor(Problem):
    status = 400
    detail = "This cursor is not of this list. Take it from `next_cursor`, with the same filters and order."


class PageQuery(In, frozen=True, kw_only=True):
    """Which page of a list; the query Structs of lists inherit from it."""

    limit: Annotated[int, Meta(ge=1, le=100, description="How many at most")] = 24
    cursor: Annotated[str, Meta(description="`next_cursor` of the page before")] | None = None


class Page(Out, Generic[T], frozen=True, kw_only=True):
    """Some of a list, and what to ask for the rest with; no cursor on the last page."""

    items: list[T]
    next_cursor: str | None = None


def configure(secret: bytes) -> None:
    """Sign with a key derived from this secret."""
    global _secret
    _secret = hmac.digest(secret, b"shopwright paging", sha256)


def encode(values: Sequence[Value], purpose: str) -> str:
    """A cursor for these key values: signed, not secret. `purpose` names the list, its filters and order."""
    wire = [Ext(UUID_TAG, value.bytes) if isinstance(value, UUID) else value for value in values]
    payload = msgspec.msgpack.encode(wire)
    return urlsafe_b64encode(_mac(payload, purpose) + payload).rstrip(b"=").decode()


def decode(cursor: str, purpose: str, count: int | None = None) -> list[Value]:
    """The key values again, so many; raises `InvalidCursor` for all that `encode` did not make for this purpose."""
    if len(cursor) > LONGEST_CURSOR:
        raise InvalidCursor()
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise InvalidCursor() from None
    mac, payload = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(payload, purpose)):
        raise InvalidCursor()
    values: list[Value] = msgspec.msgpack.decode(payload, type=list[Any], ext_hook=_uuid)
    if count is not None and len(values) != count:
        raise InvalidCursor()
    return values


def keyset(found: Selected, keys: Sequence[Key], *, purpose: str, limit: int, cursor: str | None) -> Selected:
    """The rows after the cursor in the order of `keys`, NULLs last, and one more than `limit` for `cut`.

    Together the keys must be unique (end with the id). Raises `InvalidCursor`.
    """
    values = None if cursor is None else decode(cursor, purpose, len(keys))
    return rows_after(found, keys, values).limit(limit + 1)


def rows_after(found: Selected, keys: Sequence[Key], values: Sequence[Any] | None) -> Selected:
    """The rows in the order of `keys`, all or those after these values of them, for who puts together a statement that is
    prepared: then the values are parameters, but None where one is NULL."""
    if values is not None:
        found = found.where(_after(keys, values))
    return found.order_by(*(_order(column, rises) for column, rises in keys))


def newest(ways: Sequence[Select[UUID]], *, purpose: str, limit: int, cursor: str | None) -> Select[UUID]:
    """The ids after the cursor that any of these finds, the newest first, and one more than `limit` for `cut`.

    Each way to be found is a statement of its own, which an index can answer in that order. Raises `InvalidCursor`.
    """
    pages = [
        keyset(way, [(way.selected_columns[0], False)], purpose=purpose, limit=limit, cursor=cursor).subquery().select()
        for way in ways
    ]
    (found,) = (union(*pages) if len(pages) > 1 else pages[0]).subquery().columns
    return select(found).order_by(found.desc()).limit(limit + 1)


def cut(
    rows: Sequence[T], *, purpose: str, limit: int, values: Callable[[T], Sequence[Value]]
) -> tuple[list[T], str | None]:
    """The page from what `keyset` found, and the cursor of the next. `values` reads the keys from a row."""
    page = list(rows[:limit])
    return page, encode(values(page[-1]), purpose) if len(rows) > limit else None


def _after(keys: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    """(a > x) or (a = x and b > y) or …"""
    ways: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for (column, rises), value in zip(keys, values, strict=True):
        ways.append(and_(*same, _beyond(column, rises, value)))
        same.append(column == value)
    (first, rises), value = keys[0], values[0]
    if value is None:
        return or_(*ways)
    # Says nothing new, but an index can begin there; PostgreSQL cannot use the ORs for that.
    start = or_(first >= value if rises else first <= value, *_null(first))
    return and_(start, or_(*ways))


def _beyond(column: Any, rises: bool, value: Any) -> ColumnElement[bool]:
    if value is None:
        return false()
    return or_(column > value if rises else column < value, *_null(column))


def _null(column: Any) -> list[ColumnElement[bool]]:
    return [column.is_(None)] if _may_be_null(column) else []


def _order(column: Any, rises: bool) -> ColumnElement[Any]:
    order: ColumnElement[Any] = column.asc() if rises else column.desc()
    # Only where it matters: with NULLS LAST an ordinary index cannot be read backwards.
    return order.nulls_last() if _may_be_null(column) else order


def _may_be_null(column: Any) -> bool:
    return bool(getattr(column, "nullable", True))


def _mac(payload: bytes, purpose: str) -> bytes:
    if _secret is None:
        raise RuntimeError("paging.configure() was not called")
    # The purpose is hashed to a fixed length: else a part of it could be passed off as payload.
    return hmac.digest(_secret, sha256(purpose.encode()).digest() + payload, sha256)[:MAC_BYTES]


def _uuid(tag: int, data: memoryview) -> UUID:
    return UUID(bytes=bytes(data))
