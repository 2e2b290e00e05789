"""What can be done with a product as a whole; its parts are in `variants`, `media` and `translations`."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from shopwright.commerce.catalog import brands, edits, media, product_types, translations, variants
from shopwright.commerce.catalog.drafts import ProductDraft, VariantDraft, check
from shopwright.commerce.catalog.events import ProductArchived, ProductPublished
from shopwright.commerce.catalog.models import Product, ProductCategory
from shopwright.commerce.catalog.wording import safe_html
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.events import emit

Outcome = Literal["created", "changed", "unchanged"]


def create_product(draft: ProductDraft, *, external_reference: str | None = None) -> Product:
    """Make a product with all its parts.

    Raises `ValidationFailed`, `SkuTaken`, `SlugTaken`, `UnknownCategory`, `UnknownProductType`.
    """
    check(draft)
    product = Product(
        id=ids.new(), external_reference=external_reference, slug=draft.slug or edits.derive_slug(draft.title),
        description="", seo_title="", seo_description="", attributes={}, tags=[], is_gift_card=False, title=draft.title,
        options=[], variants=[], media=[], translations=[], shelves=[],
    )  # fmt: skip
    _merge(product, draft)
    session.add(product)
    edits.save(product)
    edits.claim_slugs(product)
    if draft.is_published:
        _publish(product)
    return product


def upsert_product(source: str, reference: str, draft: ProductDraft) -> tuple[Product, Outcome]:
    """Make the product that `source` calls `reference`, or bring it up to date; asked again, nothing changes.

    What the draft leaves empty stays as it is, and so do slug, publication and all that staff added: variants (known
    by their option values), pictures, categories, translations. Raises what `create_product` raises.
    """
    known = f"{source}:{reference}"
    product = edits.find(known)
    if product is None:
        return create_product(draft, external_reference=known), "created"
    check(draft)
    if not _merge(product, draft):
        return product, "unchanged"
    edits.save(product)
    edits.claim_slugs(product)
    return product, "changed"


def change_product(product_id: UUID, changes: Mapping[str, Any]) -> Product:
    """Change what `changes` names of a product's own fields.

    Raises `UnknownProduct`, `ValidationFailed`, `SlugTaken`, `UnknownBrand`, `UnknownProductType`, `UnknownCategory`.
    """
    product = edits.lock(product_id)
    values = dict(changes)
    category_ids = values.pop("category_ids", None)
    if "description" in values:
        values["description"] = safe_html(values["description"])
    if "tags" in values:
        values["tags"] = list(dict.fromkeys(values["tags"]))
    answers = values.get("attributes", product.attributes)
    product_types.check_answers(values.get("product_type_id", product.product_type_id), answers)
    edits.put(product, values)
    if category_ids is not None:
        _shelve(product, category_ids)
    edits.save(product)
    edits.claim_slugs(product)
    return product


def publish(product_id: UUID) -> Product:
    """Show it to shoppers. Raises `UnknownProduct`."""
    product = edits.lock(product_id)
    return product if product.published_at else _publish(product)


def unpublish(product_id: UUID) -> Product:
    """Make it a draft again. Raises `UnknownProduct`."""
    product = edits.lock(product_id)
    product.published_at = None
    return edits.save(product)


def archive(product_id: UUID) -> Product:
    """Put it away: it is not sold any more, but orders and staff still find it. Raises `UnknownProduct`."""
    product = edits.lock(product_id)
    if product.archived_at:
        return product
    product.archived_at = clock.now()
    edits.save(product)
    emit(ProductArchived(product_id=product.id))
    return product


def restore(product_id: UUID) -> Product:
    """Take it out again, as a draft or published as it was. Raises `UnknownProduct`."""
    product = edits.lock(product_id)
    product.archived_at = None
    return edits.save(product)


def _publish(product: Product) -> Product:
    product.published_at = clock.now()
    edits.save(product)
    emit(ProductPublished(product_id=product.id))
    return product


def _merge(product: Product, draft: ProductDraft) -> bool:
    """Take over what the draft says; answers whether anything changed."""
    # What is half taken over must not be written by a look at something else.
    with session.no_autoflush:
        values = _said(product, draft)
        answers = values.get("attributes", product.attributes)
        product_types.check_answers(values.get("product_type_id", product.product_type_id), answers)
        kept = [shelf.category_id for shelf in product.shelves]
        offered = draft.variants or ([] if product.variants else [VariantDraft()])
        changes = [
            edits.put(product, values),
            _shelve(product, [*kept, *draft.category_ids]),
            media.merge(product, draft.media),
            translations.merge(product, draft.translations),
            variants.merge(product, draft.options, offered),
        ]
    return any(changes)


def _said(product: Product, draft: ProductDraft) -> dict[str, Any]:
    """The product's own columns that the draft says something about."""
    values = {
        "title": draft.title,
        "description": safe_html(draft.description),
        "seo_title": draft.seo_title,
        "seo_description": draft.seo_description,
        "brand_id": brands.brand(draft.brand).id if draft.brand else None,
        "product_type_id": draft.product_type_id,
        "attributes": {**product.attributes, **draft.attributes},
        "tags": list(dict.fromkeys(draft.tags)),
        "is_gift_card": draft.is_gift_card,
    }
    return {name: value for name, value in values.items() if value}


def _shelve(product: Product, category_ids: Sequence[UUID]) -> bool:
    """Have the product lie in exactly these categories, in this order."""
    wanted = list(dict.fromkeys(category_ids))
    if [shelf.category_id for shelf in product.shelves] == wanted:
        return False
    known = {shelf.category_id: shelf for shelf in product.shelves}
    product.shelves = [known.get(each) or ProductCategory(category_id=each) for each in wanted]
    for position, shelf in enumerate(product.shelves):
        shelf.position = position
    return True
