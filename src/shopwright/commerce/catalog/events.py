from uuid import UUID

from shopwright.kit.events import Event


class ProductChanged(Event, frozen=True, kw_only=True):
    """Something of a product, its variants, pictures or texts is new: also when it was published or archived."""

    product_id: UUID


class ProductPublished(Event, frozen=True, kw_only=True):
    product_id: UUID


class ProductArchived(Event, frozen=True, kw_only=True):
    product_id: UUID


class CategoryChanged(Event, frozen=True, kw_only=True):
    """Its text, or where it stands in the tree: then all that lies below it has moved along."""

    category_id: UUID


class CollectionChanged(Event, frozen=True, kw_only=True):
    collection_id: UUID


class BrandChanged(Event, frozen=True, kw_only=True):
    brand_id: UUID


class ProductTypeChanged(Event, frozen=True, kw_only=True):
    product_type_id: UUID
