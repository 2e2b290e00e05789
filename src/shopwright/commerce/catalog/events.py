from uuid import UUID

from shopwright.kit.events import Event


class ProductChanged(Event):
    """Something of a product, its variants, pictures or texts is new: also when it was published or archived."""

    product_id: UUID


class ProductPublished(Event):
    product_id: UUID


class ProductArchived(Event):
    product_id: UUID


class CategoryChanged(Event):
    """Its text, or where it stands in the tree: then all that lies below it has moved along."""

    category_id: UUID


class CollectionChanged(Event):
    collection_id: UUID


class BrandChanged(Event):
    brand_id: UUID


class ProductTypeChanged(Event):
    product_type_id: UUID
