from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from shopwright.kit import clock, conditional, principal
from shopwright.kit.db import after_commit, session
from shopwright.listeners.search.curation import bodies, checking, curated
from shopwright.listeners.search.curation.bodies import KIND_OF, Body, Weighting
from shopwright.listeners.search.curation.errors import (
    ChangedSince,
    KindFixed,
    TooManyCurations,
    UnknownCuration,
    UnknownRevision,
    WeightsExist,
)
from shopwright.listeners.search.curation.models import SearchCuration, SearchRevision

MOST = 5_000
TURN_LOCK = 0x5EA4


def add(body: Body) -> SearchCuration:
    """Have search do this from now on, within a few seconds everywhere. Raises `CurationNotSensible`, `WeightsExist`."""
    _take_turn()
    checking.check(body)
    standing = select(func.count()).select_from(SearchCuration).where(SearchCuration.removed_at.is_(None))
    if (session.scalar(standing) or 0) >= MOST:
        raise TooManyCurations()
    curation = SearchCuration(kind=KIND_OF[type(body)])
    session.add(curation)
    _write(curation, None, body)
    return curation


def change(curation_id: UUID, body: Body) -> SearchCuration:
    """Say it anew, whole. Raises `UnknownCuration`, `KindFixed`, `CurationNotSensible`."""
    curation = _lock(curation_id)
    conditional.check(curation.version)
    if KIND_OF[type(body)] != curation.kind:
        raise KindFixed()
    checking.check(body, instead_of=curation_id)
    _write(curation, curation.body, body)
    return curation


def remove(curation_id: UUID) -> None:
    curation = _lock(curation_id)
    conditional.check(curation.version)
    _write(curation, curation.body, None)


def undo(number: int) -> SearchRevision:
    """Make it as it was before this change, if what this change made is what is said now. Raises `UnknownRevision`,
    `ChangedSince`, `CurationIllegible`, and what `change` raises."""
    _take_turn()
    revision = session.get(SearchRevision, number)
    if revision is None:
        raise UnknownRevision()
    curation = session.get_one(SearchCuration, revision.curation_id, with_for_update=True, populate_existing=True)
    now = None if curation.removed_at else curation.body
    if now != revision.after:
        raise ChangedSince()
    before = None if revision.before is None else bodies.read(revision.before)
    if before is not None:
        checking.check(before, instead_of=curation.id)
    return _write(curation, now, before, undoes=number)


def _take_turn() -> None:
    """One change at a time: revisions are committed in the order of their numbers, by which other processes see that
    something is new."""
    session.execute(select(func.pg_advisory_xact_lock(TURN_LOCK)))


def _write(
    curation: SearchCuration, before: dict[str, Any] | None, after: Body | None, undoes: int | None = None
) -> SearchRevision:
    """`before` as it was stored, whether or not it can be read."""
    plain: dict[str, Any] | None = None
    if after is not None:
        curation.body = plain = msgspec.to_builtins(after)
        curation.channel_id = after.channel_id if isinstance(after, Weighting) else None
    curation.removed_at = clock.now() if after is None else None
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as fault:
        raise WeightsExist() from fault
    revision = SearchRevision(
        curation_id=curation.id, before=before, after=plain, made_version=curation.version,
        undoes=undoes, by=principal.current().name,
    )  # fmt: skip
    session.add(revision)
    session.flush()
    after_commit(curated.forget)
    return revision


def _lock(curation_id: UUID) -> SearchCuration:
    _take_turn()
    curation = session.get(SearchCuration, curation_id, with_for_update=True, populate_existing=True)
    if curation is None or curation.removed_at is not None:
        raise UnknownCuration()
    return curation


def get(curation_id: UUID) -> SearchCuration:
    curation = session.get(SearchCuration, curation_id)
    if curation is None or curation.removed_at is not None:
        raise UnknownCuration()
    return curation
