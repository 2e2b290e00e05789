"""The filters in SQL: what each selection asks of a document `d`, or of one of its offers `o`."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from shopwright.listeners.search.backend import Ask, Chosen

Parameters = dict[str, Any]


class Conditions(NamedTuple):
    """By the facet that a selection is made in. Those of offers must hold for one and the same."""

    of_document: dict[str, str]
    of_offer: dict[str, str]
    parameters: Parameters


def conditions(ask: Ask) -> Conditions:
    chosen, found = ask.filters, Conditions({}, {}, {})
    if chosen.category_id is not None:
        found.of_document["category"] = "d.category_ids @> ARRAY[CAST(:category_id AS uuid)]"
        found.parameters["category_id"] = chosen.category_id
    if chosen.brand_ids:
        found.of_document["brand"] = "d.brand_id = ANY(:brand_ids)"
        found.parameters["brand_ids"] = [*chosen.brand_ids]
    prices = {"o.price >= :price_min": chosen.price_min, "o.price <= :price_max": chosen.price_max}
    if said := {condition: amount for condition, amount in prices.items() if amount is not None}:
        found.of_offer["price"] = all_of(said)
        found.parameters.update(price_min=chosen.price_min, price_max=chosen.price_max)
    if chosen.is_available is not None:
        found.of_offer["available"] = "o.in_stock = :is_available"
        found.parameters["is_available"] = chosen.is_available
    _overlaps("attribute", "d.facets", chosen.attributes, found.of_document, found.parameters)
    _overlaps("option", "o.options", chosen.options, found.of_offer, found.parameters)
    return found


def _overlaps(kind: str, column: str, choices: Iterable[Chosen], into: dict[str, str], parameters: Parameters) -> None:
    for number, choice in enumerate(choices):
        into[f"{kind}:{choice.code}"] = f"{column} && CAST(:{kind}_{number} AS text[])"
        parameters[f"{kind}_{number}"] = [f"{choice.code}:{value}" for value in choice.values]


def all_of(parts: Iterable[str]) -> str:
    return " AND ".join(parts) or "true"
