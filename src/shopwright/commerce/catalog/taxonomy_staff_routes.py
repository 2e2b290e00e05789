"""Brands, product types, categories and collections, for staff."""

from typing import Any
from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.catalog import brands, categories, collections, product_types, staff_queries
from shopwright.commerce.catalog.errors import (
    AttributeKindFixed,
    CategoryCycle,
    CategoryTooDeep,
    NameTaken,
    SlugTaken,
    StillInUse,
    UnknownBrand,
    UnknownCategory,
    UnknownCollection,
    UnknownProduct,
    UnknownProductType,
)
from shopwright.commerce.catalog.taxonomy import Brand, Collection
from shopwright.commerce.catalog.taxonomy_schemas import (
    BrandOut,
    CategoryList,
    CategoryOut,
    ChangeBrand,
    ChangeCategory,
    ChangeCollection,
    CollectionOut,
    CollectionRow,
    CreateBrand,
    CreateCategory,
    CreateCollection,
    DefineProductType,
    PickProducts,
    ProductTypeList,
    ProductTypeOut,
)
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page, PageQuery
from shopwright.kit.wire import changes_in

routes = Routes("catalog", prefix="/v1/admin")

READ, WRITE = requires(Permission.CATALOG_READ), requires(Permission.CATALOG_WRITE)


@routes.query("/brands", access=READ, errors=(InvalidCursor,))
def list_brands(query: PageQuery) -> Page[BrandOut]:
    """List the brands by name."""
    page: dict[str, Any] = {"purpose": "staff brands", "limit": query.limit}
    found = paging.keyset(staff_queries.brands(), [(Brand.name, True), (Brand.id, True)], cursor=query.cursor, **page)
    rows, cursor = paging.cut(session.scalars(found).all(), values=lambda row: [row.name, row.id], **page)
    return Page(items=[BrandOut.of(row) for row in rows], next_cursor=cursor)


@routes.query("/brands/<uuid:brand_id>", access=READ, errors=(UnknownBrand,))
def show_brand(brand_id: UUID) -> BrandOut:
    """Show a brand."""
    return BrandOut.of(brands.get(brand_id))


@routes.command("POST", "/brands", access=WRITE, status=201, errors=(NameTaken, SlugTaken))
def create_brand(body: CreateBrand) -> BrandOut:
    """Create a brand."""
    return BrandOut.of(brands.create_brand(body.name, body.slug))


@routes.command(
    "PATCH", "/brands/<uuid:brand_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownBrand, NameTaken, SlugTaken),
)  # fmt: skip
def change_brand(brand_id: UUID, body: ChangeBrand) -> BrandOut:
    """Change a brand."""
    return BrandOut.of(brands.change_brand(brand_id, changes_in(body)))


@routes.command(
    "DELETE", "/brands/<uuid:brand_id>", access=WRITE, if_match=IfMatch.REQUIRED, errors=(UnknownBrand, StillInUse)
)
def delete_brand(brand_id: UUID) -> None:
    """Delete a brand that no product has."""
    brands.delete_brand(brand_id)


@routes.query("/product-types", access=READ)
def list_product_types() -> ProductTypeList:
    """List the product types with their attributes."""
    return ProductTypeList(items=[ProductTypeOut.of(kind) for kind in product_types.everything()])


@routes.query("/product-types/<uuid:product_type_id>", access=READ, errors=(UnknownProductType,))
def show_product_type(product_type_id: UUID) -> ProductTypeOut:
    """Show a product type with its attributes."""
    return ProductTypeOut.of(product_types.get(product_type_id))


@routes.command("POST", "/product-types", access=WRITE, status=201, errors=(NameTaken,))
def create_product_type(body: DefineProductType) -> ProductTypeOut:
    """Create a product type."""
    return ProductTypeOut.of(product_types.create_product_type(body.name, body.attributes))


@routes.command(
    "PUT", "/product-types/<uuid:product_type_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownProductType, NameTaken, AttributeKindFixed),
)  # fmt: skip
def change_product_type(product_type_id: UUID, body: DefineProductType) -> ProductTypeOut:
    """Define a product type anew.

    What products answered to an attribute that is left out is kept, but no longer shown.
    """
    return ProductTypeOut.of(product_types.change_product_type(product_type_id, body.name, body.attributes))


@routes.command(
    "DELETE", "/product-types/<uuid:product_type_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownProductType, StillInUse),
)  # fmt: skip
def delete_product_type(product_type_id: UUID) -> None:
    """Delete a product type that no product is of."""
    product_types.delete_product_type(product_type_id)


@routes.query("/categories", access=READ)
def list_all_categories() -> CategoryList:
    """List all categories; `parent_id` and `path` say how they hang together."""
    return CategoryList(items=[CategoryOut.of(each) for each in session.scalars(staff_queries.categories())])


@routes.query("/categories/<uuid:category_id>", access=READ, errors=(UnknownCategory,))
def show_category_for_staff(category_id: UUID) -> CategoryOut:
    """Show a category, for editing."""
    return CategoryOut.of(categories.get(category_id))


@routes.command(
    "POST", "/categories", access=WRITE, status=201, errors=(UnknownCategory, SlugTaken, NameTaken, CategoryTooDeep)
)
def create_category(body: CreateCategory) -> CategoryOut:
    """Create a category.

    Beside each other, no two have the same title.
    """
    return CategoryOut.of(
        categories.create_category(
            title=body.title, parent_id=body.parent_id, slug=body.slug, description=body.description,
            position=body.position, translations=body.translations,
        )
    )  # fmt: skip


@routes.command(
    "PATCH", "/categories/<uuid:category_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownCategory, CategoryCycle, CategoryTooDeep, SlugTaken, NameTaken),
)  # fmt: skip
def change_category(category_id: UUID, body: ChangeCategory) -> CategoryOut:
    """Change or move a category."""
    return CategoryOut.of(categories.change_category(category_id, changes_in(body)))


@routes.command(
    "DELETE", "/categories/<uuid:category_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownCategory, StillInUse),
)  # fmt: skip
def delete_category(category_id: UUID) -> None:
    """Delete a category in which nothing lies."""
    categories.delete_category(category_id)


@routes.query("/collections", access=READ, errors=(InvalidCursor,))
def list_all_collections(query: PageQuery) -> Page[CollectionRow]:
    """List all collections, the newest first."""
    page: dict[str, Any] = {"purpose": "staff collections", "limit": query.limit}
    found = paging.keyset(staff_queries.collections(), [(Collection.id, False)], cursor=query.cursor, **page)
    rows, cursor = paging.cut(session.scalars(found).all(), values=lambda row: [row.id], **page)
    items = [CollectionRow(id=r.id, slug=r.slug, title=r.title, is_published=r.is_published) for r in rows]
    return Page(items=items, next_cursor=cursor)


@routes.query("/collections/<uuid:collection_id>", access=READ, errors=(UnknownCollection,))
def show_collection_for_staff(collection_id: UUID) -> CollectionOut:
    """Show a collection and what is in it, for editing."""
    return CollectionOut.of(collections.get(collection_id))


@routes.command("POST", "/collections", access=WRITE, status=201, errors=(SlugTaken,))
def create_collection(body: CreateCollection) -> CollectionOut:
    """Create a collection, empty as yet."""
    return CollectionOut.of(
        collections.create_collection(
            title=body.title, slug=body.slug, description=body.description, translations=body.translations,
            is_published=body.is_published,
        )
    )  # fmt: skip


@routes.command(
    "PATCH", "/collections/<uuid:collection_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownCollection, SlugTaken),
)  # fmt: skip
def change_collection(collection_id: UUID, body: ChangeCollection) -> CollectionOut:
    """Change a collection's texts, or whether shoppers see it."""
    return CollectionOut.of(collections.change_collection(collection_id, changes_in(body)))


@routes.command(
    "PUT", "/collections/<uuid:collection_id>/products", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownCollection, UnknownProduct),
)  # fmt: skip
def pick_products(collection_id: UUID, body: PickProducts) -> CollectionOut:
    """Pick the products of a collection, in their order."""
    return CollectionOut.of(collections.pick(collection_id, body.product_ids))


@routes.command(
    "DELETE", "/collections/<uuid:collection_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownCollection,),
)  # fmt: skip
def delete_collection(collection_id: UUID) -> None:
    """Delete a collection. Its products stay."""
    collections.delete_collection(collection_id)
