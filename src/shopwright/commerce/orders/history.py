"""Orders of the past, for who judges them again: read in the order of their time, some at once."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Text, any_, cast, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, JSONPATH
from sqlalchemy.types import Uuid

from shopwright.commerce.orders.models import Order, State
from shopwright.commerce.pricing.basis import Basis
from shopwright.kit.db import session

#: What came to nothing brought nothing in.
COUNTED = (State.OPEN, State.COMPLETED)


class Window(Struct, frozen=True, kw_only=True):
    """Which orders: placed from `since` on, before `until`, in this channel or in all."""

    since: datetime
    until: datetime
    channel_id: UUID | None = None


class Past(NamedTuple):
    """An order, and the place after which the next ones are."""

    id: UUID
    number: int
    placed_at: datetime
    kept: str

    @property
    def basis(self) -> Basis:
        """Decoded when it is asked for: so many of them at once keep the garbage collector busier than the judging takes."""
        return _basis.decode(self.kept)

    @property
    def place(self) -> tuple[datetime, UUID]:
        return self.placed_at, self.id


class Taxed(Struct, frozen=True):
    """How an order's lines were taxed: in parts per million, by the line of the basket."""

    is_gross: bool
    lines: list[UUID]
    rates: list[int]


_basis = msgspec.json.Decoder(Basis)
_taxed = msgspec.json.Decoder(Taxed)


def counts(window: Window) -> tuple[int, int]:
    """How many orders of it keep their basis, and how many do not, since they are older than it."""
    found = session.execute(select(func.count(Order.basis), func.count()).where(*_within(window))).one()
    return found[0], found[1] - found[0]


def read(window: Window, after: tuple[datetime, UUID] | None, most: int) -> list[Past]:
    """The next orders that keep their basis."""
    columns = select(Order.id, Order.number, Order.placed_at, cast(Order.basis, Text))
    found = columns.where(*_within(window), Order.basis.is_not(None))
    if after is not None:
        # Says nothing new, but an index can begin there.
        found = found.where(Order.placed_at >= after[0], tuple_(Order.placed_at, Order.id) > tuple_(*after))
    return [Past(*row) for row in session.execute(found.order_by(Order.placed_at, Order.id).limit(most))]


def taxed(order_ids: Sequence[UUID]) -> dict[UUID, Taxed]:
    """How these orders were taxed, as their quotes say."""
    found = func.jsonb_build_object(
        "is_gross", Order.quote["is_gross"],
        "lines", _each("line_id"),
        "rates", _each("tax_rate_ppm"),
    )  # fmt: skip
    among = Order.id == any_(literal([*order_ids], ARRAY(Uuid(as_uuid=True))))
    return {id_: _taxed.decode(text) for id_, text in session.execute(select(Order.id, cast(found, Text)).where(among))}


def _each(name: str) -> ColumnElement[Any]:
    """This of each line of the quote."""
    return func.jsonb_path_query_array(Order.quote, cast(f"$.lines[*].{name}", JSONPATH))


def _within(window: Window) -> Iterator[ColumnElement[bool]]:
    yield Order.placed_at >= window.since
    yield Order.placed_at < window.until
    yield Order.state.in_(COUNTED)
    if window.channel_id is not None:
        yield Order.channel_id == window.channel_id
