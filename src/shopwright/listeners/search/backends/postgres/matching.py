"""Which documents match, how well, and the page that is asked for: one statement."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.listeners.search.backend import MOST, Ask, Chosen, Order, Term
from shopwright.listeners.search.backends.postgres.languages import configuration
from shopwright.listeners.search.backends.postgres.writing import lexeme

Parameters = dict[str, Any]
#: By term's place, words that are spelled nearly so, and occur.
Near = Mapping[int, Sequence[str]]

#: Of D, C, B and A: the description, attributes, brand and categories, the title.
_WEIGHTS = "'{0.05, 0.3, 0.6, 1.0}'"
#: Who sells as much in 30 days is as popular as can be.
_POPULAR = 50
_ORDERS = {
    Order.RELEVANCE: "pin NULLS LAST, tier, score DESC, product_id",
    Order.CHEAPEST: "price, product_id",
    Order.DEAREST: "price DESC, product_id DESC",
    Order.NEWEST: "published_at DESC, product_id DESC",
    Order.POPULAR: "popularity DESC, product_id",
    Order.TITLE: "title_key, product_id",
}
_COLUMNS = (
    "d.product_id, d.title, d.title_key, d.brand_id, d.category_ids, d.facets, d.published_at, d.popularity, d.margin,"
    " d.stemmed, array_position(CAST(:pins AS uuid[]), d.product_id) AS pin"
)
_EXACT, _STEMMED = "to_tsquery('simple', :exact)", "to_tsquery(CAST(:config AS regconfig), :stemmed)"
_SYNONYMS, _WIDEST = _STEMMED.replace(":stemmed", ":synonyms"), _STEMMED.replace(":stemmed", ":widest")
_TITLED = _STEMMED.replace(":stemmed", ":titled")


class Matching(NamedTuple):
    """What `FROM … WHERE` finds, with the columns `tier` and `rank`."""

    sql: str
    parameters: Parameters


class PageHit(Struct, frozen=True):
    product_id: UUID
    variant_id: UUID
    tier: int
    score: float
    title: str
    #: Which of the terms it has, where not all are asked for.
    has: list[bool] | None = None


class Page(Struct, frozen=True):
    """How many match with all filters, the best tier of all of them, and those that were asked for."""

    total: int
    best: int | None
    hits: list[PageHit] | None


_decoder = msgspec.json.Decoder(Page)


def by_code(ask: Ask) -> Matching:
    sql = _matching("0", "1.0", "d.codes @> ARRAY[:code]")
    return Matching(sql, _base(ask) | {"code": ask.code})


def everything(ask: Ask) -> Matching:
    return Matching(_matching("0", "1.0", "true"), _base(ask))


def by_words(ask: Ask, near: Near) -> Matching:
    """Those that have all of the terms, in the description too, but to be exact."""
    tier = f"""CASE WHEN d.plain @@ {_EXACT} THEN 1 WHEN d.stemmed @@ {_STEMMED} THEN 2
        WHEN d.stemmed @@ {_SYNONYMS} THEN 3 ELSE 4 END"""
    sql = _matching(tier, _rank(_WIDEST), f"(d.plain @@ {_EXACT} OR d.stemmed @@ {_WIDEST})")
    return Matching(sql, _base(ask) | _queries(ask, near))


def by_some_words(ask: Ask, near: Near, needed: int) -> Matching:
    """Those that have so many of the terms; a word that says nothing is had by all."""
    each = [_STEMMED.replace(":stemmed", f":term_{number}") for number in range(len(ask.terms))]
    has = [f"(numnode({term}) = 0 OR d.stemmed @@ {term})" for term in each]
    count = " + ".join(f"CAST({one} AS int)" for one in has)
    any_of = _STEMMED.replace(":stemmed", ":any_of")
    # More words always stand above fewer.
    rank = f"10.0 * ({count}) + ts_rank({_WEIGHTS}, d.stemmed, {any_of}, 1)"
    sql = _matching("5", rank, f"d.stemmed @@ {any_of} AND {count} >= :needed", f", ARRAY[{', '.join(has)}] AS has")
    terms = {f"term_{number}": _widest(term, near.get(number, ())) for number, term in enumerate(ask.terms)}
    return Matching(sql, _base(ask) | terms | {"any_of": _any(terms.values()), "needed": needed})


def page(ask: Ask, matching: Matching) -> Page:
    filters, parameters = conditions(ask)
    has = "has" if "AS has" in matching.sql else "NULL AS has"
    order = _ORDERS[ask.order]
    sql = f"""
        WITH matched AS ({matching.sql}), fitting AS (
            SELECT DISTINCT ON (m.product_id) m.*, o.variant_id, o.in_stock,
                min(o.price) OVER (PARTITION BY m.product_id) AS price
            FROM matched m
            JOIN search_offers o ON o.product_id = m.product_id AND o.locale = :locale AND o.channel_id = :channel_id
            WHERE {_all(filters.values())}
            ORDER BY m.product_id, o.in_stock DESC, o.price, o.position),
        scored AS (SELECT *, {_score(ask)} AS score FROM fitting),
        page AS (
            SELECT product_id, variant_id, tier, score, title, {has} FROM scored
            ORDER BY {order} OFFSET :offset LIMIT :size)
        SELECT CAST(json_build_object(
            'total', (SELECT count(*) FROM scored), 'best', (SELECT min(tier) FROM scored),
            'hits', (SELECT json_agg(page) FROM page)) AS text)"""  # noqa: S608  no text of a query is in it
    asked = matching.parameters | parameters | _boosts(ask) | {"offset": ask.offset, "size": ask.size}
    return _decoder.decode(session.execute(text(sql), asked).scalar_one())


def conditions(ask: Ask) -> tuple[dict[str, str], Parameters]:
    """What each selection asks of a match `m` and its offer `o`, by the facet that it is made in."""
    chosen, found, asked = ask.filters, dict[str, str](), Parameters()
    if chosen.category_id is not None:
        found["category"], asked["category_id"] = (
            "m.category_ids @> ARRAY[CAST(:category_id AS uuid)]",
            chosen.category_id,
        )
    if chosen.brand_ids:
        found["brand"], asked["brand_ids"] = "m.brand_id = ANY(:brand_ids)", [*chosen.brand_ids]
    prices = []
    if chosen.price_min is not None:
        prices.append("o.price >= :price_min")
        asked["price_min"] = chosen.price_min
    if chosen.price_max is not None:
        prices.append("o.price <= :price_max")
        asked["price_max"] = chosen.price_max
    if prices:
        found["price"] = _all(prices)
    if chosen.is_available is not None:
        found["available"], asked["is_available"] = "o.in_stock = :is_available", chosen.is_available
    for kind, column, choices in (
        ("attribute", "m.facets", chosen.attributes),
        ("option", "o.options", chosen.options),
    ):
        for number, choice in enumerate(choices):
            name = f"{kind}_{number}"
            found[f"{kind}:{choice.code}"] = f"{column} && CAST(:{name} AS text[])"
            asked[name] = _spelled(choice)
    return found, asked


def _rank(query: str) -> str:
    """A title that says all of it counts more than one that says a part, and that more than what stands elsewhere."""
    return f"""
        ts_rank({_WEIGHTS}, d.stemmed, {query}, 1) + ts_rank({_WEIGHTS}, d.plain, {_EXACT}, 1)
        + CASE WHEN d.stemmed @@ {_TITLED} THEN 1.0 ELSE 0.0 END"""


def _spelled(choice: Chosen) -> list[str]:
    return [f"{choice.code}:{value}" for value in choice.values]


def _matching(tier: str, rank: str, condition: str, more: str = "") -> str:
    return f"""
        SELECT {_COLUMNS}, {tier} AS tier, {rank} AS rank{more} FROM search_documents d
        WHERE d.locale = :locale AND d.is_found AND d.product_id <> ALL(CAST(:hides AS uuid[]))
            AND (:excluded = '' OR NOT d.stemmed @@ to_tsquery(CAST(:config AS regconfig), :excluded))
            AND ({condition} OR d.product_id = ANY(CAST(:pins AS uuid[])))"""  # noqa: S608  no text of a query is in it


def _base(ask: Ask) -> Parameters:
    # Who sorts otherwise wants that order, and no product lifted over it.
    pins = [*ask.pins] if ask.order is Order.RELEVANCE else []
    excluded = _any("(" + " & ".join(f"'{lexeme(word)}':ABC" for word in term.words) + ")" for term in ask.excluded)
    return {
        "excluded": excluded if ask.excluded else "",
        "locale": ask.locale, "channel_id": ask.channel_id, "config": configuration(ask.locale),
        "pins": pins, "hides": [*ask.hides],
    }  # fmt: skip


def _queries(ask: Ask, near: Near) -> Parameters:
    words = [_all_of(term.words) for term in ask.terms]
    synonyms = [_widest(term, ()) for term in ask.terms]
    widest = [_widest(term, near.get(number, ())) for number, term in enumerate(ask.terms)]
    exact = " & ".join(f"'{lexeme(word)}':ABC" for term in ask.terms for word in term.words)
    titled = " & ".join(f"'{lexeme(word)}':A" for term in ask.terms for word in term.words)
    return {
        "exact": exact, "titled": titled, "stemmed": " & ".join(words), "synonyms": " & ".join(synonyms),
        "widest": " & ".join(widest),
    }  # fmt: skip


def _widest(term: Term, near: Iterable[str]) -> str:
    return _any(
        [_all_of(term.words), *(_all_of(words) for words in term.alternatives), *(_all_of([word]) for word in near)]
    )


def _all_of(words: Iterable[str]) -> str:
    return "(" + " & ".join(f"'{lexeme(word)}'" for word in words) + ")"


def _any(queries: Iterable[str]) -> str:
    return "(" + " | ".join(queries) + ")"


def _all(parts: Iterable[str]) -> str:
    return " AND ".join(parts) or "true"


def _score(ask: Ask) -> str:
    """Text first; what the business would like moves a hit by so much at most, and only among those of its tier."""
    boosts = "".join(
        f" * CASE WHEN {_boosted(ask, number)} THEN :factor_{number} ELSE 1.0 END" for number in range(len(ask.boosts))
    )
    return f"""rank * (1 + least({MOST},
        :popularity * least(1.0, ln(1 + popularity) / ln(1 + {_POPULAR}.0)) + :margin * least(1.0, greatest(0.0, margin))
        + :newness * 30.0 / (30.0 + greatest(0.0, extract(epoch FROM :now - published_at) / 86400))
        + :stock * CAST(in_stock AS int))){boosts}"""


def _boosts(ask: Ask) -> Parameters:
    weights = ask.weights
    asked: Parameters = {
        "popularity": weights.popularity, "margin": weights.margin, "newness": weights.newness, "stock": weights.stock,
        "now": clock.now(),
    }  # fmt: skip
    for number, boost in enumerate(ask.boosts):
        asked[f"factor_{number}"] = boost.factor
        if boost.brand_id is not None:
            asked[f"boosted_brand_{number}"] = boost.brand_id
        if boost.category_id is not None:
            asked[f"boosted_category_{number}"] = boost.category_id
        if boost.product_ids:
            asked[f"boosted_products_{number}"] = [*boost.product_ids]
    return asked


def _boosted(ask: Ask, number: int) -> str:
    boost, ways = ask.boosts[number], []
    if boost.brand_id is not None:
        ways.append(f"brand_id = CAST(:boosted_brand_{number} AS uuid)")
    if boost.category_id is not None:
        ways.append(f"category_ids @> ARRAY[CAST(:boosted_category_{number} AS uuid)]")
    if boost.product_ids:
        ways.append(f"product_id = ANY(:boosted_products_{number})")
    return " OR ".join(ways) or "false"
