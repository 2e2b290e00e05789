"""Counts of what could be chosen: each facet with every other selection, and without its own."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text

from shopwright.kit.db import session
from shopwright.listeners.search.backend import Ask, FacetCount, FacetFound
from shopwright.listeners.search.backends.postgres.conditions import all_of, conditions
from shopwright.listeners.search.backends.postgres.matching import Matching
from shopwright.listeners.search.ranges import ranges

#: Of more that match and are offered in the channel, whatever was chosen, the counts are those of so many.
EXACT_UP_TO = 10_000
#: What is counted for products that fit but for the facet's own selection.
_BY_PRODUCT = {
    "category": "SELECT unnest(m.category_ids) AS value FROM matched m JOIN fits USING (product_id) WHERE {fits}",
    "brand": "SELECT m.brand_id AS value FROM matched m JOIN fits USING (product_id) WHERE {fits} AND m.brand_id IS NOT NULL",
    "price": "SELECT price AS value FROM fits WHERE price IS NOT NULL",
    "available": "SELECT true AS value FROM fits WHERE has UNION ALL SELECT false FROM fits WHERE lacks",
    # All attributes with the same other selections at once, as `code:value`.
    "attribute": "SELECT unnest(m.facets) AS value FROM matched m JOIN fits USING (product_id) WHERE {fits}",
    "option": "SELECT value FROM (SELECT DISTINCT product_id, unnest(options) AS value FROM offered WHERE {others}) AS each",
}


def count(ask: Ask, found: Matching) -> tuple[FacetFound, ...]:
    """What `ask.facets` names."""
    names = _names(ask)
    if not names:
        return ()
    filters = conditions(ask)
    flags = {name: f"f{number}" for number, name in enumerate({**filters.of_document, **filters.of_offer})}
    # Facets without a selection of their own have the same others: all of them.
    parts = dict.fromkeys((_kind(name), _others(flags, name)) for name in names)
    numbered = {others: f"w{number}" for number, others in enumerate({others for _, others in parts})}
    counts = [
        _counting(number, _BY_PRODUCT[kind].format(fits=numbered[others], others=others))
        for number, (kind, others) in enumerate(parts)
    ]
    sql = f"""
        WITH matched AS MATERIALIZED (
            SELECT d.product_id, d.brand_id, d.category_ids, d.facets{_flagged(filters.of_document, flags)}
            FROM search_documents d WHERE {found.where} AND EXISTS (
                SELECT FROM search_offers o
                WHERE o.product_id = d.product_id AND o.locale = :locale AND o.channel_id = :channel_id)
            LIMIT :most + 1),
        offered AS MATERIALIZED (
            SELECT m.product_id, o.price, o.in_stock, o.options{_passed_on(filters.of_document, flags)}
                {_flagged(filters.of_offer, flags)}
            FROM matched m
            JOIN search_offers o ON o.product_id = m.product_id AND o.locale = :locale AND o.channel_id = :channel_id),
        fits AS MATERIALIZED (
            SELECT product_id, {", ".join(f"bool_or({others}) AS {name}" for others, name in numbered.items())},
                min(price) FILTER (WHERE {_others(flags, "price")}) AS price,
                bool_or(in_stock AND {_others(flags, "available")}) AS has,
                bool_or(NOT in_stock AND {_others(flags, "available")}) AS lacks
            FROM offered GROUP BY product_id)
        SELECT {len(parts)} AS part, NULL AS value, count(*) AS number FROM matched
        UNION ALL {" UNION ALL ".join(counts)}"""  # noqa: S608  no text of a query is in it
    asked = found.parameters | filters.parameters | {"most": EXACT_UP_TO}
    counted = _counted(session.execute(text(sql), asked), len(parts) + 1)
    ((_, matched),) = counted.pop()
    places = {part: place for place, part in enumerate(parts)}
    is_exact = matched <= EXACT_UP_TO
    return tuple(_found(name, counted[places[_kind(name), _others(flags, name)]], is_exact=is_exact) for name in names)


def _counted(rows: Iterable[Any], parts: int) -> list[list[tuple[str, int]]]:
    """By part the values with their numbers."""
    counted: list[list[tuple[str, int]]] = [[] for _ in range(parts)]
    for row in rows:
        counted[row.part].append((row.value, row.number))
    return counted


def _counting(number: int, values: str) -> str:
    return (
        f"SELECT {number} AS part, CAST(value AS text) AS value, count(*) AS number FROM ({values}) AS said GROUP BY 2"  # noqa: S608  no text of a query is in it
    )


def _names(ask: Ask) -> list[str]:
    asked = ask.facets
    plain = {"category": asked.category, "brand": asked.brand, "price": asked.price, "available": asked.available}
    return [
        *(name for name, is_asked in plain.items() if is_asked),
        *(f"attribute:{code}" for code in asked.attributes),
        *(f"option:{code}" for code in asked.options),
    ]


def _kind(name: str) -> str:
    return name.partition(":")[0]


def _others(flags: Mapping[str, str], name: str) -> str:
    return all_of(flag for facet, flag in flags.items() if facet != name)


def _flagged(said: Mapping[str, str], flags: Mapping[str, str]) -> str:
    """A column for each selection, that says whether it holds; nothing is said of a brand that is not there."""
    return "".join(f", coalesce({condition}, false) AS {flags[name]}" for name, condition in said.items())


def _passed_on(said: Iterable[str], flags: Mapping[str, str]) -> str:
    return "".join(f", m.{flags[name]}" for name in said)


def _found(name: str, counted: list[tuple[str, int]], *, is_exact: bool) -> FacetFound:
    if name == "price":
        prices = sorted((int(value), number) for value, number in counted)
        low, high = (prices[0][0], prices[-1][0]) if prices else (None, None)
        return FacetFound(name=name, ranges=ranges(prices), low=low, high=high, is_exact=is_exact)
    begins = name.partition(":")[2] + ":" if ":" in name else ""
    own = [(value.removeprefix(begins), number) for value, number in counted if value.startswith(begins)]
    ordered = sorted(own, key=lambda each: (-each[1], each[0]))
    return FacetFound(name=name, counts=tuple(FacetCount(*each) for each in ordered), is_exact=is_exact)
