"""Documents as an engine stores them, and what it says of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from shopwright.commerce.storefront.service import title_key
from shopwright.listeners.search.backend import MARK, UNMARK, Document, Gone, Offer, Outcome, Written

#: Bytes. An engine with little memory stores as much in a second or two.
LARGEST_BULK = 2_000_000
#: Who sells as much in 30 days is as popular as can be.
POPULAR = 50
#: As many as an engine takes in one document by default. Of a product with more variants than fit, the rest of each channel's
#: is found by no filter.
MOST_OFFERS = 10_000
_CONFLICT, _TOO_MANY, _OWN_FAULT = 409, 429, 500
_NO_INDEX = "index_not_found_exception"
#: It takes no writes for now, as with a full disk.
_BLOCKED = "cluster_block_exception"


def stored(document: Document) -> dict[str, Any]:
    said = document.said
    return {
        "product_id": str(document.product_id),
        "version": document.version,
        "is_found": True,
        "channels": sorted({str(offer.channel_id) for offer in document.offers}),
        "title": document.title.replace(MARK, "").replace(UNMARK, ""),
        "title_key": title_key(document.title),
        "in_title": said.title,
        "in_brand": said.brand,
        "in_category": said.category,
        "in_attributes": said.attributes,
        "in_description": said.description,
        "brand_id": str(document.brand_id) if document.brand_id else None,
        "brand": f"{document.brand_id} {document.brand}" if document.brand_id else None,
        "category_ids": [str(each) for each in document.category_ids],
        "facets": [f"{code}:{value}" for code, values in document.attributes.items() for value in values],
        "codes": document.codes,
        "published_at": document.published_at.isoformat(),
        "popularity": document.signals.popularity,
        "popular": min(1.0, log(1 + max(0.0, document.signals.popularity)) / log(1 + POPULAR)),
        "margin": min(1.0, max(0.0, document.signals.margin)),
        "offers": [_offer(offer) for offer in _fitting(document.offers)],
    }


def _fitting(offers: Sequence[Offer]) -> list[Offer]:
    """As many of each channel."""
    if len(offers) <= MOST_OFFERS:
        return [*offers]
    by_channel: dict[UUID, list[Offer]] = {}
    for offer in offers:
        by_channel.setdefault(offer.channel_id, []).append(offer)
    most = MOST_OFFERS // len(by_channel)
    return [offer for each in by_channel.values() for offer in each[:most]]


def tombstone(gone: Gone) -> dict[str, Any]:
    return {"product_id": str(gone.product_id), "version": gone.version, "is_found": False}


def gone_before(version: int) -> dict[str, Any]:
    return {"bool": {"filter": [{"term": {"is_found": False}}, {"range": {"version": {"lt": version}}}]}}


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "channel_id": str(offer.channel_id),
        "variant_id": str(offer.variant_id),
        "position": offer.position,
        "price": offer.price,
        "in_stock": offer.in_stock,
        "options": [f"{code}:{value}" for code, value in offer.options.items()],
    }


class Line(NamedTuple):
    """A document as it goes over the wire."""

    product_id: str
    version: int
    source: bytes


def bulks(sources: Iterable[Mapping[str, Any]]) -> Iterator[list[Line]]:
    """In pieces that an engine takes at once."""
    piece, size = list[Line](), 0
    for source in sources:
        line = Line(source["product_id"], source["version"], msgspec.json.encode(source))
        if piece and size + len(line.source) > LARGEST_BULK:
            yield piece
            piece, size = [], 0
        piece.append(line)
        size += len(line.source)
    if piece:
        yield piece


def operations(lines: Iterable[Line]) -> list[Any]:
    """A bulk that stores each, unless the engine has a newer one; the documents as the bytes that they are."""
    told: list[Any] = []
    for product_id, version, source in lines:
        told += ({"index": {"_id": product_id, "version": version, "version_type": "external_gte"}}, source)
    return told


def outcomes(items: Sequence[Mapping[str, Any]], *, is_in_use: bool) -> list[Outcome]:
    """Of the index in use, or of one beside it: that one was dropped if it is not there, the other one is not there yet."""
    return [_outcome(item["index"], Written.LATER if is_in_use else Written.DROPPED) for item in items]


def _outcome(said: Mapping[str, Any], without_index: Written) -> Outcome:
    status, product_id = said["status"], UUID(said["_id"])
    if status == _CONFLICT:
        return Outcome(product_id, Written.STALE)
    if "error" not in said:
        return Outcome(product_id, Written.DONE)
    kind = said["error"]["type"]
    reason = f"{kind}: {said['error'].get('reason', '')}"
    if kind == _NO_INDEX:
        return Outcome(product_id, without_index, reason)
    is_passing = status == _TOO_MANY or status >= _OWN_FAULT or kind == _BLOCKED
    return Outcome(product_id, Written.LATER if is_passing else Written.REFUSED, reason)
