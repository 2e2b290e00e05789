from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.catalog import edits, media, service, staff_queries, translations, variants
from shopwright.commerce.catalog.drafts import ProductDraft, VariantDraft
from shopwright.commerce.catalog.errors import (
    LastVariant,
    SkuTaken,
    SlugTaken,
    TooManyVariants,
    UnknownBrand,
    UnknownCategory,
    UnknownProduct,
    UnknownProductType,
    UnknownVariant,
    VariantExists,
)
from shopwright.commerce.catalog.models import Product
from shopwright.commerce.catalog.schemas import (
    ChangeProduct,
    ChangeVariant,
    ProductOut,
    ProductRow,
    ProductsQuery,
    SetMedia,
    SetOptions,
    SetTranslations,
)
from shopwright.kit import counting, paging
from shopwright.kit.access import requires
from shopwright.kit.counting import CountedPage
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor
from shopwright.kit.wire import changes_in

routes = Routes("catalog", prefix="/v1/admin")

READ, WRITE = requires(Permission.CATALOG_READ), requires(Permission.CATALOG_WRITE)


@routes.query("/products", access=READ, errors=(InvalidCursor,))
def list_all_products(query: ProductsQuery) -> CountedPage[ProductRow]:
    """List all products, drafts and archived ones too, the newest first."""
    purpose = f"staff products {query.status} {query.q}"
    ways = staff_queries.products(query.status, query.q)
    ids = paging.newest(ways, purpose=purpose, limit=query.limit, cursor=query.cursor)
    rows, cursor = paging.cut(
        session.scalars(select(Product).where(Product.id.in_(ids)).order_by(Product.id.desc())).all(),
        purpose=purpose, limit=query.limit, values=lambda row: [row.id],
    )  # fmt: skip
    total, is_estimated = counting.count(*ways) if query.count else counting.UNASKED
    return CountedPage(
        items=[ProductRow.of(row) for row in rows], next_cursor=cursor, total=total, total_is_estimated=is_estimated
    )


@routes.query("/products/<uuid:product_id>", access=READ, errors=(UnknownProduct,))
def show_whole_product(product_id: UUID) -> ProductOut:
    """Show a product with all its parts, for editing."""
    return ProductOut.of(edits.get(product_id))


@routes.command(
    "POST", "/products", access=WRITE, status=201,
    errors=(SkuTaken, SlugTaken, UnknownCategory, UnknownProductType),
)  # fmt: skip
def create_product(body: ProductDraft) -> ProductOut:
    """Create a product with its options, variants, pictures and translations.

    The texts of the product itself are those of the shop's first language. A brand that is not known yet is made.
    """
    return ProductOut.of(service.create_product(body))


@routes.command(
    "PATCH", "/products/<uuid:product_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownProduct, SlugTaken, UnknownBrand, UnknownCategory, UnknownProductType),
)  # fmt: skip
def change_product(product_id: UUID, body: ChangeProduct) -> ProductOut:
    """Change a product's own fields.

    An old slug goes on leading to the product.
    """
    return ProductOut.of(service.change_product(product_id, changes_in(body)))


@routes.command(
    "POST", "/products/<uuid:product_id>/publish", access=WRITE, if_match=IfMatch.HONOURED, errors=(UnknownProduct,)
)
def publish_product(product_id: UUID) -> ProductOut:
    """Show a product to shoppers."""
    return ProductOut.of(service.publish(product_id))


@routes.command(
    "POST", "/products/<uuid:product_id>/unpublish", access=WRITE, if_match=IfMatch.HONOURED, errors=(UnknownProduct,)
)
def unpublish_product(product_id: UUID) -> ProductOut:
    """Make a product a draft again."""
    return ProductOut.of(service.unpublish(product_id))


@routes.command(
    "POST", "/products/<uuid:product_id>/archive", access=WRITE, if_match=IfMatch.HONOURED, errors=(UnknownProduct,)
)
def archive_product(product_id: UUID) -> ProductOut:
    """Put a product away.

    It is not sold any more, but past orders and staff still find it.
    """
    return ProductOut.of(service.archive(product_id))


@routes.command(
    "POST", "/products/<uuid:product_id>/restore", access=WRITE, if_match=IfMatch.HONOURED, errors=(UnknownProduct,)
)
def restore_product(product_id: UUID) -> ProductOut:
    """Take a product out of the archive, in the state in which it was put away."""
    return ProductOut.of(service.restore(product_id))


@routes.command(
    "PUT", "/products/<uuid:product_id>/options", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownProduct, VariantExists),
)  # fmt: skip
def set_options(product_id: UUID, body: SetOptions) -> ProductOut:
    """Set a product's options.

    Options are told apart by their place. The variants that exist get the first value of an option that is added
    behind, and lose their value of one that is left out at the end.
    """
    return ProductOut.of(variants.set_options(product_id, body.options))


@routes.command(
    "POST", "/products/<uuid:product_id>/variants", access=WRITE, status=201, if_match=IfMatch.HONOURED,
    errors=(UnknownProduct, VariantExists, SkuTaken, TooManyVariants),
)  # fmt: skip
def add_variant(product_id: UUID, body: VariantDraft) -> ProductOut:
    """Offer one more variant of a product."""
    return ProductOut.of(variants.add_variant(product_id, body))


@routes.command(
    "PATCH", "/products/<uuid:product_id>/variants/<uuid:variant_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownProduct, UnknownVariant, VariantExists, SkuTaken),
)  # fmt: skip
def change_variant(product_id: UUID, variant_id: UUID, body: ChangeVariant) -> ProductOut:
    """Change a variant.

    `If-Match` takes the ETag of the product.
    """
    return ProductOut.of(variants.change_variant(product_id, variant_id, changes_in(body)))


@routes.command(
    "POST", "/products/<uuid:product_id>/variants/<uuid:variant_id>/archive", access=WRITE,
    if_match=IfMatch.HONOURED, errors=(UnknownProduct, UnknownVariant, LastVariant),
)  # fmt: skip
def archive_variant(product_id: UUID, variant_id: UUID) -> ProductOut:
    """Offer a variant no longer."""
    return ProductOut.of(variants.archive_variant(product_id, variant_id))


@routes.command(
    "POST", "/products/<uuid:product_id>/variants/<uuid:variant_id>/restore", access=WRITE,
    if_match=IfMatch.HONOURED, errors=(UnknownProduct, UnknownVariant, TooManyVariants),
)  # fmt: skip
def restore_variant(product_id: UUID, variant_id: UUID) -> ProductOut:
    """Offer an archived variant again."""
    return ProductOut.of(variants.restore_variant(product_id, variant_id))


@routes.command(
    "PUT", "/products/<uuid:product_id>/media", access=WRITE, if_match=IfMatch.REQUIRED, errors=(UnknownProduct,)
)
def set_media(product_id: UUID, body: SetMedia) -> ProductOut:
    """Set a product's pictures, in their order.

    A picture is known by its source; one that is left out is removed, from its variants too.
    """
    return ProductOut.of(media.arrange(product_id, body.media))


@routes.command(
    "PUT", "/products/<uuid:product_id>/translations", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownProduct, SlugTaken),
)  # fmt: skip
def set_translations(product_id: UUID, body: SetTranslations) -> ProductOut:
    """Set a product's texts in other languages.

    What is left out of a translation is shown in the shop's first language.
    """
    return ProductOut.of(translations.translate(product_id, body.translations))
