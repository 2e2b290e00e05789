"""The category tree. Whoever changes its shape holds the whole tree, so that no two moves can close a circle."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, func, literal, select, update
from sqlalchemy.exc import IntegrityError

from shopwright.commerce.catalog.edits import flush
from shopwright.commerce.catalog.errors import CategoryCycle, StillInUse, UnknownCategory, refusal
from shopwright.commerce.catalog.events import CategoryChanged
from shopwright.commerce.catalog.taxonomy import MAX_DEPTH, Category
from shopwright.commerce.catalog.wording import free, like, slugify, storable
from shopwright.kit import conditional, ids
from shopwright.kit.db import session
from shopwright.kit.events import emit

TREE_LOCK = 0x5403


def get(category_id: UUID) -> Category:
    """Raises `UnknownCategory`."""
    found = session.get(Category, category_id)
    if found is None:
        raise UnknownCategory()
    return found


def category(*titles: str) -> Category:
    """The category at the end of this path of titles, with all that is missing on the way made."""
    found = _walk(titles)
    if len(found) < len(titles):
        # Somebody else may have made them while we waited for the tree.
        _hold_the_tree()
        found = _walk(titles)
    for title in titles[len(found) :]:
        found.append(_plant(found[-1] if found else None, title=title, slug=None))
    return found[-1]


def create_category(*, title: str, parent_id: UUID | None = None, slug: str | None = None, **more: Any) -> Category:
    """Raises `UnknownCategory` for the parent, `SlugTaken`, `NameTaken` beside a sister, `CategoryTooDeep`.

    `more`: description, position, translations.
    """
    _hold_the_tree()
    parent = _lock(parent_id) if parent_id else None
    return _plant(parent, title=title, slug=slug, **more)


def change_category(category_id: UUID, changes: Mapping[str, Any]) -> Category:
    """Change what `changes` names; a new `parent_id` moves it with all that lies below.

    Raises `UnknownCategory`, `CategoryCycle`, `CategoryTooDeep`, `SlugTaken`, `NameTaken`.
    """
    values = storable(changes)
    if "parent_id" in values:
        _hold_the_tree()
    found = _lock(category_id)
    conditional.check(found.version)
    if "parent_id" in values and values["parent_id"] != found.parent_id:
        _move(found, values["parent_id"])
    for name, value in values.items():
        setattr(found, name, value)
    flush()
    emit(CategoryChanged(category_id=found.id))
    return found


def delete_category(category_id: UUID) -> None:
    """Raises `UnknownCategory`, and `StillInUse` while products or categories lie in it."""
    found = _lock(category_id)
    conditional.check(found.version)
    session.delete(found)
    try:
        session.flush()
    except IntegrityError as used:
        raise StillInUse() from used
    emit(CategoryChanged(category_id=category_id))


def _walk(titles: tuple[str, ...]) -> list[Category]:
    """The part of the path that exists."""
    found: list[Category] = []
    for title in titles:
        parent_id = found[-1].id if found else None
        here = select(Category).where(Category.parent_id.is_not_distinct_from(parent_id), Category.title == title)
        step = session.scalar(here)
        if step is None:
            break
        found.append(step)
    return found


def _plant(parent: Category | None, *, title: str, slug: str | None, **more: Any) -> Category:
    new_id = ids.new()
    new = Category(
        id=new_id,
        parent_id=parent.id if parent else None,
        path=[*(parent.path if parent else []), new_id],
        title=title,
        slug=slug or _derive_slug(title),
        **storable(more),
    )
    session.add(new)
    flush()
    emit(CategoryChanged(category_id=new.id))
    return new


def _move(moved: Category, parent_id: UUID | None) -> None:
    parent = _lock(parent_id) if parent_id else None
    if parent and moved.id in parent.path:
        raise CategoryCycle()
    above = [*(parent.path if parent else []), moved.id]
    kept_from = len(moved.path) + 1
    try:
        session.execute(
            update(Category)
            .where(Category.path.contains([moved.id]), Category.id != moved.id)
            .values(path=func.array_cat(literal(above, ARRAY(Uuid)), Category.path[kept_from:MAX_DEPTH]))
            .execution_options(synchronize_session=False)
        )
    except IntegrityError as fault:
        raise refusal(fault) from fault
    moved.path = above


def _lock(category_id: UUID) -> Category:
    found = session.get(Category, category_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise UnknownCategory()
    return found


def _hold_the_tree() -> None:
    session.execute(select(func.pg_advisory_xact_lock(TREE_LOCK)))


def _derive_slug(title: str) -> str:
    wished = slugify(title) or "category"
    return free(wished, set(session.scalars(select(Category.slug).where(Category.slug.like(like(wished))))))
