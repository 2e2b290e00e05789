"""The worker's part: what is dirty is claimed, read as it is now, and written to every engine with its version."""

from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from uuid import UUID

from shopwright.commerce.pricing import list_queries as price_lists
from shopwright.commerce.promotions import queries as promotions
from shopwright.kit import clock
from shopwright.kit.batches import batched
from shopwright.kit.db import session
from shopwright.kit.errors import Busy, Unavailable
from shopwright.kit.logging import get
from shopwright.kit.transaction import atomically, reading, transaction
from shopwright.listeners.search import documents, engines, filling, states, targets
from shopwright.listeners.search.aliased import AliasedBackend, Unfilled
from shopwright.listeners.search.backend import EngineAway, SearchBackend, Written
from shopwright.listeners.search.documents import Built
from shopwright.listeners.search.models import SearchClock
from shopwright.listeners.search.targets import Targets

BATCH = 500
#: What PostgreSQL and an engine work on at the same time is one of these each.
PIECE = 125

log = get("search")

#: A product, the language of its document (or none, if it is about all of them), and why it was refused.
Refused = tuple[UUID, str, str]


def run(most: int = 1_000_000) -> int:
    """Index what waits, batch by batch, up to so many products; answers how many were taken on."""
    taken = 0
    while taken < most and (claimed := _round(min(BATCH, most - taken))):
        taken += claimed
    if engine := engines.with_aliases():
        filling.end(engine)
    return taken


def _round(count: int) -> int:
    with transaction():
        versions = states.claim(count, without_engine=engines.is_resting())
    if versions:
        _index(versions)
    return len(versions)


def _index(versions: Mapping[UUID, int]) -> None:
    """One product that cannot be indexed, whatever the fault, holds up no other: those of its batch are tried alone."""
    try:
        refused = _everywhere(versions)
    except EngineAway as away:
        log.warning("the index follows later", products=len(versions), reason=str(away))
        with transaction():
            states.postpone(versions)
        return
    except (Busy, Unavailable):
        # Nothing was wrong with them: they are anybody's again when the lease is over.
        raise
    except Exception as fault:
        log.error("could not be indexed", products=len(versions), exc_info=fault)
        if len(versions) > 1:
            for product_id, version in versions.items():
                _index({product_id: version})
            return
        refused = [(product_id, "", type(fault).__name__) for product_id in versions]
    _note(versions, refused)


def _everywhere(versions: Mapping[UUID, int]) -> list[Refused]:
    """Into every index there is, and again if that changed meanwhile: who knew of the indexes before another one came into use,
    and wrote to the one in use after it, left out the one before. Raises as `_in_pieces` does."""
    while True:
        with reading():
            # Before the products: what a new index's own reading of them does not see, is written to it from here.
            beside = targets.current()
        refused = _in_pieces(versions, beside)
        with reading():
            if targets.current() == beside:
                return refused


def _in_pieces(versions: Mapping[UUID, int], beside: Targets) -> list[Refused]:
    """First into PostgreSQL's own index, then into the engine's, which takes one piece while the next is read.

    Raises once nothing is under way any more, and `EngineAway` only when PostgreSQL has all of them.
    """
    own, *others = engines.written()
    refused: list[Refused] = []
    stored: list[Future[list[Refused]]] = []
    with ThreadPoolExecutor(1) as sender:
        for piece in batched(versions.items(), PIECE):
            # No transaction is open while an engine is written to.
            with reading():
                built = documents.build(dict(piece))
            refused += atomically(partial(_written, own, built, {}, beside))
            stored += [_sent(sender, engine, built, beside) for engine in others]
    return [*refused, *(each for future in stored for each in future.result())]


def _sent(
    sender: ThreadPoolExecutor, engine: SearchBackend, built: Mapping[str, Built], beside: Targets
) -> Future[list[Refused]]:
    try:
        # Here and not by the sender, since it may write to the database.
        unfilled = (
            filling.begun(engine, built) if isinstance(engine, AliasedBackend) and not engines.is_resting() else {}
        )
    except EngineAway as away:
        engines.rest()
        failed = Future[list[Refused]]()
        failed.set_exception(away)
        return failed
    return sender.submit(_stored, engine, built, unfilled, beside)


def _note(versions: Mapping[UUID, int], refused: list[Refused]) -> None:
    bad = {product_id for product_id, _, _ in refused}
    with transaction():
        states.settle({id_: version for id_, version in versions.items() if id_ not in bad})
        if bad:
            states.refuse({id_: versions[id_] for id_ in bad}, refused)


def _stored(
    engine: SearchBackend, built: Mapping[str, Built], unfilled: Mapping[str, Unfilled], beside: Targets
) -> list[Refused]:
    """Raises `EngineAway` also where single documents were put off, since those around them may be, too."""
    if engines.is_resting():
        raise EngineAway("it took no writes a moment ago")
    try:
        return _written(engine, built, unfilled, beside)
    except EngineAway:
        engines.rest()
        raise


def _written(
    backend: SearchBackend, built: Mapping[str, Built], unfilled: Mapping[str, Unfilled], beside: Targets
) -> list[Refused]:
    refused: list[Refused] = []
    for locale, (found, gone) in built.items():
        for index in _indexes(unfilled.get(locale), beside.get((backend.name, locale), ())):
            for outcome in [*backend.write(locale, found, index), *backend.delete(locale, gone, index)]:
                if outcome.written is Written.LATER:
                    raise EngineAway(outcome.reason)
                if outcome.written is Written.REFUSED:
                    refused.append((outcome.product_id, locale, outcome.reason))
    return refused


def _indexes(unfilled: Unfilled | None, beside: Collection[str]) -> Collection[str | None]:
    """The one in use first, if there is one: it waits for no other."""
    if unfilled is None:
        return (None, *beside)
    # One that was begun since the batch was claimed had all products touched: they come again, and go there then.
    return beside if unfilled.index in beside else ()


def follow_the_clock() -> None:
    """Have all products indexed anew if a promotion or a list has begun or ended by its dates since this was last asked."""
    row, now = session.get(SearchClock, 1, with_for_update=True, populate_existing=True), clock.now()
    assert row is not None, "the migration makes it"
    if promotions.begin_or_end(row.looked_until, now) or price_lists.begin_or_end(row.looked_until, now):
        states.touch_all()
    row.looked_until = max(row.looked_until, now)
    session.flush()
