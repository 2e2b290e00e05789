"""The index of an engine that is new, or lost what it held: filled batch by batch by whoever indexes, and used once it is whole.

Until then it has no index in use, which to a search is an engine that is away: PostgreSQL answers.
"""

from collections.abc import Collection, Iterable, Mapping

from shopwright.commerce.channels import queries as channels
from shopwright.kit.logging import get
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search import states, targets
from shopwright.listeners.search.aliased import AliasedBackend, Unfilled
from shopwright.listeners.search.backend import EngineAway

log = get("search")


def look(engine: AliasedBackend) -> None:
    """Begin with those that are missing, though nothing changes that would have them written to.

    What was lost of the others is written to no more: nothing that was to be written there would ever be done.
    """
    with reading():
        locales = channels.active_locales()
        known = targets.current()
    begun(engine, locales)
    for (name, locale), indexes in known.items():
        if name == engine.name:
            _forget(engine, locale, {*indexes} - {*engine.beside(locale), engine.used(locale)})


def _forget(engine: AliasedBackend, locale: str, lost: Collection[str]) -> None:
    with transaction():
        for index in lost:
            log.warning("an index is gone, it is written to no more", index=index)
            targets.remove(engine.name, locale, index)


def begun(engine: AliasedBackend, locales: Iterable[str]) -> dict[str, Unfilled]:
    """For each of these without an index in use, the one that is being filled from now on at the latest."""
    if unfilled := engine.prepare(sorted(locales)):
        begin(engine, unfilled)
    return unfilled


def begin(engine: AliasedBackend, unfilled: Mapping[str, Unfilled]) -> None:
    """Have every product written to those of these indexes that nobody fills yet."""
    with transaction():
        known = targets.current()
        new = {
            locale: each.index
            for locale, each in unfilled.items()
            if each.is_new or each.index not in known.get((engine.name, locale), ())
        }
        if not new:
            return
        states.touch_all()
        for locale, index in new.items():
            # After the products were touched, so that none of those waits since later.
            targets.add(engine.name, locale, index, is_first=True)
    log.warning("indexes were missing, all products are indexed", engine=engine.name, locales=sorted(new))


def end(engine: AliasedBackend) -> None:
    """Use those that hold all that the shop had when they were begun."""
    with reading():
        begun = targets.first(engine.name)
        oldest = states.lag().since if begun else None
    for locale, (index, since) in begun.items():
        if oldest is None or oldest > since:
            try:
                _use(engine, locale, index)
            except EngineAway as away:
                log.warning("the index is used later", index=index, reason=str(away))


def _use(engine: AliasedBackend, locale: str, index: str) -> None:
    engine.refresh(locale, index)
    if engine.used(locale) is None:
        engine.swap(locale, index)
    with transaction():
        targets.remove(engine.name, locale, index)
    if engine.used(locale) != index:
        # A reindex was faster.
        engine.drop(index)
