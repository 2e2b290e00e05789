"""The body of a search: who is in question, how they are ordered, the variant that is shown, and what is counted."""

from typing import Any

from shopwright.kit import clock
from shopwright.listeners.search.backend import MARK, MOST, MOST_BOOST, UNMARK, Ask, Boost, Order
from shopwright.listeners.search.backends.elastic import choosing, facets, mapping, matching
from shopwright.listeners.search.backends.elastic.choosing import Query, nested
from shopwright.listeners.search.backends.elastic.mapping import DEEPEST
from shopwright.listeners.search.backends.elastic.matching import Rung

#: Above all tiers, and the first pin above the others.
PIN_STEP = matching.STEP * 100
_SHOWN_FIRST = [{"offers.in_stock": "desc"}, {"offers.price": "asc"}, {"offers.position": "asc"}]


def body(ask: Ask, rung: Rung) -> dict[str, Any]:
    """With the page that is asked for, and the counts."""
    chosen = choosing.choices(ask)
    variant = choosing.of_variant(ask, chosen)
    shown = {
        "name": "shown",
        "size": 1,
        "sort": _SHOWN_FIRST,
        "_source": False,
        "docvalue_fields": ["offers.variant_id"],
    }
    size = max(0, min(ask.size, DEEPEST - ask.offset))
    asked: dict[str, Any] = {
        "query": _in_question(ask, rung, pins=ask.order is Order.RELEVANCE),
        # Counts are taken before it, each with its own selections.
        "post_filter": choosing.all_of([*choosing.of_product(chosen), nested(variant, inner_hits=shown)]),
        "sort": _sort(ask, variant),
        "from": ask.offset if size else 0,
        "size": size,
        "track_total_hits": True,
        "_source": _said(rung),
        "docvalue_fields": ["product_id"],
        "aggs": facets.aggregations(ask, chosen),
    }
    if ask.terms and ask.has_highlights:
        asked["highlight"] = {
            "pre_tags": [MARK], "post_tags": [UNMARK],
            "fields": {"title": {
                "type": "unified", "number_of_fragments": 0, "highlight_query": matching.marked(ask, is_near=rung.is_near),
            }},
        }  # fmt: skip
    return asked


def best(ask: Ask, rung: Rung) -> dict[str, Any]:
    """For the tier of the best hit alone, where the page does not begin with it."""
    chosen = choosing.choices(ask)
    fitting = choosing.all_of([*choosing.of_product(chosen), nested(choosing.of_variant(ask, chosen))])
    found = {"bool": {"must": [_in_question(ask, rung, pins=False)], "filter": [fitting]}}
    return {"query": found, "size": 1, "track_total_hits": False, "_source": _said(rung)}


def _said(rung: Rung) -> list[str] | bool:
    """The fields whose words may have been found in the place of the query's."""
    return mapping.SAID if rung.is_near else False


def counting(ask: Ask, rung: Rung) -> dict[str, Any]:
    """For counts alone."""
    return {"query": _in_question(ask, rung, pins=ask.order is Order.RELEVANCE), "size": 0, "track_total_hits": False}


def begins_with_best(ask: Ask) -> bool:
    return ask.order is Order.RELEVANCE and ask.offset == 0 and not ask.pins


def _in_question(ask: Ask, rung: Rung, *, pins: bool) -> Query:
    """Hits of the rung and, first and whatever they match, the pins; of this channel, and not hidden."""
    found: list[Query] = [{"bool": {"must": [rung.found], "should": [_liked(ask, rung.text)]}}]
    if pins:
        found += [
            {"constant_score": {
                "filter": {"term": {"product_id": str(pin)}}, "boost": PIN_STEP * (len(ask.pins) - place), "_name": "pin",
            }}
            for place, pin in enumerate(ask.pins)
        ]  # fmt: skip
    return {
        "bool": {
            "filter": [{"term": {"is_found": True}}, {"term": {"channels": str(ask.channel_id)}}],
            "must_not": unwanted(ask),
            "must": [{"dis_max": {"queries": found}}] if len(found) > 1 else found,
        }
    }


def unwanted(ask: Ask) -> list[Query]:
    hidden: list[Query] = [{"terms": {"product_id": [str(each) for each in ask.hides]}}] if ask.hides else []
    return [*matching.excluded(ask.excluded), *hidden]


def _liked(ask: Ask, text: Query) -> Query:
    """The score of the text, moved by what the business would like, and by the merchant's boosts."""
    liked = {"function_score": {
        "query": text, "functions": _signals(ask), "score_mode": "sum", "max_boost": 1 + MOST, "boost_mode": "multiply",
    }}  # fmt: skip
    if not ask.boosts:
        return liked
    functions = [{"filter": _boosted(boost), "weight": boost.factor} for boost in ask.boosts]
    return {"function_score": {
        "query": liked, "functions": functions, "score_mode": "multiply", "max_boost": MOST_BOOST,
        "boost_mode": "multiply",
    }}  # fmt: skip


def _signals(ask: Ask) -> list[dict[str, Any]]:
    """One, and for each signal its weight or a part of it."""
    weights = ask.weights
    in_stock = {"bool": {"filter": [
        {"term": {"offers.channel_id": str(ask.channel_id)}}, {"term": {"offers.in_stock": True}},
    ]}}  # fmt: skip
    # Half of it is left after a month.
    decay = {"origin": clock.now().isoformat(), "scale": "30d", "decay": 0.5}
    return [
        {"weight": 1},
        {"weight": weights.popularity, "field_value_factor": {"field": "popular", "missing": 0}},
        {"weight": weights.margin, "field_value_factor": {"field": "margin", "missing": 0}},
        {"weight": weights.newness, "exp": {"published_at": decay}},
        {"weight": weights.stock, "filter": nested(in_stock)},
    ]


def _boosted(boost: Boost) -> Query:
    ways: list[Query] = []
    if boost.brand_id is not None:
        ways.append({"term": {"brand_id": str(boost.brand_id)}})
    if boost.category_id is not None:
        ways.append({"term": {"category_ids": str(boost.category_id)}})
    if boost.product_ids:
        ways.append({"terms": {"product_id": [str(each) for each in boost.product_ids]}})
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def _sort(ask: Ask, variant: Query) -> list[dict[str, Any]]:
    """The product's id last, so that pages hold together. Prices are those of the variants that fit."""
    rising = ask.order is not Order.DEAREST
    price = {"order": "asc" if rising else "desc", "mode": "min", "nested": {"path": "offers", "filter": variant}}
    up, down = {"product_id": "asc"}, {"product_id": "desc"}
    orders: dict[Order, list[dict[str, Any]]] = {
        Order.RELEVANCE: [{"_score": "desc"}, up],
        Order.CHEAPEST: [{"offers.price": price}, up],
        Order.DEAREST: [{"offers.price": price}, down],
        Order.NEWEST: [{"published_at": "desc"}, down],
        Order.POPULAR: [{"popularity": "desc"}, up],
        Order.TITLE: [{"title_key": "asc"}, up],
    }
    return orders[ask.order]
