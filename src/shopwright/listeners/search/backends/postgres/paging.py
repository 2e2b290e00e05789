"""The page that is asked for, in its order, with the number of all that match: one statement."""

from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text

from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.listeners.search.backend import MOST, MOST_BOOST, Ask, Order
from shopwright.listeners.search.backends.postgres.conditions import Parameters, all_of, conditions
from shopwright.listeners.search.backends.postgres.matching import Matching

#: Who sells as much in 30 days is as popular as can be.
_POPULAR = 50
_ORDERS = {
    Order.RELEVANCE: "pin NULLS LAST, tier, number DESC, score DESC, product_id",
    Order.CHEAPEST: "price, product_id",
    Order.DEAREST: "price DESC, product_id DESC",
    Order.NEWEST: "published_at DESC, product_id DESC",
    Order.POPULAR: "popularity DESC, product_id",
    Order.TITLE: "title_key, product_id",
}


class PageHit(Struct, frozen=True):
    product_id: UUID
    variant_id: UUID
    tier: int
    score: float
    title: str
    has: list[bool] | None = None


class Best(Struct, frozen=True):
    product_id: UUID
    tier: int


class Page(Struct, frozen=True):
    """How many match with all filters, which of all of them matches best, and those that were asked for."""

    total: int
    best: Best | None
    hits: list[PageHit] | None


_decoder = msgspec.json.Decoder(Page)


def page(ask: Ask, found: Matching) -> Page:
    filters = conditions(ask)
    of_offer = all_of(["o.locale = :locale", "o.channel_id = :channel_id", *filters.of_offer.values()])
    # What is ranked carries only what it is ranked by: titles and variants are looked up for the page alone.
    sql = f"""
        WITH matched AS MATERIALIZED (
            SELECT d.product_id, {found.tier} AS tier, ({found.rank}){_boosted(ask)} AS rank, {found.has} AS has,
                {found.number} AS number,
                d.published_at, d.popularity, d.margin, array_position(CAST(:pins AS uuid[]), d.product_id) AS pin,
                {"d.title_key" if ask.order is Order.TITLE else "NULL"} AS title_key
            FROM search_documents d WHERE {all_of([found.where, *filters.of_document.values()])}),
        fitting AS (
            SELECT o.product_id, min(o.price) AS price, bool_or(o.in_stock) AS in_stock
            FROM search_offers o JOIN matched USING (product_id) WHERE {of_offer} GROUP BY o.product_id),
        scored AS MATERIALIZED (
            SELECT m.*, f.price, {_SCORE} AS score FROM matched m JOIN fitting f USING (product_id)),
        page AS (
            SELECT *, row_number() OVER () AS place
            FROM (SELECT * FROM scored ORDER BY {_ORDERS[ask.order]} OFFSET :offset LIMIT :size) AS sorted),
        hits AS (
            SELECT page.product_id, best.variant_id, page.tier, page.score, d.title, page.has, page.place
            FROM page JOIN search_documents d ON d.product_id = page.product_id AND d.locale = :locale
            CROSS JOIN LATERAL (
                SELECT o.variant_id FROM search_offers o WHERE o.product_id = page.product_id AND {of_offer}
                ORDER BY o.in_stock DESC, o.price, o.position LIMIT 1) AS best)
        SELECT CAST(json_build_object(
            'total', (SELECT count(*) FROM scored),
            'best', (SELECT json_build_object('product_id', product_id, 'tier', tier)
                     FROM scored ORDER BY tier, score DESC, product_id LIMIT 1),
            'hits', (SELECT json_agg(hits ORDER BY place) FROM hits)) AS text)"""  # noqa: S608  no text of a query is in it
    asked = found.parameters | filters.parameters | _signals(ask) | {"offset": ask.offset, "size": ask.size}
    return _decoder.decode(session.execute(text(sql), asked).scalar_one())


#: Text first; what the business would like moves a hit by so much at most, and only among those of its tier.
_SCORE = f"""m.rank * (1 + least({MOST},
    :popularity * least(1.0, ln(1 + m.popularity) / ln(1 + {_POPULAR}.0)) + :margin * least(1.0, greatest(0.0, m.margin))
    + :newness * 30.0 / (30.0 + greatest(0.0, extract(epoch FROM :now - m.published_at) / 86400))
    + :stock * CAST(f.in_stock AS int)))"""


def _boosted(ask: Ask) -> str:
    ways = {
        "brand": "d.brand_id = CAST(:boosted_brand_{0} AS uuid)",
        "category": "d.category_ids @> ARRAY[CAST(:boosted_category_{0} AS uuid)]",
        "products": "d.product_id = ANY(CAST(:boosted_products_{0} AS uuid[]))",
    }
    met = [" OR ".join(way.format(number) for way in ways.values()) for number, _ in enumerate(ask.boosts)]
    factors = " * ".join(f"CASE WHEN {way} THEN :factor_{number} ELSE 1.0 END" for number, way in enumerate(met))
    return f" * least({MOST_BOOST}, {factors})" if factors else ""


def _signals(ask: Ask) -> Parameters:
    weights = ask.weights
    asked: Parameters = {
        "popularity": weights.popularity, "margin": weights.margin, "newness": weights.newness, "stock": weights.stock,
        "now": clock.now(),
    }  # fmt: skip
    for number, boost in enumerate(ask.boosts):
        asked |= {
            f"factor_{number}": boost.factor, f"boosted_brand_{number}": boost.brand_id,
            f"boosted_category_{number}": boost.category_id, f"boosted_products_{number}": [*boost.product_ids],
        }  # fmt: skip
    return asked
