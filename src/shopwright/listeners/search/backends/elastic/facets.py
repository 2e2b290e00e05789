"""Counts of what could be chosen: each facet with every other selection, and without its own.

On one shard each count is exact; a facet is not where it has more values than are told."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from shopwright.listeners.search.backend import Ask, FacetCount, FacetFound, PriceRange
from shopwright.listeners.search.backends.elastic import choosing
from shopwright.listeners.search.backends.elastic.choosing import Choice
from shopwright.listeners.search.backends.elastic.spreads import Spread
from shopwright.listeners.search.ranges import borders

#: Values of one facet. A hundred are more than anybody reads; but a tree needs all of its categories.
MOST_VALUES, MOST_CATEGORIES = 1_000, 10_000
Body = dict[str, Any]
Told = Mapping[str, Any]
_PRODUCTS: Body = {"products": {"reverse_nested": {}}}


def names(ask: Ask) -> list[str]:
    asked = ask.facets
    plain = {"category": asked.category, "brand": asked.brand, "price": asked.price, "available": asked.available}
    return [
        *(name for name, is_asked in plain.items() if is_asked),
        *(f"attribute:{code}" for code in asked.attributes),
        *(f"option:{code}" for code in asked.options),
    ]


def aggregations(ask: Ask, chosen: Sequence[Choice]) -> Body:
    """By the facet's place, since a code may hold what the name of an aggregation may not."""
    return {str(place): _counted(ask, name, chosen) for place, name in enumerate(names(ask))}


def _counted(ask: Ask, name: str, chosen: Sequence[Choice]) -> Body:
    kind, _, code = name.partition(":")
    others, variant = choosing.of_product(chosen, name), choosing.of_variant(ask, chosen, name)
    if kind in ("category", "brand", "attribute"):
        field = {"category": "category_ids", "brand": "brand_id", "attribute": "facets"}[kind]
        fitting = choosing.all_of([*others, choosing.nested(variant)])
        return {"filter": fitting, "aggs": {"values": _terms(field, code)}}
    if kind == "price":
        fitting = choosing.all_of([*others, choosing.nested(variant)])
        return {"filter": fitting, "aggs": {"low": _first(variant, "asc"), "high": _first(variant, "desc")}}
    field = "offers.in_stock" if kind == "available" else "offers.options"
    return _of_variants(others, variant, {"values": _terms(field, code) | {"aggs": _PRODUCTS}})


def _first(variant: choosing.Query, order: str) -> Body:
    """The product whose cheapest variant that fits is the cheapest of all, or the dearest."""
    price = {"order": order, "mode": "min", "nested": {"path": "offers", "filter": variant}}
    return {"top_hits": {"size": 1, "_source": False, "sort": [{"offers.price": price}]}}


def _of_variants(others: Sequence[choosing.Query], variant: choosing.Query, inside: Body) -> Body:
    fitting = {"fitting": {"filter": variant, "aggs": inside}}
    return {
        "filter": choosing.all_of(others),
        "aggs": {"offers": {"nested": {"path": "offers"}, "aggs": fitting}},
    }


def _terms(field: str, code: str) -> Body:
    terms: Body = {"field": field, "size": MOST_CATEGORIES if field == "category_ids" else MOST_VALUES}
    if code:
        terms["include"] = f"{_literal(code)}:.*"
    return {"terms": terms}


def _literal(code: str) -> str:
    """For Lucene's regular expressions, in which these stand for something else."""
    return "".join(f"\\{sign}" if not sign.isalnum() else sign for sign in code)


def price_ranges(ask: Ask, spread: Spread) -> Body:
    """What to ask for the ranges of prices.

    A product belongs to the range of its cheapest variant. So for each border it is counted how many have a variant below it.
    """
    chosen = choosing.choices(ask)
    below = {
        str(border): {"filter": {"range": {"offers.price": {"lt": border}}}, "aggs": _PRODUCTS}
        for border in borders(*spread)[1:]
    }
    variant = choosing.of_variant(ask, chosen, "price")
    return _of_variants(choosing.of_product(chosen, "price"), variant, below | _PRODUCTS)


def has_ranges(told: Told, spread: Spread) -> bool:
    """Whether those that were asked for along with the rest have just these borders."""
    return "ranges" in told and all(str(border) in _inside(told["ranges"]) for border in borders(*spread)[1:])


def read(ask: Ask, told: Told, ranges: Told | None) -> tuple[FacetFound, ...]:
    """From `aggregations` of the two answers."""
    return tuple(_read(name, told[str(place)], ranges) for place, name in enumerate(names(ask)))


def _read(name: str, told: Told, ranges: Told | None) -> FacetFound:
    kind, _, code = name.partition(":")
    if kind == "price":
        return _prices(name, _spread(told), ranges)
    # Of what variants are, products are counted: an engine's order is by variants.
    is_of_variants = "values" not in told
    values = (_inside(told) if is_of_variants else told)["values"]
    counts = [
        FacetCount(_value(each, code), (each["products"] if is_of_variants else each)["doc_count"])
        for each in values["buckets"]
    ]
    if is_of_variants:
        counts.sort(key=lambda each: (-each.count, each.value))
    return FacetFound(name=name, counts=tuple(counts), is_exact=values["sum_other_doc_count"] == 0)


def _value(bucket: Told, code: str) -> str:
    said: str = bucket["key_as_string"] if "key_as_string" in bucket else bucket["key"]
    return said[len(code) + 1 :] if code else said


def spread(ask: Ask, told: Told) -> Spread | None:
    """From an answer's `aggregations`."""
    return _spread(told[str(names(ask).index("price"))]) if ask.facets.price else None


def _spread(told: Told) -> Spread | None:
    low, high = (told[side]["hits"]["hits"] for side in ("low", "high"))
    return (low[0]["sort"][0], high[0]["sort"][0]) if low else None


def _prices(name: str, spread: Spread | None, ranges: Told | None) -> FacetFound:
    if spread is None or ranges is None:
        return FacetFound(name=name)
    low, high = spread
    inside = _inside(ranges)
    starts = borders(low, high)
    below = [0, *(inside[str(start)]["products"]["doc_count"] for start in starts[1:]), inside["products"]["doc_count"]]
    ends = [*starts[1:], None]
    found = tuple(
        PriceRange(start, end, upper - lower)
        for start, end, (lower, upper) in zip(starts, ends, pairwise(below), strict=True)
        if upper > lower
    )
    return FacetFound(name=name, ranges=found, low=low, high=high)


def _inside(told: Told) -> Told:
    found: Told = told["offers"]["fitting"]
    return found
