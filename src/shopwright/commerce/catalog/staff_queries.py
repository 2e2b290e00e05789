"""What staff may ask of the catalog: everything, drafts and archived products too."""

from typing import Any

from sqlalchemy import Select, exists, select

from shopwright.commerce.catalog.models import Product, Status, Variant
from shopwright.commerce.catalog.taxonomy import Brand, Category, Collection
from shopwright.commerce.catalog.wording import like

_IN = {
    Status.DRAFT: Product.published_at.is_(None) & Product.archived_at.is_(None),
    Status.PUBLISHED: Product.published_at.is_not(None) & Product.archived_at.is_(None),
    Status.ARCHIVED: Product.archived_at.is_not(None),
}


def products(status: Status | None, text: str | None) -> Select[Any]:
    """All products, or those in this state; with `text` in the title or at the beginning of a SKU."""
    found = select(Product)
    if status is not None:
        found = found.where(_IN[status])
    if text is not None:
        begins = exists().where(Variant.product_id == Product.id, Variant.sku.like(like(text)))
        found = found.where(Product.title.ilike("%" + like(text)) | begins)
    return found


def categories() -> Select[Any]:
    return select(Category).order_by(Category.position, Category.id)


def brands() -> Select[Any]:
    return select(Brand)


def collections() -> Select[Any]:
    return select(Collection)
