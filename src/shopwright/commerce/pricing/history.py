"""Writing down what things cost: entries of prices that were set, and what anybody was shown."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Interval,
    ScalarSelect,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.pricing.history_models import PriceAnnouncement, PriceEntry
from shopwright.kit import clock, ids
from shopwright.kit.db import session, table_of
from shopwright.kit.money import Money

#: How far back the lowest price is looked for (Directive 98/6/EC, Art. 6a).
WINDOW = literal_column("interval '30 days'", Interval)


class ShownPrice(NamedTuple):
    """What anybody is shown, after public lists and catalog promotions. `compare_at` is the price before them, or the one
    that was announced; with it goes the lowest price of the 30 days before the reduction began, if there was any."""

    price: Money
    compare_at: Money | None
    lowest_30_days: Money | None


_shown = table_of(PriceAnnouncement)
_shown_key = ("variant_id", "channel_id", "currency")
_NOW = bindparam("now", type_=DateTime(timezone=True))
_CHANNEL, _CURRENCY = bindparam("channel_id", type_=Uuid()), bindparam("currency", type_=String)
_NEW = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid())), bindparam("amounts", type_=ARRAY(BigInteger)),
        bindparam("reduced", type_=ARRAY(Boolean)), bindparam("lowest", type_=ARRAY(BigInteger)),
    )
    .table_valued("variant_id", "amount", "is_reduced", "lowest", name="new")
    .render_derived()
)  # fmt: skip
_LAST = (
    select(_shown.c.number, _shown.c.amount, _shown.c.is_reduced)
    .where(_shown.c.variant_id == _NEW.c.variant_id, _shown.c.channel_id == _CHANNEL, _shown.c.currency == _CURRENCY)
    .order_by(_shown.c.number.desc())
    .limit(1)
    .lateral("last")
)
_ANNOUNCE = (
    insert(_shown)
    .from_select(
        ["variant_id", "channel_id", "currency", "number", "amount", "is_reduced", "lowest_before_amount", "at"],
        select(
            _NEW.c.variant_id, _CHANNEL, _CURRENCY, func.coalesce(_LAST.c.number, 0) + 1, _NEW.c.amount,
            _NEW.c.is_reduced, _NEW.c.lowest, _NOW,
        )
        .select_from(_NEW.outerjoin(_LAST, true()))
        .where(
            or_(
                _LAST.c.number.is_(None),
                tuple_(_LAST.c.amount, _LAST.c.is_reduced).is_distinct_from(tuple_(_NEW.c.amount, _NEW.c.is_reduced)),
            )
        ),
    )
    # Another wrote the next entry of this variant just now: the fact that made it do so is heard again after it.
    .on_conflict_do_nothing()
)  # fmt: skip


def note(entries: Iterable[Mapping[str, Any]]) -> None:
    """Write down prices that have just been set; one without an amount was taken away."""
    now = clock.now()
    nothing = {"price_list_id": None, "min_quantity": 1, "amount": None, "compare_at_amount": None, "cost_amount": None}
    rows = [{**nothing, **entry, "id": ids.new(), "at": now} for entry in entries]
    if rows:
        session.execute(insert(table_of(PriceEntry)), rows)


def announce(channel_id: UUID, currency: str, shown: Mapping[UUID, ShownPrice]) -> None:
    """Write down what anybody is shown from now on, where it is something else than before."""
    if not shown:
        return
    each: Collection[ShownPrice] = shown.values()
    session.execute(
        _ANNOUNCE,
        {
            "channel_id": channel_id, "currency": currency, "now": clock.now(), "ids": [*shown],
            "amounts": [one.price.amount for one in each], "reduced": [one.compare_at is not None for one in each],
            "lowest": [one.lowest_30_days and one.lowest_30_days.amount for one in each],
        },
    )  # fmt: skip


def lowest_before(
    variant_id: ColumnElement[UUID], channel_id: ColumnElement[UUID], currency: ColumnElement[str],
    now: ColumnElement[Any],
) -> ScalarSelect[Any]:  # fmt: skip
    """The lowest price of the 30 days before the reduction that holds now began; or, where none does, before now.

    Of reductions in a row it is that of the first: raising the price a little in between makes no new one.
    """

    def of_same(row: Any, one: Any) -> ColumnElement[bool]:
        return and_(*(row.c[name] == one.c[name] for name in _shown_key), row.c.at <= now)

    last, within, earlier = (_shown.alias(name) for name in ("announced", "within", "earlier"))
    # Each of these is told whose row it is about: what stands two selects above would be read anew, all of it.
    since = (
        select(func.max(earlier.c.number))
        # What was shown when the 30 days began was shown in them.
        .where(of_same(earlier, last), earlier.c.at <= now - WINDOW)
        .correlate(last)
        .scalar_subquery()
    )
    lowest = (
        select(func.min(within.c.amount))
        .where(of_same(within, last), within.c.number >= func.coalesce(since, 0))
        .correlate(last)
        .scalar_subquery()
    )
    return (
        select(case((last.c.is_reduced, last.c.lowest_before_amount), else_=lowest))
        .where(
            last.c.variant_id == variant_id,
            last.c.channel_id == channel_id,
            last.c.currency == currency,
            last.c.at <= now,
        )
        .order_by(last.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
