"""A product's options and variants. At most 250 are on offer, and always one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from shopwright.commerce.catalog import edits, measures, media
from shopwright.commerce.catalog.drafts import MediaDraft, OptionDraft, VariantDraft, gtin
from shopwright.commerce.catalog.errors import LastVariant, TooManyVariants, UnknownVariant
from shopwright.commerce.catalog.measures import Measure
from shopwright.commerce.catalog.models import MAX_VARIANTS, Media, Option, Product, Variant
from shopwright.commerce.catalog.wording import free, like, slugify
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.errors import ValidationFailed

LONGEST_DERIVED = 80
_DEFAULTS: dict[str, Any] = {"weight_grams": 0, "tax_class": "standard", "requires_shipping": True, "option_values": []}


def set_options(product_id: UUID, options: Sequence[OptionDraft]) -> Product:
    """Have exactly these options. Variants get the first value of a new one, and forget that of one taken away.

    Options are told apart by their place, so a new name at the same place renames. Raises `UnknownProduct`, and
    `VariantExists` when two variants would no longer differ.
    """
    product = edits.lock(product_id)
    if len({option.name for option in options}) < len(options):
        raise ValidationFailed([{"pointer": "", "detail": "Two options have the same name."}])
    if any(not option.values for option in options[len(product.options) :]):
        raise ValidationFailed([{"pointer": "", "detail": "A new option needs a value for the variants that exist."}])
    _reshape(product, options)
    for option, draft in zip(product.options, options, strict=True):
        labels = msgspec.to_builtins(dict(draft.labels))
        edits.put(option, {"values": list(draft.values), "labels": labels})
    _complete(product)
    return edits.save(product)


def add_variant(product_id: UUID, draft: VariantDraft) -> Product:
    """Offer one more variant. Raises `UnknownProduct`, `VariantExists`, `SkuTaken`, `TooManyVariants`."""
    product = edits.lock(product_id)
    _fits(product, draft.option_values)
    _offer(product, [draft])
    _complete(product)
    return edits.save(product)


def change_variant(product_id: UUID, variant_id: UUID, changes: Mapping[str, Any]) -> Product:
    """Change what `changes` names of a `VariantDraft`. Raises `UnknownVariant`, `VariantExists`, `SkuTaken`."""
    product = edits.lock(product_id)
    variant = _of(product, variant_id)
    values = dict(changes)
    if "barcode" in values:
        values["barcode"] = gtin(values["barcode"])
    if "option_values" in values:
        _fits(product, values["option_values"])
    if "image" in values:
        values["picture"] = _picture(product, values.pop("image"))
    if values.get("measure"):
        values["measure"] = _measure(values["measure"])
    edits.put(variant, values)
    _complete(product)
    return edits.save(product)


def archive_variant(product_id: UUID, variant_id: UUID) -> Product:
    """Offer it no longer. Raises `UnknownVariant`, and `LastVariant` for the only one on offer."""
    product = edits.lock(product_id)
    variant = _of(product, variant_id)
    if product.variants_on_offer == [variant]:
        raise LastVariant()
    variant.archived_at = variant.archived_at or clock.now()
    return edits.save(product)


def restore_variant(product_id: UUID, variant_id: UUID) -> Product:
    """Offer it again. Raises `UnknownVariant`, `TooManyVariants`."""
    product = edits.lock(product_id)
    _of(product, variant_id).archived_at = None
    _are_few(product)
    return edits.save(product)


def merge(product: Product, options: Sequence[OptionDraft], drafts: Sequence[VariantDraft]) -> bool:
    """Add what is new and take over what is said; no variant is removed. Answers whether anything changed.

    A variant is known by its option values. Raises `VariantExists` if fewer options no longer tell variants apart.
    """
    if not drafts:
        return False
    named = [_with_values(option, position, drafts) for position, option in enumerate(options)]
    changes = [_reshape(product, named)]
    for option, wanted in zip(product.options, named, strict=True):
        labels = option.labels | msgspec.to_builtins(dict(wanted.labels))
        changes.append(edits.put(option, {"labels": labels, "values": _joined(option.values, wanted.values)}))
    known = {tuple(variant.option_values): variant for variant in product.variants}
    new = []
    for draft in drafts:
        variant = known.get(tuple(draft.option_values))
        if variant is None:
            new.append(draft)
        else:
            changes.append(edits.put(variant, _said(product, draft)))
    _offer(product, new)
    return any([*changes, new])


def derive_skus(handle: str, chosen: Sequence[Sequence[str]], taken: set[str] | None = None) -> list[str]:
    """A SKU for each variant by its option values: `CLAY-PLANT-POT-LARGE`, numbered where it is taken."""
    stem = slugify(handle, LONGEST_DERIVED) or "sku"
    wished = ["-".join([stem, *(slugify(value) for value in values)])[:LONGEST_DERIVED].strip("-") for values in chosen]
    # The shortest begins all that could be in the way.
    beginning = min(wished, key=len, default=stem)[: len(stem)].upper()
    found = set(session.scalars(select(Variant.sku).where(Variant.sku.like(like(beginning)))))
    found |= taken or set()
    derived: list[str] = []
    for wish in wished:
        derived.append(free(wish.upper(), found))
        found.add(derived[-1])
    return derived


def _reshape(product: Product, options: Sequence[OptionDraft]) -> bool:
    """Name the options so, and fit the variants to their number. Answers whether anything changed."""
    before = len(product.options)
    changes = [before != len(options)]
    for option, draft in zip(product.options, options, strict=False):
        changes.append(edits.put(option, {"name": draft.name}))
    del product.options[len(options) :]
    for position, draft in enumerate(options[before:], before):
        product.options.append(Option(position=position, name=draft.name, values=[], labels={}))
    added = [draft.values[0] for draft in options[before:]]
    kept = len(options) - len(added)
    changes += [
        edits.put(variant, {"option_values": [*variant.option_values[:kept], *added]}) for variant in product.variants
    ]
    return any(changes)


def _offer(product: Product, drafts: Sequence[VariantDraft]) -> None:
    """Put new variants behind those that the product has."""
    given = {draft.sku for draft in drafts if draft.sku}
    chosen = [draft.option_values for draft in drafts if not draft.sku]
    derived = iter(derive_skus(product.slug, chosen, given) if chosen else [])
    first = max((variant.position for variant in product.variants), default=-1) + 1
    for position, draft in enumerate(drafts, first):
        values = _DEFAULTS | _said(product, draft)
        values["sku"] = draft.sku or next(derived)
        product.variants.append(Variant(id=ids.new(), position=position, **values))
    _are_few(product)


def _said(product: Product, draft: VariantDraft) -> dict[str, Any]:
    """The columns that the draft says something about."""
    values = {name: value for name, value in msgspec.structs.asdict(draft).items() if value is not None}
    if source := values.pop("image", None):
        values["picture"] = _picture(product, source)
    if draft.barcode is not None:
        values["barcode"] = gtin(draft.barcode)
    if draft.measure is not None:
        values["measure"] = _measure(draft.measure)
    return values


def _measure(measure: Measure) -> Measure:
    """With what it is told per. Raises `ValidationFailed` if that is of another kind."""
    if found := [*measures.faults(measure, "/measure")]:
        raise ValidationFailed(found)
    return measure.completed()


def _with_values(option: OptionDraft, position: int, drafts: Sequence[VariantDraft]) -> OptionDraft:
    """The option with all the values that variants have in its place."""
    named = [draft.option_values[position] for draft in drafts]
    return msgspec.structs.replace(option, values=_joined(option.values, named))


def _complete(product: Product) -> None:
    """See that each option offers all the values that its variants have."""
    for option in product.options:
        named = [variant.option_values[option.position] for variant in product.variants]
        edits.put(option, {"values": _joined(option.values, named)})


def _joined(first: Sequence[str], second: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*first, *second]))


def _are_few(product: Product) -> None:
    if len(product.variants_on_offer) > MAX_VARIANTS:
        raise TooManyVariants()


def _fits(product: Product, option_values: Sequence[str]) -> None:
    if len(option_values) != len(product.options):
        detail = f"Expected {len(product.options)} values, one for each option."
        raise ValidationFailed([{"pointer": "/option_values", "detail": detail}])


def _of(product: Product, variant_id: UUID) -> Variant:
    found = next((variant for variant in product.variants if variant.id == variant_id), None)
    if found is None:
        raise UnknownVariant()
    return found


def _picture(product: Product, source: str | None) -> Media | None:
    """The product's picture of that source, hung up if it is new."""
    if source is None:
        return None
    media.merge(product, [MediaDraft(source=source)])
    return next(each for each in product.media if each.source == source)
