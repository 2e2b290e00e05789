"""What an order was given is counted against the limits in its own transaction, and given back when the order is not to be.

A limit is a row that is locked: whoever comes too late finds it used up, and nothing is counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    String,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    delete,
    exists,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.expression import literal

from shopwright.commerce.promotions import queries
from shopwright.commerce.promotions.models import Promotion
from shopwright.commerce.promotions.offers import Redemption, Spent
from shopwright.commerce.promotions.rules import FirstOrder, Limits, Terms
from shopwright.commerce.promotions.use_models import PromotionBuyer, PromotionRedemption, PromotionUse
from shopwright.kit import clock, ids
from shopwright.kit.db import session, table_of
from shopwright.kit.prepared import Prepared


class LimitReached(Exception):
    """Others were faster: these limits are used up by now, or too little is left of a budget, or a first order is none."""

    def __init__(self, spent: Sequence[Spent]) -> None:
        super().__init__()
        self.spent = tuple(spent)


class Counter(NamedTuple):
    """A row of `promotion_uses`, in the order in which they are locked; what is added to it, and how far it may go."""

    promotion_id: UUID
    kind: str
    key: str
    amount: int = 0
    most: int | None = None
    budget: int | None = None


_uses, _buyers, _redemptions = table_of(PromotionUse), table_of(PromotionBuyer), table_of(PromotionRedemption)
_TYPES = {
    "promotion_id": Uuid,
    "kind": String,
    "key": String,
    "amount": BigInteger,
    "most": BigInteger,
    "budget": BigInteger,
}
_wanted = (
    func.unnest(*(bindparam(name, type_=ARRAY(type_())) for name, type_ in _TYPES.items()))
    .table_valued(*_TYPES, name="wanted")
    .render_derived()
)
_KEY = ("promotion_id", "kind", "key")
_BEGIN = Prepared(
    insert(_uses)
    .from_select(
        [*_KEY, "used", "amount"],
        select(*(_wanted.c[name] for name in _KEY), literal(0), literal(0)).order_by(
            *(_wanted.c[name] for name in _KEY)
        ),
        include_defaults=False,
    )
    .on_conflict_do_nothing()
)
_locked = (
    select(*(_uses.c[name] for name in _KEY))
    .where(tuple_(*(_uses.c[name] for name in _KEY)).in_(select(*(_wanted.c[name] for name in _KEY))))
    .order_by(*(_uses.c[name] for name in _KEY))
    .with_for_update()
)
_LOCK = Prepared(_locked.add_columns(_uses.c.used, _uses.c.amount))
_ADD = Prepared(
    _uses.update()
    .where(*(_uses.c[name] == _wanted.c[name] for name in _KEY))
    .values(used=_uses.c.used + bindparam("times", type_=BigInteger), amount=_uses.c.amount + _wanted.c.amount)
)
_WRITE = Prepared(
    insert(_redemptions).from_select(
        _redemptions.columns.keys(),
        select(
            func.jsonb_to_recordset(cast(bindparam("rows", type_=Text), JSONB))
            .table_valued(*(column(each.name, each.type) for each in _redemptions.columns), name="sent")
            .render_derived(with_types=True)
        ),
        include_defaults=False,
    )
)
# Orders of one buyer wait for each other here, in the order of their keys, so that only one of them is the first.
_key = func.unnest(bindparam("keys", type_=ARRAY(String))).column_valued("key")
_turn = (
    select(_key, func.pg_advisory_xact_lock(func.hashtextextended(_key, 0)).label("held"))
    .cte("turn")
    .prefix_with("MATERIALIZED")
)
_NOTE = Prepared(
    insert(_buyers)
    .from_select(["key", "order_id"], select(_turn.c.key, bindparam("order_id", type_=Uuid())), include_defaults=False)
    .on_conflict_do_nothing()
)
_BEFORE = Prepared(
    select(
        exists().where(
            _buyers.c.key == func.any(bindparam("keys", type_=ARRAY(String))),
            _buyers.c.order_id != bindparam("order_id", type_=Uuid()),
        )
    )
)


def redeem(order_id: UUID, redemptions: Sequence[Redemption], buyer_keys: Sequence[str]) -> None:
    """Count what the order was given, and that its buyer has ordered. Called for every order, in its transaction.

    Raises `LimitReached`; then nothing was counted. Nothing is waited for unless there is a limit.
    """
    counters = {each.promotion_id: [*_counters(each, buyer_keys)] for each in redemptions}
    _count([counter for found in counters.values() for counter in found])
    if redemptions:
        rows = [_row(order_id, each, counters[each.promotion_id]) for each in redemptions]
        _WRITE.run({"rows": msgspec.json.encode(rows).decode()})
    if buyer_keys:
        _note(order_id, sorted(buyer_keys), is_first=any(_is_for_first(each.promotion_id) for each in redemptions))


def give_back(*order_ids: UUID, was_paid: bool) -> None:
    """These orders are not to be: what they were given is to be had again. Again it changes nothing.

    Who never paid has not ordered yet, as far as first orders go.
    """
    given = session.scalars(
        select(PromotionRedemption)
        .where(PromotionRedemption.order_id.in_(order_ids))
        .order_by(PromotionRedemption.order_id, PromotionRedemption.promotion_id)
    ).all()
    back = {(row.order_id, row.promotion_id) for row in given if row.is_given_back}
    returned = [row for row in given if (row.order_id, row.promotion_id) not in back]
    if returned:
        _add([Counter(row.promotion_id, kind, key, -row.amount) for row in returned for kind, key in row.counters], -1)
        _WRITE.run({"rows": msgspec.json.encode([_counter_entry(row) for row in returned]).decode()})
    if not was_paid:
        session.execute(delete(PromotionBuyer).where(PromotionBuyer.order_id.in_(order_ids)))


def _counters(given: Redemption, buyer_keys: Sequence[str]) -> Iterator[Counter]:
    limits = _limits_of(given.promotion_id)
    if limits.total is not None or limits.budget is not None:
        budget = None if limits.budget is None else limits.budget.amount
        yield Counter(given.promotion_id, "total", "", given.amount, limits.total, budget)
    if limits.per_code is not None and given.code is not None:
        yield Counter(given.promotion_id, "code", given.code, given.amount, limits.per_code)
    if limits.per_day is not None:
        yield Counter(given.promotion_id, "day", clock.now().date().isoformat(), given.amount, limits.per_day)
    if limits.per_customer is not None:
        for key in buyer_keys:
            yield Counter(given.promotion_id, "buyer", key, given.amount, limits.per_customer)


def _limits_of(promotion_id: UUID) -> Limits:
    return _terms_of(promotion_id).limits


def _is_for_first(promotion_id: UUID) -> bool:
    return any(isinstance(condition, FirstOrder) for condition in _terms_of(promotion_id).conditions)


def _terms_of(promotion_id: UUID) -> Terms:
    newest = queries.newest()
    known = newest.by_id.get(promotion_id) if newest else None
    # One that was ended since the quote is no longer among the rules.
    return known.rule if known else session.get_one(Promotion, promotion_id).terms


def _note(order_id: UUID, keys: list[str], *, is_first: bool) -> None:
    """Write down who orders. Raises `LimitReached` if this had to be the first order and another one is."""
    asked = {"keys": keys, "order_id": order_id}
    _NOTE.run(asked)
    if is_first and _BEFORE.all(asked) == [(True,)]:
        raise LimitReached(())


def _count(counters: Sequence[Counter]) -> None:
    if not counters:
        return
    asked = _asked(counters)
    _BEGIN.run(asked)
    found = {row[:3]: row[3:] for row in _LOCK.all(asked)}
    if spent := [*_exceeded(counters, found)]:
        raise LimitReached(spent)
    _ADD.run(asked | {"times": 1})


def _exceeded(counters: Sequence[Counter], found: Mapping[tuple[UUID, str, str], tuple[int, int]]) -> Iterator[Spent]:
    names = {"total": "total", "code": "per_code", "day": "per_day", "buyer": "per_customer"}
    for each in counters:
        used, amount = found[each[:3]]
        if each.most is not None and used >= each.most:
            code = each.key if each.kind == "code" else None
            yield Spent(promotion_id=each.promotion_id, limit=names[each.kind], code=code)
        if each.budget is not None and amount + each.amount > each.budget:
            yield Spent(promotion_id=each.promotion_id, limit="budget", left=max(each.budget - amount, 0))


def _add(counters: Sequence[Counter], each_time: int) -> None:
    """To rows that are there, locked in their order first. Of several for one row the sum is added."""
    summed: list[tuple[int, Counter]] = []
    for _, same in groupby(sorted(counters, key=_place), key=_place):
        alike = [*same]
        summed.append((len(alike), alike[0]._replace(amount=sum(each.amount for each in alike))))
    if summed:
        _LOCK.all(_asked([counter for _, counter in summed]))
    for times, group in groupby(sorted(summed, key=lambda entry: entry[0]), key=lambda entry: entry[0]):
        _ADD.run(_asked([counter for _, counter in group]) | {"times": each_time * times})


def _place(counter: Counter) -> tuple[UUID, str, str]:
    return counter.promotion_id, counter.kind, counter.key


def _asked(counters: Sequence[Counter]) -> dict[str, object]:
    columns = [list(values) for values in zip(*counters, strict=True)]
    return dict(zip(_TYPES, columns, strict=True))


def _row(order_id: UUID, given: Redemption, counters: Sequence[Counter]) -> dict[str, object]:
    return {
        "id": ids.new(), "order_id": order_id, "promotion_id": given.promotion_id, "version": given.version,
        "code": given.code, "amount": given.amount, "counters": [[each.kind, each.key] for each in counters],
        "is_given_back": False, "at": clock.now(),
    }  # fmt: skip


def _counter_entry(row: PromotionRedemption) -> dict[str, object]:
    return {
        "id": ids.new(), "order_id": row.order_id, "promotion_id": row.promotion_id, "version": row.version,
        "code": row.code, "amount": row.amount, "counters": row.counters, "is_given_back": True, "at": clock.now(),
    }  # fmt: skip
