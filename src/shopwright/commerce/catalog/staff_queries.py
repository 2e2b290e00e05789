"""What staff may ask of the catalog: everything, drafts and archived products too."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from shopwright.commerce.catalog.models import Product, Status, Variant
from shopwright.commerce.catalog.taxonomy import Brand, Category, Collection
from shopwright.kit.patterns import begins, containing

_IN = {
    Status.DRAFT: Product.published_at.is_(None) & Product.archived_at.is_(None),
    Status.PUBLISHED: Product.published_at.is_not(None) & Product.archived_at.is_(None),
    Status.ARCHIVED: Product.archived_at.is_not(None),
}


def products(status: Status | None, text: str | None) -> list[Select[UUID]]:
    """The ids of all products, or of those in this state; with `text` a statement for each way to be found.

    These are the title that has it somewhere, or begins with it if it is short, and a SKU that begins with it.
    """
    if text is None:
        return [_in(status, select(Product.id))]
    by_sku = select(Variant.product_id).where(begins(Variant.sku, text)).distinct()
    if status is not None:
        by_sku = by_sku.join(Product, Product.id == Variant.product_id)
    return [_in(status, select(Product.id).where(Product.title.ilike(containing(text)))), _in(status, by_sku)]


def _in(status: Status | None, found: Select[UUID]) -> Select[UUID]:
    return found if status is None else found.where(_IN[status])


def categories() -> Select[Any]:
    return select(Category).order_by(Category.position, Category.id)


def brands() -> Select[Any]:
    return select(Brand)


def collections() -> Select[Any]:
    return select(Collection)
