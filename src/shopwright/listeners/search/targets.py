"""The indexes that are written to beside the one in use. Whoever writes a batch asks anew which there are."""

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.listeners.search.models import SearchTarget

#: By engine and locale.
Targets = Mapping[tuple[str, str], list[str]]


def current() -> Targets:
    found: dict[tuple[str, str], list[str]] = {}
    for engine, locale, index in session.execute(select(SearchTarget.engine, SearchTarget.locale, SearchTarget.index)):
        found.setdefault((engine, locale), []).append(index)
    return found


def kept(engine: str) -> dict[str, str]:
    """By locale the index that was in use before."""
    # A row's `index` is a method to the type checker.
    of_engine = select(SearchTarget.locale, SearchTarget.index.label("name")).where(SearchTarget.engine == engine)
    return {row.locale: row.name for row in session.execute(of_engine.where(SearchTarget.is_kept))}


def add(engine: str, locale: str, index: str, *, is_kept: bool) -> None:
    row = {"engine": engine, "locale": locale, "index": index, "is_kept": is_kept, "since": clock.now()}
    keys = ["engine", "locale", "index"]
    session.execute(insert(SearchTarget).values(row).on_conflict_do_update(index_elements=keys, set_=row))


def remove(engine: str, locale: str, index: str) -> None:
    mine = SearchTarget.engine == engine, SearchTarget.locale == locale, SearchTarget.index == index
    session.execute(delete(SearchTarget).where(*mine))


def clear(engine: str) -> set[str]:
    """Write to none beside; answers with the locales that had one."""
    gone = delete(SearchTarget).where(SearchTarget.engine == engine).returning(SearchTarget.locale)
    return set(session.scalars(gone))
