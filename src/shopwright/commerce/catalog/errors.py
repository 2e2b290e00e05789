"""How the catalog refuses, and which constraint of the database stands behind each refusal."""

import re
from typing import Any

from sqlalchemy.exc import IntegrityError

from shopwright.kit.errors import Busy, Problem


class UnknownProduct(Problem):
    status = 404
    detail = "There is no such product."


class UnknownVariant(Problem):
    status = 404
    detail = "The product has no such variant."


class UnknownCategory(Problem):
    status = 404
    detail = "There is no such category. `GET /v1/admin/categories` lists them."


class UnknownCollection(Problem):
    status = 404
    detail = "There is no such collection."


class UnknownBrand(Problem):
    status = 404
    detail = "There is no such brand. `GET /v1/admin/brands` lists them."


class UnknownProductType(Problem):
    status = 404
    detail = "There is no such product type. `GET /v1/admin/product-types` lists them."


class SkuTaken(Problem):
    status = 409
    detail = "Another variant has this SKU. Choose another, or leave it out and one is derived."


class SlugTaken(Problem):
    status = 409
    detail = "This slug is, or was, another's. Choose another, or leave it out and one is derived."


class NameTaken(Problem):
    status = 409
    detail = "Another one has this name."


class VariantExists(Problem):
    status = 409
    detail = "The product already has a variant with these option values; it may be archived, then restore it."


class TooManyVariants(Problem):
    status = 409
    detail = "A product has at most 250 variants on offer. Archive some, or make a second product."


class LastVariant(Problem):
    status = 409
    detail = "A product keeps at least one variant on offer. Archive the product instead."


class CategoryCycle(Problem):
    status = 409
    detail = "A category cannot lie below itself. Choose a parent outside of it."


class CategoryTooDeep(Problem):
    status = 409
    detail = "The tree has at most ten levels. Choose a parent nearer to the root."


class StillInUse(Problem):
    status = 409
    detail = "Products or other entries still refer to this. Move them first."


class AttributeKindFixed(Problem):
    status = 409
    detail = "Products already answer this attribute in its kind. Add another with a new code instead."


_BEHIND: dict[str, type[Problem]] = {
    "uq_variants_sku": SkuTaken,
    "uq_variants_product_id_option_values": VariantExists,
    "uq_products_slug": SlugTaken,
    "uq_products_external_reference": Busy,
    "uq_product_translations_locale_slug": SlugTaken,
    "uq_categories_slug": SlugTaken,
    "uq_categories_parent_id_title": NameTaken,
    "ck_categories_not_too_deep": CategoryTooDeep,
    "uq_collections_slug": SlugTaken,
    "uq_brands_name": NameTaken,
    "uq_brands_slug": SlugTaken,
    "uq_product_types_name": NameTaken,
    "fk_products_brand_id_brands": UnknownBrand,
    "fk_products_product_type_id_product_types": UnknownProductType,
    "fk_product_categories_category_id_categories": UnknownCategory,
    "fk_collection_items_product_id_products": UnknownProduct,
}


def refusal(fault: IntegrityError) -> Exception:
    """The problem that a violated constraint means, naming the value; the fault itself if it means none."""
    diagnosis = getattr(fault.orig, "diag", None)
    problem = _BEHIND.get(getattr(diagnosis, "constraint_name", None) or "")
    if problem is None:
        return fault
    said = re.match(r"Key \((?:\w+, )*(\w+)\)=\((?:.*, )?(.*)\)", getattr(diagnosis, "message_detail", "") or "")
    facts: dict[str, Any] = {said[1]: said[2]} if said else {}
    return problem(**facts)
