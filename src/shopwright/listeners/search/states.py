"""Which products the index has to be told of: their versions go up with each fact, and are claimed by who writes."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, select, text, true, update
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.catalog.models import Product
from shopwright.kit import clock
from shopwright.kit.batches import batched
from shopwright.kit.db import after_commit, session
from shopwright.listeners.search.models import SearchDeadLetter, SearchState

#: After so many refusals of the same document it is a dead letter.
TRIES = 5
#: After how long an engine that was away is tried again, about.
AGAIN_SECONDS = 10
#: Longer than a bulk may take.
LEASE = timedelta(seconds=60)

# A version is the time in milliseconds, or one more than the last where that is later: states that were lost, or put back as
# they were long ago, go on above all that engines hold.
# In one order, so that two that raise the same ones do not wait for each other in a circle.
_RAISE = text("""
    INSERT INTO search_states (product_id, version, dirty_at, next_try_at)
    SELECT id, CAST(extract(epoch FROM CAST(:now AS timestamptz)) * 1000 AS bigint), :now, :now
    FROM unnest(CAST(:ids AS uuid[])) AS id ORDER BY id
    ON CONFLICT (product_id) DO UPDATE SET
        version = greatest(search_states.version + 1, excluded.version),
        dirty_at = coalesce(search_states.dirty_at, excluded.dirty_at),
        next_try_at = excluded.next_try_at, tries = 0, awaits_engine = false""")

_SENT = "FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS bigint[])) AS sent (id, version)"
_SAME = "WHERE product_id = sent.id AND search_states.version = sent.version"
_SETTLE = text(f"UPDATE search_states SET dirty_at = NULL, tries = 0 {_SENT} {_SAME}")  # noqa: S608  nothing of it comes from outside
_POSTPONE = text(f"""
    UPDATE search_states SET awaits_engine = true, next_try_at = :now + :seconds * (0.5 + random()) * interval '1 second'
    {_SENT} {_SAME}""")  # noqa: S608  nothing of it comes from outside
_REFUSE = text(f"""
    UPDATE search_states SET tries = tries + 1,
        next_try_at = :now + power(2, least(tries, 20)) * (0.5 + random()) * interval '1 second'
    {_SENT} {_SAME}""")  # noqa: S608  nothing of it comes from outside
_GIVE_UP = text("""
    UPDATE search_states SET dirty_at = NULL WHERE product_id = ANY(:ids) AND tries >= :tries RETURNING product_id""")


class Lag(NamedTuple):
    """How many products wait, and since when the oldest does."""

    waiting: int
    since: datetime | None


def touch(product_ids: Collection[UUID]) -> None:
    """Have these products indexed anew, with higher versions, soon after the commit."""
    if product_ids:
        session.execute(_RAISE, {"ids": sorted(set(product_ids)), "now": clock.now()})
        after_commit(lambda: nudge())


def touch_all() -> None:
    """Have every product indexed anew, also what is known of no more; in chunks of one transaction."""
    known = select(Product.id).union(select(SearchState.product_id)).order_by("id")
    for chunk in batched(session.scalars(known).all(), 5_000):
        touch(chunk)


def _nobody() -> None:
    """Without a worker to nudge, the clock's next round indexes."""


#: Called after a commit that made products dirty; `app` and `worker` put theirs here.
nudge: Callable[[], None] = _nobody


def claim(count: int, *, without_engine: bool = False) -> dict[UUID, int]:
    """Up to so many of the products that wait, with their versions; those that PostgreSQL's own index lacks come first, and are
    all if the engine is not to be written to. Nobody else gets them until `LEASE` is over: who claimed them may have died."""
    now = clock.now()
    waiting = (
        select(SearchState.product_id)
        .where(SearchState.dirty_at.is_not(None), SearchState.next_try_at <= now)
        .where(~SearchState.awaits_engine if without_engine else true())
        .order_by(SearchState.awaits_engine, SearchState.next_try_at, SearchState.product_id)
        .limit(count)
        .with_for_update(skip_locked=True)
        # Of a subquery PostgreSQL may make a loop, and claim so many for each row that it looks at.
        .cte("waiting")
    )
    claimed = session.execute(
        update(SearchState)
        .where(SearchState.product_id.in_(select(waiting.c.product_id)))
        .values(next_try_at=now + LEASE)
        .returning(SearchState.product_id, SearchState.version)
        .execution_options(synchronize_session=False)
    )
    return {row.product_id: row.version for row in claimed}


def settle(versions: Mapping[UUID, int]) -> None:
    """These are in the index with these versions. One that was raised meanwhile goes on waiting."""
    _lock(versions)
    session.execute(_SETTLE, _pairs(versions) | {"now": clock.now()})
    session.execute(delete(SearchDeadLetter).where(SearchDeadLetter.product_id.in_([*versions])))


def postpone(versions: Mapping[UUID, int]) -> None:
    """The index could not be written: try these again after a while, not all of them after as long. It is no refusal, however
    often it happens; and what waits is written within a minute after the engine is back."""
    _lock(versions)
    session.execute(_POSTPONE, _pairs(versions) | {"now": clock.now(), "seconds": AGAIN_SECONDS})


def refuse(versions: Mapping[UUID, int], refused: Collection[tuple[UUID, str, str]]) -> None:
    """These (with a language and a reason) were refused as they are: try again, and after `TRIES` times bury them."""
    _lock(versions)
    session.execute(_REFUSE, _pairs(versions) | {"now": clock.now()})
    given_up = {row.product_id for row in session.execute(_GIVE_UP, {"ids": [*versions], "tries": TRIES})}
    letters = [
        {"product_id": id_, "locale": locale, "version": versions[id_], "reason": reason, "at": clock.now()}
        for id_, locale, reason in refused
        if id_ in given_up
    ]
    if letters:
        _bury(letters)


def _bury(letters: list[dict[str, Any]]) -> None:
    written = insert(SearchDeadLetter).values(letters)
    changed = {name: written.excluded[name] for name in ("version", "reason", "at")}
    session.execute(written.on_conflict_do_update(index_elements=["product_id", "locale"], set_=changed))


def waiting(product_ids: Collection[UUID]) -> set[UUID]:
    """Those of these that are still to be written."""
    asked = select(SearchState.product_id).where(SearchState.product_id.in_([*product_ids]))
    return set(session.scalars(asked.where(SearchState.dirty_at.is_not(None))))


def dead(locale: str) -> set[UUID]:
    """Those that no index takes in this language."""
    return set(session.scalars(select(SearchDeadLetter.product_id).where(SearchDeadLetter.locale.in_((locale, "")))))


def lag() -> Lag:
    found = select(func.count(), func.min(SearchState.dirty_at)).where(SearchState.dirty_at.is_not(None))
    return Lag(*session.execute(found).one())


def lag_seconds() -> float:
    """For how long the product has waited that has done so for longest."""
    since = lag().since
    return 0.0 if since is None else max(0.0, (clock.now() - since).total_seconds())


def dead_letters() -> float:
    return session.scalars(select(func.count()).select_from(SearchDeadLetter)).one()


def _lock(product_ids: Collection[UUID]) -> None:
    """In the order in which `touch` locks them, too."""
    mine = select(SearchState.product_id).where(SearchState.product_id.in_([*product_ids]))
    session.execute(mine.order_by(SearchState.product_id).with_for_update(key_share=True))


def _pairs(versions: Mapping[UUID, int]) -> dict[str, Any]:
    return {"ids": [*versions], "versions": [*versions.values()]}
