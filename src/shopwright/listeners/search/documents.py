"""Documents made from what the shop says now, for all languages of all channels."""

from collections.abc import Iterable, Mapping
from html import unescape
from typing import NamedTuple
from uuid import UUID

import nh3

from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.commerce.catalog.wording import fallbacks, said, spelled
from shopwright.listeners.search import sources, words
from shopwright.listeners.search.backend import Document, Gone, Offer, Signals
from shopwright.listeners.search.sources import AttributeRow, ProductRow, Sources

#: Beyond it an engine would carry pages of text for the sake of the last words in them.
LONGEST_DESCRIPTION = 10_000
LONGEST_FACET = 200


class Built(NamedTuple):
    """For one language: what is to be found, and what is not."""

    documents: list[Document]
    gone: list[Gone]


class _Common(NamedTuple):
    """What a product's documents say alike in all languages."""

    description: str
    category_paths: list[str]
    category_ids: list[UUID]
    attributes: list[AttributeRow]
    facets: dict[str, list[str]]
    codes: list[str]
    #: By channel.
    offers: dict[UUID, list[Offer]]


def build(versions: Mapping[UUID, int]) -> dict[str, Built]:
    """What to write of these products, by language. `versions` are the documents' own; read before this is called."""
    known = sources.read(versions)
    common = {product.id: _common(known, product) for product in known.products}
    return {
        locale: _in_locale(known, common, versions, locale)
        for locale in sorted({locale for channel in known.channels for locale in channel.locales})
    }


def _common(known: Sources, product: ProductRow) -> _Common:
    paths = known.paths.get(product.id, [])
    attributes = known.attributes.get(product.product_type_id, []) if product.product_type_id else []
    return _Common(
        description=plain(product.description),
        category_paths=[">".join(map(str, path)) for path in paths],
        category_ids=list(dict.fromkeys(category_id for path in paths for category_id in path)),
        attributes=attributes,
        facets=_facets(product, attributes),
        codes=_codes(known, product.id),
        offers=_offers(known, product),
    )


def _offers(known: Sources, product: ProductRow) -> dict[UUID, list[Offer]]:
    names = [option_code(name) for name, _ in known.options.get(product.id, ())]
    variants = known.variants.get(product.id, ())
    options = [dict(zip(names, variant.option_values, strict=False)) for variant in variants]
    return {
        channel_id: [
            Offer(
                channel_id=channel_id,
                variant_id=variant.id,
                position=variant.position,
                price=price.price.amount,
                compare_at=price.compare_at.amount if price.compare_at else None,
                in_stock=shown.available.get(variant.id, 0) > 0,
                options=chosen,
            )
            for variant, chosen in zip(variants, options, strict=True)
            if (price := shown.prices.get(variant.id))
        ]
        for channel_id, shown in known.shown.items()
    }


def _in_locale(known: Sources, common: Mapping[UUID, _Common], versions: Mapping[UUID, int], locale: str) -> Built:
    channels = [each.id for each in known.channels if locale in each.locales]
    documents: list[Document] = []
    for product in known.products:
        alike = common[product.id]
        offers = [offer for channel_id in channels for offer in alike.offers.get(channel_id, ())]
        if offers:
            documents.append(_document(known, product, alike, locale, offers, versions[product.id]))
    found = {document.product_id for document in documents}
    return Built(documents, [Gone(id_, version) for id_, version in versions.items() if id_ not in found])


def _document(
    known: Sources, product: ProductRow, common: _Common, locale: str, offers: list[Offer], version: int
) -> Document:
    title, description = _texts(known, product, locale)
    return Document(
        product_id=product.id,
        version=version,
        locale=locale,
        title=title or product.title,
        brand_id=product.brand_id,
        brand=product.brand or "",
        category_paths=common.category_paths,
        category_ids=common.category_ids,
        category_text=" ".join(_category(known, category_id, locale) for category_id in common.category_ids),
        attributes=common.facets,
        attribute_text=" ".join(_told(known, product, common.attributes, locale)),
        description=plain(description) if description else common.description,
        codes=common.codes,
        published_at=product.published_at,
        signals=_signals(known, product.id, offers),
        offers=offers,
    )


def _texts(known: Sources, product: ProductRow, locale: str) -> tuple[str, str]:
    """Title and description, each in the nearest language that says it; empty if it is said in the product's own words only."""
    title, description = "", ""
    translations = known.translations.get(product.id, {})
    for tongue in fallbacks(locale) if translations else ():
        in_tongue = translations.get(tongue, (None, None))
        title, description = title or in_tongue[0] or "", description or in_tongue[1] or ""
    return title, description


def plain(html: str) -> str:
    """The words alone."""
    # A tag stands between words, so it becomes a space.
    return " ".join(unescape(nh3.clean(html.replace("<", " <"), tags=set())).split())[:LONGEST_DESCRIPTION]


def _category(known: Sources, category_id: UUID, locale: str) -> str:
    title, translations = known.categories[category_id]
    return said(translations, locale, "title") or title


def _facets(product: ProductRow, attributes: Iterable[AttributeRow]) -> dict[str, list[str]]:
    values = {
        each.code: product.attributes[each.code]
        for each in attributes
        if each.is_facetable and each.code in product.attributes
    }
    return {code: [spelled(value)] for code, value in values.items() if len(spelled(value)) <= LONGEST_FACET}


def _told(known: Sources, product: ProductRow, attributes: Iterable[AttributeRow], locale: str) -> Iterable[str]:
    """What an attribute says in words: a choice its label, a number with its name, a yes its name; options and tags, too."""
    for each in attributes:
        if each.code not in product.attributes:
            continue
        value, label = product.attributes[each.code], said(each.labels, locale, "label") or each.label
        if each.kind == AttributeKind.CHOICE:
            yield said(each.labels, locale, "choices", value) or each.choices.get(value, value)
        elif each.kind == AttributeKind.BOOLEAN:
            yield label if value else ""
        else:
            yield f"{label} {spelled(value)}"
    for position, (_, labels) in enumerate(known.options.get(product.id, ())):
        chosen = dict.fromkeys(
            variant.option_values[position] for variant in known.variants.get(product.id, ())
            if position < len(variant.option_values)
        )  # fmt: skip
        yield from (said(labels, locale, "values", value) or value for value in chosen)
    yield from product.tags


def _codes(known: Sources, product_id: UUID) -> list[str]:
    spelled_by = (each for variant in known.variants.get(product_id, ()) for each in (variant.sku, variant.barcode))
    return list(dict.fromkeys(words.code(each) for each in spelled_by if each))


def _signals(known: Sources, product_id: UUID, offers: Iterable[Offer]) -> Signals:
    variants = {offer.variant_id for offer in offers}
    return Signals(
        popularity=known.sold.get(product_id, 0),
        margin=max((known.margins.get(variant_id, 0.0) for variant_id in variants), default=0.0),
        stock=sum(known.most.get(variant_id, 0) for variant_id in variants),
    )


def option_code(name: str) -> str:
    """How an option is named in a filter: `Color` is `color`."""
    return name.casefold().replace(":", "").strip()
