"""Which promotions there are, and the rules in force, compiled."""

from collections.abc import Collection
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Select, and_, cast, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

from shopwright.commerce.promotions.errors import UnknownPromotion, UnknownPromotionVersion
from shopwright.commerce.promotions.index import Index
from shopwright.commerce.promotions.models import Promotion, PromotionStatus, PromotionVersion, RulesInForce, State
from shopwright.commerce.promotions.rules import Kind, Rule
from shopwright.kit.db import as_json, as_object, session
from shopwright.kit.prepared import Prepared

#: To be read in the statement of each quote; what it says is handed to `compiled`.
RULES_VERSION = select(RulesInForce.version).where(RulesInForce.id == 1).scalar_subquery()

_HAS_CODE = Promotion.rule.contains({"conditions": [{"kind": "code"}]})
_BEGAN = or_(Promotion.starts_at.is_(None), Promotion.starts_at < Promotion.ended_at)
_RULE = Promotion.rule.op("||")(
    func.jsonb_build_object(
        "id", Promotion.id, "version", Promotion.version, "name", Promotion.name, "starts_at", Promotion.starts_at,
        "ends_at", func.least(Promotion.ends_at, Promotion.ended_at), "is_paused", Promotion.status == PromotionStatus.PAUSED,
    )
)  # fmt: skip
# What is paused or ended gives nothing: it is here only so that its codes are told why.
_IN_FORCE = select(cast(_RULE, JSONB).label("rule")).where(
    Promotion.activated_at.is_not(None),
    or_(Promotion.status == PromotionStatus.ACTIVE, and_(_HAS_CODE, or_(Promotion.ended_at.is_(None), _BEGAN))),
)
_LOAD = Prepared(select(as_object(version=RULES_VERSION, rules=as_json(_IN_FORCE))))


class _Row(msgspec.Struct, frozen=True):
    rule: Rule


class _Loaded(msgspec.Struct, frozen=True):
    version: UUID
    rules: list[_Row]


_decoder = msgspec.json.Decoder(_Loaded)
_compiling = Lock()
_newest: tuple[UUID, Index] | None = None


def newest() -> Index | None:
    """The rules that this process compiled last, if any. They may be out of date."""
    return _newest[1] if _newest else None


def compiled(version: UUID) -> Index:
    """The rules of this version (`RULES_VERSION`), or of a newer one. Compiled once a process; threads share them."""
    global _newest
    found = _newest
    if found is not None and found[0] == version:
        return found[1]
    # A connection first: who waits for one with the lock in hand could wait for those who wait for the lock.
    session.connection()
    with _compiling:
        if _newest is None or _newest[0] != version:
            _newest = _load()
        return _newest[1]


def then(moment: datetime) -> Index:
    """The rules as they were at a moment of the past, from their versions; compiled anew for each asking."""
    last = (
        select(PromotionVersion)
        .ext(distinct_on(PromotionVersion.promotion_id))
        .where(PromotionVersion.at <= moment)
        .order_by(PromotionVersion.promotion_id, PromotionVersion.version.desc())
    )
    held = (PromotionStatus.ACTIVE, PromotionStatus.PAUSED)
    return Index(row.as_rule() for row in session.scalars(last) if row.status in held)


def begin_or_end(after: datetime, until: datetime) -> bool:
    """Whether a catalog promotion's dates or hours, which nobody announces, fall between these moments."""
    version = session.scalar(select(RULES_VERSION))
    if version is not None and compiled(version).turns(after, until):
        return True
    edges = or_(*(and_(at > after, at <= until) for at in (Promotion.starts_at, Promotion.ends_at)))
    found = select(Promotion.id).where(
        Promotion.kind == Kind.CATALOG, Promotion.status == PromotionStatus.ACTIVE, edges
    )
    return session.scalar(select(found.exists())) or False


def get(promotion_id: UUID) -> Promotion:
    """Raises `UnknownPromotion`."""
    found = session.get(Promotion, promotion_id)
    if found is None:
        raise UnknownPromotion()
    return found


def everything(state: State | None, now: datetime) -> Select[Promotion]:
    """All promotions, or those that stand so now."""
    found = select(Promotion)
    return found if state is None else found.where(_stands(state, now))


def versions_of(promotion_id: UUID) -> Select[PromotionVersion]:
    """Raises `UnknownPromotion`."""
    get(promotion_id)
    return select(PromotionVersion).where(PromotionVersion.promotion_id == promotion_id)


def version_of(promotion_id: UUID, version: int) -> PromotionVersion:
    """Raises `UnknownPromotionVersion`."""
    found = session.get(PromotionVersion, (promotion_id, version))
    if found is None:
        raise UnknownPromotionVersion()
    return found


def as_if_active(promotion: Promotion) -> Rule:
    """As it is now, to be judged by between its dates, whatever staff have decided."""
    return replace(version_of(promotion.id, promotion.version).as_rule(), is_paused=False)


def as_they_were(versions: Collection[tuple[UUID, int]]) -> list[Rule]:
    """Promotions in these versions."""
    key = tuple_(PromotionVersion.promotion_id, PromotionVersion.version)
    return [row.as_rule() for row in session.scalars(select(PromotionVersion).where(key.in_(versions)))]


def met_by(promotion: Promotion, now: datetime) -> list[tuple[UUID, int]]:
    """Id and version of all others that are in force at some moment, from now on, at which this one would be."""
    begins = max(now, promotion.starts_at or now)
    ends = promotion.ends_at if promotion.ends_at is not None and promotion.ends_at > begins else None
    found = select(Promotion.id, Promotion.version).where(
        Promotion.status == PromotionStatus.ACTIVE,
        Promotion.id != promotion.id,
        or_(Promotion.ends_at.is_(None), Promotion.ends_at > begins),
    )
    if ends is not None:
        found = found.where(or_(Promotion.starts_at.is_(None), Promotion.starts_at < ends))
    return [(id_, version) for id_, version in session.execute(found.order_by(Promotion.id))]


def _load() -> tuple[UUID, Index]:
    row = _LOAD.first({})
    if row is None:
        raise AssertionError("a select without FROM has one row")
    loaded = _decoder.decode(row[0])
    return loaded.version, Index((entry.rule for entry in loaded.rules), before=_newest[1] if _newest else None)


def _stands(state: State, now: datetime) -> ColumnElement[bool]:
    """As `Promotion.state_at`."""
    status: Any = Promotion.status
    is_over = or_(status == PromotionStatus.ENDED, and_(status != PromotionStatus.DRAFT, Promotion.ends_at <= now))
    is_on = and_(status == PromotionStatus.ACTIVE, or_(Promotion.ends_at.is_(None), Promotion.ends_at > now))
    has_begun = or_(Promotion.starts_at.is_(None), Promotion.starts_at <= now)
    by_state: dict[State, ColumnElement[bool]] = {
        State.DRAFT: status == PromotionStatus.DRAFT,
        State.ENDED: is_over,
        State.PAUSED: and_(status == PromotionStatus.PAUSED, or_(Promotion.ends_at.is_(None), Promotion.ends_at > now)),
        State.SCHEDULED: and_(is_on, Promotion.starts_at > now),
        State.ACTIVE: and_(is_on, has_begun),
    }
    return by_state[state]
