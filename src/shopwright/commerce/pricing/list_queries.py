"""Which price lists a quote has to know, now or as they were at a moment; and what staff ask of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    DateTime,
    FromClause,
    ScalarSelect,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from shopwright.commerce.accounts.models import GroupMember
from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.pricing.errors import UnknownPriceList
from shopwright.commerce.pricing.history_models import PriceAnnouncement, PriceEntry
from shopwright.commerce.pricing.list_models import PriceList, PriceListVersion, PriceTier
from shopwright.commerce.pricing.models import Price
from shopwright.kit.db import session, table_of

#: The moment whose prices are asked for.
NOW = bindparam("now", type_=DateTime(timezone=True))
CUSTOMER = bindparam("customer_id", type_=Uuid())
_GROUP = bindparam("group_id", type_=Uuid())
_MINE = select(GroupMember.group_id).where(GroupMember.customer_id == CUSTOMER)
MY_GROUPS = union_all(_MINE, select(_GROUP).where(_GROUP.is_not(None)))

_lists, _entries = table_of(PriceList), table_of(PriceEntry)


def prices_now(channel_id: ColumnElement[UUID], currency: ColumnElement[str]) -> Select[*tuple[Any, ...]]:
    """What the asked variants cost by themselves."""
    return select(
        Price.variant_id, Price.amount, Price.compare_at_amount, Price.cost_amount, Price.currency
    ).where(Price.channel_id == channel_id, Price.currency == currency, Price.variant_id == any_(catalog.IDS))  # fmt: skip


def prices_then(channel_id: ColumnElement[UUID], currency: ColumnElement[str]) -> Select[*tuple[Any, ...]]:
    """The same at the asked moment, from the history."""
    last = _last_entries(channel_id, currency, _entries.c.price_list_id.is_(None), (_entries.c.variant_id,))
    names = ("variant_id", "amount", "compare_at_amount", "cost_amount", "currency")
    return select(*(last.c[name] for name in names)).where(last.c.amount.is_not(None))


def lists_now(channel_id: ColumnElement[UUID], currency: ColumnElement[str]) -> CTE:
    """Those for the asking customer that hold now, and all that they are based on."""
    return _with_bases(_lists, channel_id, currency, _holds)


def lists_then(channel_id: ColumnElement[UUID], currency: ColumnElement[str]) -> CTE:
    """As they were at the asked moment."""
    last = (
        select(PriceListVersion.row)
        .ext(distinct_on(PriceListVersion.price_list_id))
        .where(PriceListVersion.at <= NOW)
        .order_by(PriceListVersion.price_list_id, PriceListVersion.version.desc())
        .subquery()
    )
    rows = func.jsonb_populate_record(literal_column("NULL::price_lists"), last.c.row)
    as_rows = rows.table_valued(*(column(each.name, each.type) for each in _lists.columns), name="row")
    return _with_bases(select(as_rows).select_from(last).cte("lists_then"), channel_id, currency, lambda _: true())


def tiers_now(lists: CTE) -> Select[*tuple[Any, ...]]:
    return select(PriceTier.price_list_id, PriceTier.variant_id, PriceTier.min_quantity, PriceTier.amount).where(
        PriceTier.variant_id == any_(catalog.IDS), PriceTier.price_list_id.in_(select(lists.c.id))
    )


def tiers_then(lists: CTE, channel_id: ColumnElement[UUID], currency: ColumnElement[str]) -> Select[*tuple[Any, ...]]:
    of_lists = _entries.c.price_list_id.in_(select(lists.c.id))
    keys = (_entries.c.price_list_id, _entries.c.variant_id, _entries.c.min_quantity)
    last = _last_entries(channel_id, currency, of_lists, keys)
    names = ("price_list_id", "variant_id", "min_quantity", "amount")
    return select(*(last.c[name] for name in names)).where(last.c.amount.is_not(None))


def _last_entries(
    channel_id: ColumnElement[UUID], currency: ColumnElement[str], which: ColumnElement[bool],
    keys: Sequence[ColumnElement[Any]],
) -> FromClause:  # fmt: skip
    return (
        select(_entries)
        .ext(distinct_on(*keys))
        .where(
            _entries.c.variant_id == any_(catalog.IDS), _entries.c.channel_id == channel_id,
            _entries.c.currency == currency, _entries.c.at <= NOW, which,
        )
        .order_by(*keys, _entries.c.at.desc(), _entries.c.id.desc())
        .subquery()
    )  # fmt: skip


def _holds(row: FromClause) -> ColumnElement[bool]:
    """Lists are never deleted: those of the past would cost every quote more each year."""
    return and_(
        row.c.is_active, or_(row.c.starts_at.is_(None), row.c.starts_at <= NOW), or_(row.c.ends_at.is_(None), row.c.ends_at > NOW)
    )  # fmt: skip


def _with_bases(
    source: FromClause, channel_id: ColumnElement[UUID], currency: ColumnElement[str],
    is_asked: Callable[[FromClause], ColumnElement[bool]],
) -> CTE:  # fmt: skip
    for_anybody = and_(source.c.customer_id.is_(None), source.c.group_id.is_(None))
    mine = or_(for_anybody, source.c.customer_id == CUSTOMER, source.c.group_id.in_(MY_GROUPS))
    first = select(source).where(
        source.c.channel_id == channel_id, source.c.currency == currency, mine, is_asked(source)
    )
    found = first.cte("lists", recursive=True)
    below = source.alias("below")
    # Without duplicates, so it ends even if lists were based on one another in a circle.
    return found.union(select(below).join(found, found.c.based_on_id == below.c.id).where(is_asked(below)))


def begins_or_ends(channel_id: ColumnElement[UUID], currency: ColumnElement[str]) -> ScalarSelect[Any]:
    """The next moment at which some list there begins or ends by its dates."""
    dates = (func.min(at).filter(at > NOW) for at in (_lists.c.starts_at, _lists.c.ends_at))
    return (
        select(func.least(*dates))
        .where(_lists.c.channel_id == channel_id, _lists.c.currency == currency, _lists.c.is_active)
        .scalar_subquery()
    )


def get(price_list_id: UUID) -> PriceList:
    """Raises `UnknownPriceList`."""
    found = session.get(PriceList, price_list_id)
    if found is None:
        raise UnknownPriceList()
    return found


def everything(channel_id: UUID | None) -> Select[PriceList]:
    """All lists, or those of a channel."""
    found = select(PriceList)
    return found if channel_id is None else found.where(PriceList.channel_id == channel_id)


def tiers_of(price_list_id: UUID) -> Select[PriceTier]:
    """Raises `UnknownPriceList`."""
    get(price_list_id)
    return select(PriceTier).where(PriceTier.price_list_id == price_list_id)


def based_on(price_list_id: UUID) -> list[PriceList]:
    """All lists that are based on this one, directly or not."""
    found = select(_lists.c.id).where(_lists.c.based_on_id == price_list_id).cte("above", recursive=True)
    above = _lists.alias("next")
    found = found.union(select(above.c.id).join(found, above.c.based_on_id == found.c.id))
    return list(session.scalars(select(PriceList).where(PriceList.id.in_(select(found.c.id)))))


def begin_or_end(after: datetime, until: datetime) -> bool:
    """Whether the dates of a list, which nobody announces, fall between these moments."""
    edges = or_(*(and_(at > after, at <= until) for at in (PriceList.starts_at, PriceList.ends_at)))
    # A list for one customer is on no listing, but another that is may be based on it.
    bases = select(_lists.c.based_on_id).where(_lists.c.based_on_id.is_not(None))
    is_listed = or_(PriceList.customer_id.is_(None), PriceList.id.in_(bases))
    found = select(PriceList.id).where(is_listed, PriceList.is_active, edges)
    return session.scalar(select(found.exists())) or False


def history_of(variant_id: UUID, channel_id: UUID) -> Select[PriceEntry]:
    return select(PriceEntry).where(PriceEntry.variant_id == variant_id, PriceEntry.channel_id == channel_id)


def announcements_of(variant_id: UUID, channel_id: UUID) -> Select[PriceAnnouncement]:
    """In the channel's currency. Raises `UnknownChannel`."""
    return select(PriceAnnouncement).where(
        PriceAnnouncement.variant_id == variant_id, PriceAnnouncement.channel_id == channel_id,
        PriceAnnouncement.currency == channels.get(channel_id).currency,
    )  # fmt: skip
