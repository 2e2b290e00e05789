"""What searches lead to, from what was noted of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Float,
    Numeric,
    Select,
    and_,
    case,
    cast,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from shopwright.commerce.orders.models import Order, OrderLine, State
from shopwright.kit.db import session
from shopwright.listeners.search.backend import Level
from shopwright.listeners.search.learning.models import REDIRECTED, Kind, SearchAsked, SearchTold

REFINED_WITHIN = timedelta(minutes=5)
#: So that no list shows what one person alone typed.
FEWEST = 3


class Span(NamedTuple):
    """Of one channel, and of one language if it is said."""

    channel_id: UUID
    locale: str | None
    since: datetime
    until: datetime


class Totals(NamedTuple):
    """Shares of the searches that were not led elsewhere, 0 to 1, and 0 where there are none. Revenue in whole minor units."""

    searches: int
    no_result_rate: float
    ctr: float
    mrr: float
    add_to_cart_rate: float
    refinement_rate: float
    revenue: int


class OfQuery(NamedTuple):
    words: str
    locale: str
    searches: int
    no_result_rate: float
    ctr: float
    mrr: float
    add_to_cart_rate: float


def totals(span: Span) -> Totals:
    row: Sequence[Any] = session.execute(
        select(func.count(), *_shares(), _share(_is_refined())).where(*_within(span))
    ).one()
    in_vain, clicked, rank, added, refined = (float(share or 0) for share in row[1:])
    return Totals(row[0], in_vain, clicked, rank, added, refined, _revenue(span))


def queries(span: Span, limit: int, *, only_without_results: bool) -> Sequence[OfQuery]:
    """What was searched for most; nothing that fewer than `FEWEST` shoppers did within a week."""
    wanted = (
        select(SearchAsked.words, SearchAsked.locale, func.count(), *_shares())
        .where(*_within(span), _is_said_by_several(span), *([_found_nothing()] if only_without_results else []))
        .group_by(SearchAsked.words, SearchAsked.locale)
        .order_by(func.count().desc(), SearchAsked.words, SearchAsked.locale)
        .limit(limit)
    )
    return [
        OfQuery(words, locale, searches, *(float(share or 0) for share in shares))
        for words, locale, searches, *shares in session.execute(wanted)
    ]


def _is_said_by_several(span: Span) -> ColumnElement[bool]:
    # A visitor's digest is another one next week, so only within one are several digests several people.
    week = func.date_trunc("week", SearchAsked.at, "UTC")
    said = (
        select(SearchAsked.words, SearchAsked.locale)
        .where(*_within(span))
        .group_by(SearchAsked.words, SearchAsked.locale, week)
        .having(func.count(distinct(SearchAsked.visitor)) >= FEWEST)
    )
    return tuple_(SearchAsked.words, SearchAsked.locale).in_(said)


def _within(span: Span) -> list[ColumnElement[bool]]:
    """Searches in words: a list that is only filtered is none."""
    return [
        SearchAsked.channel_id == span.channel_id,
        SearchAsked.at >= span.since,
        SearchAsked.at < span.until,
        SearchAsked.words != "",
        *([SearchAsked.locale == span.locale] if span.locale else []),
    ]


def _shares() -> list[ColumnElement[Any]]:
    best = _told(Kind.CLICK).with_only_columns(func.min(SearchTold.place)).scalar_subquery()
    clicked, added = (_told(kind).exists() for kind in (Kind.CLICK, Kind.ADD_TO_CART))
    return [
        _share(_found_nothing()),
        _share(clicked),
        func.avg(func.coalesce(literal(1.0, Float) / best, 0.0)).filter(_is_answered()),
        _share(added),
    ]


def _told(kind: Kind) -> Select[int]:
    told = select(literal(1)).where(SearchTold.search_id == SearchAsked.search_id, SearchTold.kind == kind)
    return told.correlate(SearchAsked)


def _share(condition: ColumnElement[bool]) -> ColumnElement[float]:
    return func.avg(case((condition, 1.0), else_=0.0)).filter(_is_answered())


def _is_answered() -> ColumnElement[bool]:
    """With a list, be it empty: who is led elsewhere sees none, and can neither miss nor click anything."""
    return SearchAsked.level != REDIRECTED


def _found_nothing() -> ColumnElement[bool]:
    return and_(_is_answered(), or_(SearchAsked.total == 0, SearchAsked.level == Level.NONE))


def _is_refined() -> ColumnElement[bool]:
    later = aliased(SearchAsked)
    return exists().where(
        later.visitor == SearchAsked.visitor,
        later.channel_id == SearchAsked.channel_id,
        later.locale == SearchAsked.locale,
        later.at > SearchAsked.at,
        later.at <= SearchAsked.at + REFINED_WITHIN,
        later.words != SearchAsked.words,
        later.words != "",
    )


def _revenue(span: Span) -> int:
    """Each line of an order counts once, however many searches it was added from, without its share of what was given back."""
    came_of_it = (
        select(literal(1))
        .select_from(SearchTold)
        .join(SearchAsked, SearchAsked.search_id == SearchTold.search_id)
        .where(
            *_within(span),
            and_(SearchTold.kind == Kind.ADD_TO_CART, SearchTold.cart_id == Order.cart_id),
            SearchTold.product_id == OrderLine.product_id,
            Order.placed_at >= SearchTold.at,
        )
        .correlate(Order, OrderLine)
    )
    # Their product may be larger than a whole number of the database.
    given_back = func.div(
        cast(OrderLine.gross_amount, Numeric) * Order.refunded_amount, func.nullif(Order.total_amount, 0)
    )
    lines = (
        select(func.sum(OrderLine.gross_amount - func.coalesce(given_back, 0)))
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            Order.channel_id == span.channel_id,
            # What came of a search was ordered after it.
            Order.placed_at >= span.since,
            Order.state.not_in((State.CANCELED, State.EXPIRED)),
            came_of_it.exists(),
        )
    )
    return int(session.scalar(lines) or 0)
