"""Documents made from what the shop says now, for all languages of all channels."""

from collections.abc import Iterable, Mapping
from html import unescape
from typing import NamedTuple
from uuid import UUID

import nh3

from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.commerce.catalog.wording import fallbacks, said, spelled
from shopwright.commerce.channels.models import Channel
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


class _Offered(NamedTuple):
    offers: list[Offer]
    signals: Signals


def build(versions: Mapping[UUID, int]) -> dict[str, Built]:
    """What to write of these products, by language. `versions` are the documents' own; read before this is called."""
    known = sources.read(versions)
    common = {product.id: _common(known, product) for product in known.products}
    speaking = _speaking(known.channels)
    # Most languages are spoken in the same channels.
    offered = {channels: _offered(known, common, channels) for channels in {*speaking.values()}}
    return {
        locale: _in_locale(known, common, offered[channels], versions, locale)
        for locale, channels in sorted(speaking.items())
    }


def _speaking(channels: Iterable[Channel]) -> dict[str, tuple[UUID, ...]]:
    """By language the channels that speak it."""
    found: dict[str, tuple[UUID, ...]] = {}
    for channel in channels:
        for locale in dict.fromkeys(channel.locales):
            found[locale] = (*found.get(locale, ()), channel.id)
    return found


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
                price=asked.amount,
                compare_at=asked.before,
                in_stock=going.available.get(variant.id, 0) > 0,
                options=chosen,
            )
            for variant, chosen in zip(variants, options, strict=True)
            if (asked := going.prices.get(variant.id))
        ]
        for channel_id, going in known.going.items()
    }


def _offered(known: Sources, common: Mapping[UUID, _Common], channels: Iterable[UUID]) -> dict[UUID, _Offered]:
    """Those products that any of these channels sells."""
    found: dict[UUID, _Offered] = {}
    for product in known.products:
        by_channel = common[product.id].offers
        if offers := [offer for channel_id in channels for offer in by_channel.get(channel_id, ())]:
            found[product.id] = _Offered(offers, _signals(known, product.id, offers))
    return found


def _in_locale(
    known: Sources, common: Mapping[UUID, _Common], offered: Mapping[UUID, _Offered], versions: Mapping[UUID, int],
    locale: str,
) -> Built:  # fmt: skip
    documents = [
        _document(known, product, common[product.id], offered[product.id], locale, versions[product.id])
        for product in known.products
        if product.id in offered
    ]
    return Built(documents, [Gone(id_, version) for id_, version in versions.items() if id_ not in offered])


def _document(
    known: Sources, product: ProductRow, common: _Common, offered: _Offered, locale: str, version: int
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
        signals=offered.signals,
        offers=offered.offers,
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
