"""What the filters ask, by the facet that each is made in: of the product, or of one and the same of its variants."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from shopwright.listeners.search.backend import Ask, Chosen

Query = dict[str, Any]


class Choice(NamedTuple):
    facet: str
    query: Query
    is_of_variant: bool


def choices(ask: Ask) -> list[Choice]:
    return [*_of_product(ask), *_of_variant(ask)]


def _of_product(ask: Ask) -> Iterator[Choice]:
    chosen = ask.filters
    if chosen.category_id is not None:
        yield Choice("category", {"term": {"category_ids": str(chosen.category_id)}}, is_of_variant=False)
    if chosen.brand_ids:
        yield Choice("brand", {"terms": {"brand_id": [str(each) for each in chosen.brand_ids]}}, is_of_variant=False)
    for each in chosen.attributes:
        yield Choice(f"attribute:{each.code}", {"terms": {"facets": _spelled(each)}}, is_of_variant=False)


def _of_variant(ask: Ask) -> Iterator[Choice]:
    chosen = ask.filters
    price = {"gte": chosen.price_min, "lte": chosen.price_max}
    bounds = {side: amount for side, amount in price.items() if amount is not None}
    if bounds:
        yield Choice("price", {"range": {"offers.price": bounds}}, is_of_variant=True)
    if chosen.is_available is not None:
        yield Choice("available", {"term": {"offers.in_stock": chosen.is_available}}, is_of_variant=True)
    for each in chosen.options:
        yield Choice(f"option:{each.code}", {"terms": {"offers.options": _spelled(each)}}, is_of_variant=True)


def _spelled(chosen: Chosen) -> list[str]:
    return [f"{chosen.code}:{value}" for value in chosen.values]


def of_product(chosen: Sequence[Choice], but: str = "") -> list[Query]:
    """What must hold of the product, but for what is chosen in that facet."""
    return [choice.query for choice in chosen if not choice.is_of_variant and choice.facet != but]


def of_variant(ask: Ask, chosen: Sequence[Choice], but: str = "") -> Query:
    """What one and the same variant must be: offered in the channel, and all that is chosen, but for that facet."""
    others = [choice.query for choice in chosen if choice.is_of_variant and choice.facet != but]
    return all_of([{"term": {"offers.channel_id": str(ask.channel_id)}}, *others])


def all_of(queries: Sequence[Query]) -> Query:
    return {"bool": {"filter": list(queries)}}


def nested(query: Query, **more: Any) -> Query:
    return {"nested": {"path": "offers", "query": query, "score_mode": "none", **more}}
