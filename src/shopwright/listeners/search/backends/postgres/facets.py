"""Counts of what could be chosen: each facet with every other selection, and without its own."""

from collections.abc import Mapping

from sqlalchemy import text

from shopwright.kit.db import session
from shopwright.listeners.search.backend import Ask, FacetCount, FacetFound
from shopwright.listeners.search.backends.postgres import matching
from shopwright.listeners.search.backends.postgres.matching import Matching
from shopwright.listeners.search.ranges import ranges

#: Of more matches the counts are those of the first so many.
EXACT_UP_TO = 10_000
_SAID = {"category": "unnest(category_ids)", "brand": "brand_id", "price": "min(price)", "available": "in_stock"}


def count(ask: Ask, found: Matching, total: int) -> tuple[FacetFound, ...]:
    """What `ask.facets` names, in the order of their names there."""
    names = _names(ask)
    if not names:
        return ()
    filters, parameters = matching.conditions(ask)
    flags = {name: f"f{number}" for number, name in enumerate(filters)}
    columns = "".join(f", ({condition}) AS {flags[name]}" for name, condition in filters.items())
    parts = [_counting(name, number, _others(flags, name)) for number, name in enumerate(names)]
    sql = f"""
        WITH matched AS MATERIALIZED (SELECT * FROM ({found.sql}) AS every LIMIT :most), offered AS MATERIALIZED (
            SELECT m.product_id, m.brand_id, m.category_ids, m.facets, o.price, o.in_stock, o.options{columns}
            FROM matched m
            JOIN search_offers o ON o.product_id = m.product_id AND o.locale = :locale AND o.channel_id = :channel_id)
        {" UNION ALL ".join(parts)}"""  # noqa: S608  no text of a query is in it
    codes = {f"code_{number}": f"{name.partition(':')[2]}:" for number, name in enumerate(names) if ":" in name}
    rows = session.execute(text(sql), found.parameters | parameters | codes | {"most": EXACT_UP_TO})
    counted: dict[str, list[tuple[str, int]]] = {name: [] for name in names}
    for row in rows:
        counted[names[row.facet]].append((row.value, int(row.number)))
    return tuple(_found(name, counted[name], is_exact=total <= EXACT_UP_TO) for name in names)


def _names(ask: Ask) -> list[str]:
    asked = ask.facets
    plain = {"category": asked.category, "brand": asked.brand, "price": asked.price, "available": asked.available}
    return [
        *(name for name, is_asked in plain.items() if is_asked),
        *(f"attribute:{code}" for code in asked.attributes),
        *(f"option:{code}" for code in asked.options),
    ]


def _others(flags: Mapping[str, str], name: str) -> str:
    return " AND ".join(flag for facet, flag in flags.items() if facet != name) or "true"


def _counting(name: str, number: int, where: str) -> str:
    """Rows of the facet's place, a value, and how many products have it."""
    kind = name.partition(":")[0]
    if kind in ("attribute", "option"):
        # All values of all codes, of which those of one code are taken, without the code.
        values, of_code = ("facets" if kind == "attribute" else "options"), f"starts_with(v, :code_{number})"
        value, source = f"substr(v, length(:code_{number}) + 1)", f"SELECT product_id, unnest({values}) AS v"
    else:
        value, of_code, source = "v", "v IS NOT NULL", f"SELECT product_id, {_SAID[kind]} AS v"
    group = " GROUP BY product_id" if kind == "price" else ""
    return f"""
        SELECT {number} AS facet, CAST({value} AS text) AS value, count(DISTINCT product_id) AS number
        FROM ({source} FROM offered WHERE {where}{group}) AS each WHERE {of_code} GROUP BY 2"""  # noqa: S608  no text of a query is in it


def _found(name: str, counted: list[tuple[str, int]], *, is_exact: bool) -> FacetFound:
    if name == "price":
        prices = sorted((int(value), number) for value, number in counted)
        low, high = (prices[0][0], prices[-1][0]) if prices else (None, None)
        return FacetFound(name=name, ranges=ranges(prices), low=low, high=high, is_exact=is_exact)
    ordered = sorted(counted, key=lambda each: (-each[1], each[0]))
    return FacetFound(name=name, counts=tuple(FacetCount(*each) for each in ordered), is_exact=is_exact)
