"""The indexes that are written to beside the one in use. Whoever writes a batch asks anew which there are."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.listeners.search.models import SearchTarget

#: By engine and locale, each with since when. Alike twice, nothing has changed in between.
Targets = Mapping[tuple[str, str], Mapping[str, datetime]]


def current() -> Targets:
    found: dict[tuple[str, str], dict[str, datetime]] = {}
    wanted = select(SearchTarget.engine, SearchTarget.locale, SearchTarget.index, SearchTarget.since)
    for engine, locale, index, since in session.execute(wanted):
        found.setdefault((engine, locale), {})[index] = since
    return found


def kept(engine: str) -> dict[str, str]:
    """By locale the index that was in use before."""
    of_engine = select(SearchTarget.locale, SearchTarget.index).where(SearchTarget.engine == engine)
    return dict(session.execute(of_engine.where(SearchTarget.is_kept)).all())


def first(engine: str) -> dict[str, tuple[str, datetime]]:
    """By locale the index that is filled because there was none, and since when it is written to."""
    of_engine = select(SearchTarget.locale, SearchTarget.index, SearchTarget.since).where(SearchTarget.engine == engine)
    return {locale: (index, since) for locale, index, since in session.execute(of_engine.where(SearchTarget.is_first))}


def add(engine: str, locale: str, index: str, *, is_kept: bool = False, is_first: bool = False) -> None:
    row = {
        "engine": engine,
        "locale": locale,
        "index": index,
        "is_kept": is_kept,
        "is_first": is_first,
        "since": clock.now(),
    }
    keys = ["engine", "locale", "index"]
    session.execute(insert(SearchTarget).values(row).on_conflict_do_update(index_elements=keys, set_=row))


def remove(engine: str, locale: str, index: str) -> None:
    mine = SearchTarget.engine == engine, SearchTarget.locale == locale, SearchTarget.index == index
    session.execute(delete(SearchTarget).where(*mine))


def clear(engine: str) -> set[str]:
    """Write to none beside; answers with the locales that had one."""
    gone = delete(SearchTarget).where(SearchTarget.engine == engine).returning(SearchTarget.locale)
    return set(session.scalars(gone))
