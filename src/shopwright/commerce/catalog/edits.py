"""How a product is edited: locked with all its parts, changed, and announced once under its one version."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from shopwright.commerce.catalog.errors import SlugTaken, UnknownProduct, refusal
from shopwright.commerce.catalog.events import ProductChanged
from shopwright.commerce.catalog.models import Product, Slug, Variant
from shopwright.commerce.catalog.wording import free, like, slugify
from shopwright.kit import conditional
from shopwright.kit.db import session
from shopwright.kit.events import emit

PARTS = (
    selectinload(Product.options),
    selectinload(Product.media),
    selectinload(Product.variants).selectinload(Variant.picture),
    selectinload(Product.translations),
    selectinload(Product.shelves),
)


def get(product_id: UUID) -> Product:
    """A product with its parts, whatever its state. Raises `UnknownProduct`."""
    product = session.scalar(select(Product).where(Product.id == product_id).options(*PARTS))
    if product is None:
        raise UnknownProduct()
    return product


def lock(product_id: UUID) -> Product:
    """The same for an edit: others wait. Raises `UnknownProduct`, and `PreconditionFailed` for a stale edit."""
    product = _locked(Product.id == product_id)
    if product is None:
        raise UnknownProduct()
    conditional.check(product.version)
    return product


def find(external_reference: str) -> Product | None:
    """The product that was imported from there, locked."""
    return _locked(Product.external_reference == external_reference)


def put(row: Any, values: Mapping[str, Any]) -> bool:
    """Set what is different; answers whether anything was."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def save(product: Product) -> Product:
    """Write the edit under a new version and announce it. Raises what a violated constraint means."""
    product.touch()
    flush()
    emit(ProductChanged(product_id=product.id))
    return product


def flush() -> None:
    try:
        session.flush()
    except IntegrityError as fault:
        raise refusal(fault) from fault


def claim_slugs(product: Product) -> None:
    """Keep the product's present slugs as its own for good. Call it once the product is flushed. Raises `SlugTaken`."""
    spoken = {each.slug for each in product.translations if each.slug} | {product.slug}
    claim = insert(Slug).values([{"slug": slug, "product_id": product.id} for slug in sorted(spoken)])
    kept = claim.on_conflict_do_update(
        index_elements=[Slug.slug],
        set_={"slug": claim.excluded.slug},
        where=Slug.product_id == claim.excluded.product_id,
    )
    lost = spoken - set(session.scalars(kept.returning(Slug.slug)))
    if lost:
        raise SlugTaken(slug=min(lost))


def derive_slug(title: str) -> str:
    """A slug that nobody has or had, made from the title."""
    wished = slugify(title) or "product"
    return free(wished, set(session.scalars(select(Slug.slug).where(Slug.slug.like(like(wished))))))


def _locked(which: Any) -> Product | None:
    found = select(Product).where(which).options(*PARTS).with_for_update(of=Product)
    return session.scalar(found, execution_options={"populate_existing": True})
