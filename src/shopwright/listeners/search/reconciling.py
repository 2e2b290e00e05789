"""What the engines hold beside what they should: nightly, and by hand. What differs is indexed anew."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, select

from shopwright.commerce.catalog.models import Product
from shopwright.commerce.channels import queries as channels
from shopwright.kit.batches import batched
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search import engines, states
from shopwright.listeners.search.backend import SearchBackend
from shopwright.listeners.search.models import SearchState

PAGE = 5_000


class Versions(NamedTuple):
    """None where it is not found."""

    ours: int | None
    theirs: int | None


class Drift(NamedTuple):
    """Products that the index was never told of, and by engine those that it holds otherwise than PostgreSQL does."""

    unknown: set[UUID]
    astray: dict[str, set[UUID]]

    @property
    def products(self) -> set[UUID]:
        return self.unknown.union(*self.astray.values())


def reconcile() -> Drift:
    """Compare, and have what differs indexed anew. Raises `EngineAway`."""
    unknown = touch_unknown()
    with reading():
        locales = channels.active_locales()
    astray: dict[str, set[UUID]] = {}
    for engine in engines.written()[1:]:
        astray[engine.name] = {id_ for locale in sorted(locales) for id_ in _differing(engine, locale)}
    drift = Drift(unknown, astray)
    _touch(drift.products - unknown)
    return drift


def touch_unknown() -> set[UUID]:
    """Have the products indexed that the index was never told of."""
    with reading():
        unknown = set(session.scalars(select(Product.id).where(~exists().where(SearchState.product_id == Product.id))))
    _touch(unknown)
    return unknown


def _touch(product_ids: set[UUID]) -> None:
    for chunk in batched(sorted(product_ids), PAGE):
        with transaction():
            states.touch(chunk)


def _differing(engine: SearchBackend, locale: str) -> set[UUID]:
    """Missing there, too many there, or of another version. What is being indexed meanwhile is told once more, which harms
    nothing."""
    return {*differences(engine, locale)}


def differences(engine: SearchBackend, locale: str, index: str | None = None) -> dict[UUID, Versions]:
    """What PostgreSQL finds in another version than this engine's index (by default the one in use), or only one of them."""
    ours, theirs = dict(_all(engines.postgres, locale)), dict(_all(engine, locale, index))
    return {id_: Versions(ours.get(id_), theirs.get(id_)) for id_, _ in ours.items() ^ theirs.items()}


def _all(backend: SearchBackend, locale: str, index: str | None = None) -> Iterator[tuple[UUID, int]]:
    after: UUID | None = None
    while True:
        with reading():
            page = backend.versions(locale, after, PAGE, index)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1][0]
