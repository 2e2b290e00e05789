"""A product's texts in other languages."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from shopwright.commerce.catalog import edits
from shopwright.commerce.catalog.drafts import TranslationDraft
from shopwright.commerce.catalog.models import Product, Translation
from shopwright.commerce.catalog.wording import safe_html


def translate(product_id: UUID, texts: Mapping[str, TranslationDraft]) -> Product:
    """Have exactly these translations, by locale. Raises `UnknownProduct`, `SlugTaken`."""
    product = edits.lock(product_id)
    for gone in [each for each in product.translations if each.locale not in texts]:
        product.translations.remove(gone)
    for locale, draft in texts.items():
        edits.put(_of(product, locale), _values(draft))
    edits.save(product)
    edits.claim_slugs(product)
    return product


def merge(product: Product, texts: Mapping[str, TranslationDraft]) -> bool:
    """Take over what is said; nothing is removed. Answers whether anything changed."""
    changes = []
    for locale, draft in texts.items():
        said = {name: value for name, value in _values(draft).items() if value}
        changes.append(edits.put(_of(product, locale), said))
    return any(changes)


def _of(product: Product, locale: str) -> Translation:
    found = next((each for each in product.translations if each.locale == locale), None)
    if found is None:
        found = Translation(locale=locale)
        product.translations.append(found)
    return found


def _values(draft: TranslationDraft) -> dict[str, str | None]:
    values: dict[str, str | None] = msgspec.structs.asdict(draft)
    return values | {"description": safe_html(draft.description) if draft.description else None}
