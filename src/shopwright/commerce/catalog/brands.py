from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from shopwright.commerce.catalog.edits import flush
from shopwright.commerce.catalog.errors import StillInUse, UnknownBrand
from shopwright.commerce.catalog.events import BrandChanged
from shopwright.commerce.catalog.taxonomy import Brand
from shopwright.commerce.catalog.wording import free, like, slugify
from shopwright.kit import conditional, ids
from shopwright.kit.db import session
from shopwright.kit.events import emit


def get(brand_id: UUID) -> Brand:
    """Raises `UnknownBrand`."""
    brand = session.get(Brand, brand_id)
    if brand is None:
        raise UnknownBrand()
    return brand


def brand(name: str) -> Brand:
    """The brand of this name, made if there is none. Two who ask at once get the same."""
    by_name = select(Brand).where(Brand.name == name)
    while (found := session.scalar(by_name)) is None:
        # Whoever is in the way has the name, then it is found now, or only the slug, then there is another.
        new = {"id": ids.new(), "name": name, "slug": _derive_slug(name), "version": 1}
        made = session.scalar(insert(Brand).values(new).on_conflict_do_nothing().returning(Brand.id))
        if made is not None:
            emit(BrandChanged(brand_id=made))
    return found


def create_brand(name: str, slug: str | None = None) -> Brand:
    """Raises `NameTaken`, `SlugTaken`."""
    new = Brand(id=ids.new(), name=name, slug=slug or _derive_slug(name))
    session.add(new)
    return _saved(new)


def change_brand(brand_id: UUID, changes: Mapping[str, Any]) -> Brand:
    """Raises `UnknownBrand`, `NameTaken`, `SlugTaken`."""
    found = _lock(brand_id)
    for name, value in changes.items():
        setattr(found, name, value)
    return _saved(found)


def delete_brand(brand_id: UUID) -> None:
    """Raises `UnknownBrand`, and `StillInUse` while a product is of this brand."""
    session.delete(_lock(brand_id))
    try:
        session.flush()
    except IntegrityError as used:
        raise StillInUse() from used
    emit(BrandChanged(brand_id=brand_id))


def _lock(brand_id: UUID) -> Brand:
    found = session.get(Brand, brand_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise UnknownBrand()
    conditional.check(found.version)
    return found


def _saved(changed: Brand) -> Brand:
    flush()
    emit(BrandChanged(brand_id=changed.id))
    return changed


def _derive_slug(name: str) -> str:
    wished = slugify(name) or "brand"
    return free(wished, set(session.scalars(select(Brand.slug).where(Brand.slug.like(like(wished))))))
