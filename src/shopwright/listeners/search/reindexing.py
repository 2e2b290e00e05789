"""A new index, made whole beside the one in use while the shop goes on, and used from one moment on.

From when it is made, whoever writes a batch writes it there as well (`targets`). It is filled with what the shop says from
then on, each product with a version that was read before the product itself; the engine keeps the newer of two. So it
does not matter who comes first, and what a writer did not know to write there is read by the filling. Whoever dies in
here leaves a target and an index, which the next run clears away before it begins anew.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from shopwright.commerce.channels import queries as channels
from shopwright.kit import db
from shopwright.kit.batches import batched
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search import documents, reconciling, states, targets
from shopwright.listeners.search.aliased import AliasedBackend
from shopwright.listeners.search.backend import EngineAway, Outcome, Written
from shopwright.listeners.search.documents import Built
from shopwright.listeners.search.errors import IndexAstray, NotAlone, NothingKept
from shopwright.listeners.search.models import SearchState
from shopwright.listeners.search.reconciling import Versions

BATCH = 500
LOCK = 0x5EA2C4
#: Between the tries of a batch that the engine does not take.
PAUSES = (0.5, 1, 2, 4, 8, 16)


class Reindexed(NamedTuple):
    """How many products were read, and by locale the index that is used now."""

    products: int
    used: dict[str, str]


def reindex(engine: AliasedBackend) -> Reindexed:
    """Make all indexes of this engine anew; those before stay, until the next time, for `roll_back`.

    Raises `IndexAstray` if the new one is not what it should be, `NotAlone`, and `EngineAway`; all stays as it was.
    """
    with alone():
        return _reindex(engine)


def _reindex(engine: AliasedBackend) -> Reindexed:
    _drop_kept(engine)
    reconciling.touch_unknown()
    made = {locale: engine.create(locale) for locale in sorted(_locales())}
    with transaction():
        for locale, index in made.items():
            targets.add(engine.name, locale, index)
    filled = _fill(engine, made)
    try:
        for locale, index in made.items():
            _catch_up(engine, locale, index)
    except IndexAstray:
        _discard(engine, made)
        raise
    for locale, index in made.items():
        _use(engine, locale, index)
    return Reindexed(filled, made)


def roll_back(engine: AliasedBackend) -> dict[str, str]:
    """Use those that were in use before, which were written to all the while; answers with them by locale.

    Done again, it takes that back. Raises as `reindex` does, and `NothingKept`.
    """
    with alone():
        with reading():
            kept = targets.kept(engine.name)
        if not kept:
            raise NothingKept()
        for locale, index in kept.items():
            # Nobody has looked at it since it was in use.
            _catch_up(engine, locale, index)
        for locale, index in kept.items():
            _use(engine, locale, index)
        return kept


def drop_kept(engine: AliasedBackend) -> list[str]:
    """Delete every index that is not in use, also what a run left that was killed. Raises `NotAlone` and `EngineAway`."""
    with alone():
        return _drop_kept(engine)


@contextmanager
def alone() -> Iterator[None]:
    """One at a time, over all processes; the lock is its connection's, and ends with it when its process dies."""
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(LOCK))):
            raise NotAlone()
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(LOCK)))


def _drop_kept(engine: AliasedBackend) -> list[str]:
    with transaction():
        # First, so that hardly anybody still writes there.
        locales = targets.clear(engine.name)
    dropped = [index for locale in sorted(locales | _locales()) for index in engine.beside(locale)]
    for index in dropped:
        engine.drop(index)
    return dropped


def _discard(engine: AliasedBackend, made: Mapping[str, str]) -> None:
    with transaction():
        for locale, index in made.items():
            targets.remove(engine.name, locale, index)
    for index in made.values():
        engine.drop(index)


def _locales() -> set[str]:
    with reading():
        return channels.active_locales()


def _fill(engine: AliasedBackend, made: Mapping[str, str]) -> int:
    """A batch is read while the engine stores the one before it."""
    after, filled, storing = UUID(int=0), 0, Future[None]()
    storing.set_result(None)
    with ThreadPoolExecutor(1) as sender:
        while versions := _versions_after(after):
            built = _built(versions)
            storing.result()
            storing = sender.submit(_store, engine, made, built)
            after, filled = next(reversed(versions)), filled + len(versions)
        storing.result()
    return filled


def _versions_after(after: UUID) -> dict[UUID, int]:
    following = select(SearchState.product_id, SearchState.version).where(SearchState.product_id > after)
    with reading():
        rows = session.execute(following.order_by(SearchState.product_id).limit(BATCH)).all()
    return {row.product_id: row.version for row in rows}


def _built(versions: Mapping[UUID, int]) -> Mapping[str, Built]:
    with reading():
        return documents.build(versions)


def _store(engine: AliasedBackend, made: Mapping[str, str], built: Mapping[str, Built]) -> None:
    for locale, index in made.items():
        found, gone = built.get(locale, Built([], []))
        _insisting(partial(engine.write, locale, found, index))
        _insisting(partial(engine.delete, locale, gone, index))


def _insisting(write: Callable[[], list[Outcome]]) -> None:
    """Again and again, for half a minute. What is refused is seen when the index is compared."""
    for pause in PAUSES:
        try:
            written = {outcome.written for outcome in write()}
        except EngineAway:
            written = {Written.LATER}
        if Written.DROPPED in written:
            raise EngineAway("it has lost the index that is filled")
        if Written.LATER not in written:
            return
        time.sleep(pause)
    raise EngineAway("it does not take what is written")


def _catch_up(engine: AliasedBackend, locale: str, index: str) -> None:
    """Write what this index holds otherwise than PostgreSQL, and compare again.

    What changes meanwhile, or has changed in the shop but was not yet announced, soon differs in other versions or no
    more. What goes on to differ as it did is wrong, but for what still waits to be written, or no index takes.
    """
    same = _compared(engine, locale, index)
    for pause in (0, *PAUSES):
        if not _unexplained(same, locale):
            return
        for wanted in batched(sorted(same), BATCH):
            _store(engine, {locale: index}, _built(_versions(wanted)))
        time.sleep(pause)
        same = dict(same.items() & _compared(engine, locale, index).items())
    if astray := _unexplained(same, locale):
        raise IndexAstray(index, len(astray), min(astray))


def _unexplained(differing: Collection[UUID], locale: str) -> set[UUID]:
    with reading():
        return {*differing} - states.waiting(differing) - states.dead(locale)


def _compared(engine: AliasedBackend, locale: str, index: str) -> dict[UUID, Versions]:
    engine.refresh(locale, index)
    return reconciling.differences(engine, locale, index)


def _versions(product_ids: Collection[UUID]) -> dict[UUID, int]:
    wanted = select(SearchState.product_id, SearchState.version).where(SearchState.product_id.in_(product_ids))
    with reading():
        return {row.product_id: row.version for row in session.execute(wanted)}


def _use(engine: AliasedBackend, locale: str, index: str) -> None:
    """The one before is written to as a target from before the change on, so that it stays as true as the new one. Whoever was
    writing meanwhile does so again (`indexing`)."""
    before = engine.used(locale)
    if before is not None and before != index:
        with transaction():
            targets.add(engine.name, locale, before, is_kept=True)
    engine.swap(locale, index)
    with transaction():
        targets.remove(engine.name, locale, index)
