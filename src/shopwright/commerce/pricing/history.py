"""Writing down what things cost: entries of prices that were set, and what anybody was shown."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Interval,
    ScalarSelect,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from shopwright.commerce.pricing.history_models import PriceAnnouncement, PriceEntry
from shopwright.kit import clock, ids
from shopwright.kit.db import session, table_of
from shopwright.kit.money import Money
from shopwright.kit.prepared import Prepared

#: How far back the lowest price is looked for (Directive 98/6/EC, Art. 6a).
WINDOW = literal_column("interval '30 days'", Interval)


class Announced(Struct, frozen=True, kw_only=True):
    """What anybody was shown of a variant last (no amount: nothing any more); `lowest_before` goes with a reduction, and
    `lowest_now` is that of the last 30 days."""

    variant_id: UUID
    number: int
    amount: int | None
    is_reduced: bool
    lowest_before: int | None
    lowest_now: int | None

    def lowest_for(self, amount: int) -> int | None:
        """What a reduction to this amount is compared with.

        Of reductions in a row it is that of the first: raising the price a little in between makes no new one. What began
        reduced has nothing to be compared with before it is reduced further.
        """
        if not self.is_reduced:
            return self.lowest_now
        if self.lowest_before is None and self.amount is not None and amount < self.amount:
            return self.lowest_now
        return self.lowest_before


class ShownPrice(NamedTuple):
    """What is shown of a price, after lists and catalog promotions. `compare_at` is the price before them, or the one that was
    announced; with it goes the lowest price of the 30 days before the reduction began, if there was any."""

    price: Money
    compare_at: Money | None
    lowest_30_days: Money | None


_shown = table_of(PriceAnnouncement)
# All rows as one JSON text: as parameters of their own they would take most of a walk's time.
_SENT = (
    func.jsonb_to_recordset(cast(bindparam("rows", type_=Text), JSONB))
    .table_valued(*(column(each.name, each.type) for each in _shown.columns), name="sent")
    .render_derived(with_types=True)
)
_ANNOUNCE = Prepared(
    insert(_shown).from_select(_shown.columns.keys(), select(_SENT), include_defaults=False).on_conflict_do_nothing()
)


def note(entries: Iterable[Mapping[str, Any]]) -> None:
    """Write down prices that have just been set; one without an amount was taken away."""
    now = clock.now()
    nothing = {"price_list_id": None, "min_quantity": 1, "amount": None, "compare_at_amount": None, "cost_amount": None}
    rows = [{**nothing, **entry, "id": ids.new(), "at": now} for entry in entries]
    if rows:
        session.execute(insert(table_of(PriceEntry)), rows)


def announce(
    channel_id: UUID, currency: str, asked: Iterable[UUID], shown: Mapping[UUID, ShownPrice],
    last: Mapping[UUID, Announced],
) -> None:  # fmt: skip
    """Write down what anybody is shown of these variants from now on, where it is something else than what was shown `last`.

    Each entry has the number after the last one that was known when the price was read: whoever was overtaken meanwhile
    writes nothing, and the fact that made them write is heard again.
    """
    at = {"channel_id": channel_id, "currency": currency, "at": clock.now()}
    # In one order, so that two who do this at once wait for each other but never deadlock.
    news = [_entry(id_, shown.get(id_), last.get(id_)) for id_ in sorted(set(asked))]
    if rows := [entry | at for entry in news if entry is not None]:
        _ANNOUNCE.run({"rows": msgspec.json.encode(rows).decode()})


def _entry(variant_id: UUID, shown: ShownPrice | None, last: Announced | None) -> dict[str, Any] | None:
    amount, is_reduced = (shown.price.amount, shown.compare_at is not None) if shown else (None, False)
    before = (last.amount, last.is_reduced) if last else (None, False)
    if (amount, is_reduced) == before:
        return None
    lowest = last.lowest_for(amount) if last and is_reduced and amount is not None else None
    return {
        "variant_id": variant_id, "number": last.number + 1 if last else 1, "amount": amount, "is_reduced": is_reduced,
        "lowest_before_amount": lowest,
    }  # fmt: skip


def announced(
    variant_ids: ColumnElement[Any], channel_id: ColumnElement[UUID], currency: ColumnElement[str],
    now: ColumnElement[Any],
) -> Select[*tuple[Any, ...]]:  # fmt: skip
    """What anybody was shown of these last, as `Announced`; one that never was shown is absent."""
    asked = func.unnest(variant_ids).table_valued("id", name="asked").render_derived()
    last = _shown.alias("announced")
    found = (
        select(last)
        .where(
            last.c.variant_id == asked.c.id, last.c.channel_id == channel_id, last.c.currency == currency,
            last.c.at <= now,
        )
        .order_by(last.c.number.desc())
        .limit(1)
        .lateral("last")
    )  # fmt: skip

    return select(
        found.c.variant_id, found.c.number, found.c.amount, found.c.is_reduced,
        found.c.lowest_before_amount.label("lowest_before"), _lowest(found, now).label("lowest_now"),
    ).select_from(asked.join(found, true()))  # fmt: skip


def forgets(
    variant_ids: ColumnElement[Any], channel_id: ColumnElement[UUID], currency: ColumnElement[str],
    now: ColumnElement[Any],
) -> ScalarSelect[Any]:  # fmt: skip
    """When the lowest price of the last 30 days may be another without anybody's doing."""
    return (
        select(func.min(_shown.c.at) + WINDOW)
        .where(
            _shown.c.variant_id == any_(variant_ids), _shown.c.channel_id == channel_id,
            _shown.c.currency == currency, _shown.c.at > now - WINDOW,
        )
        .scalar_subquery()
    )  # fmt: skip


def _lowest(shown: Any, now: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Of the last 30 days, of the variant that this row is about."""
    within, earlier = _shown.alias("within"), _shown.alias("earlier")

    def of_same(row: Any) -> ColumnElement[bool]:
        return and_(
            *(row.c[name] == shown.c[name] for name in ("variant_id", "channel_id", "currency")), row.c.at <= now
        )

    # Each of these is told whose row it is about: what stands two selects above would be read anew, all of it.
    since = (
        select(func.max(earlier.c.number))
        # What was shown when the 30 days began was shown in them.
        .where(of_same(earlier), earlier.c.at <= now - WINDOW)
        .correlate(shown)
        .scalar_subquery()
    )
    return (
        select(func.min(within.c.amount))
        .where(of_same(within), within.c.number >= func.coalesce(since, 0))
        .correlate(shown)
        .scalar_subquery()
    )
