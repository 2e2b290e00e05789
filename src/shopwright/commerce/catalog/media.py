"""A product's pictures. A picture is known by its source, so its id outlives every reordering."""

from collections.abc import Sequence
from uuid import UUID

from shopwright.commerce.catalog import edits
from shopwright.commerce.catalog.drafts import MediaDraft
from shopwright.commerce.catalog.models import Media, Product
from shopwright.kit import ids
from shopwright.kit.errors import ValidationFailed


def arrange(product_id: UUID, gallery: Sequence[MediaDraft]) -> Product:
    """Have exactly these pictures, in this order. Raises `UnknownProduct`."""
    product = edits.lock(product_id)
    wanted = [draft.source for draft in gallery]
    if len(set(wanted)) < len(wanted):
        raise ValidationFailed([{"pointer": "", "detail": "A picture stands here twice."}])
    for media in [each for each in product.media if each.source not in wanted]:
        product.media.remove(media)
        for variant in product.variants:
            edits.put(variant, {"picture": None} if variant.picture is media else {})
    by_source = {media.source: media for media in product.media}
    for position, draft in enumerate(gallery):
        media = by_source.get(draft.source) or _hang(product, draft.source)
        edits.put(media, {"position": position, "alt": draft.alt, "alts": dict(draft.alts)})
    product.media.sort(key=lambda media: media.position)
    return edits.save(product)


def merge(product: Product, gallery: Sequence[MediaDraft]) -> bool:
    """Add what is new and take over what is said; nothing is removed. Answers whether anything changed."""
    by_source = {media.source: media for media in product.media}
    changes = []
    for draft in gallery:
        media = by_source.get(draft.source)
        changes.append(media is None)
        if media is None:
            by_source[draft.source] = media = _hang(product, draft.source)
        said = {"alt": draft.alt, "alts": {**media.alts, **draft.alts}}
        changes.append(edits.put(media, {name: value for name, value in said.items() if value}))
    return any(changes)


def _hang(product: Product, source: str) -> Media:
    position = max((media.position for media in product.media), default=-1) + 1
    media = Media(id=ids.new(), source=source, position=position, alt="", alts={})
    product.media.append(media)
    return media
