from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from shopwright.commerce.catalog.edits import flush
from shopwright.commerce.catalog.errors import UnknownCollection
from shopwright.commerce.catalog.events import CollectionChanged
from shopwright.commerce.catalog.taxonomy import Collection, CollectionItem
from shopwright.commerce.catalog.wording import free, like, slugify, storable
from shopwright.kit import conditional, ids
from shopwright.kit.db import session
from shopwright.kit.events import emit


def get(collection_id: UUID) -> Collection:
    """With its items. Raises `UnknownCollection`."""
    return _found(collection_id, is_locked=False)


def create_collection(*, title: str, slug: str | None = None, **more: Any) -> Collection:
    """Raises `SlugTaken`. `more`: description, translations, is_published."""
    new = Collection(id=ids.new(), title=title, slug=slug or _derive_slug(title), items=[], **storable(more))
    session.add(new)
    return _saved(new)


def change_collection(collection_id: UUID, changes: Mapping[str, Any]) -> Collection:
    """Raises `UnknownCollection`, `SlugTaken`."""
    found = _lock(collection_id)
    values = storable(changes)
    for name, value in values.items():
        setattr(found, name, value)
    return _saved(found)


def pick(collection_id: UUID, product_ids: Sequence[UUID]) -> Collection:
    """Have exactly these products, in this order; one named twice stands where it came first.

    Raises `UnknownCollection`, `UnknownProduct`.
    """
    found = _lock(collection_id)
    found.items = []
    # The places are free only once the old items are gone.
    flush()
    picked = dict.fromkeys(product_ids)
    found.items = [CollectionItem(position=position, product_id=each) for position, each in enumerate(picked)]
    found.version += 1
    return _saved(found)


def delete_collection(collection_id: UUID) -> None:
    """Raises `UnknownCollection`."""
    session.delete(_lock(collection_id))
    session.flush()
    emit(CollectionChanged(collection_id=collection_id))


def _lock(collection_id: UUID) -> Collection:
    found = _found(collection_id, is_locked=True)
    conditional.check(found.version)
    return found


def _found(collection_id: UUID, *, is_locked: bool) -> Collection:
    wanted = select(Collection).where(Collection.id == collection_id).options(selectinload(Collection.items))
    if is_locked:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise UnknownCollection()
    return found


def _saved(changed: Collection) -> Collection:
    flush()
    emit(CollectionChanged(collection_id=changed.id))
    return changed


def _derive_slug(title: str) -> str:
    wished = slugify(title) or "collection"
    return free(wished, set(session.scalars(select(Collection.slug).where(Collection.slug.like(like(wished))))))
