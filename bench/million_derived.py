"""What follows from products, prices and stock, as the shop would have written it: a statement for each table."""

import psycopg
from bench.million_frame import RESELLERS_PPM, Frame

ANYBODY = "00000000-0000-0000-0000-000000000000"

#: An id of version 7, sorted by birth.
BORN = """
CREATE FUNCTION pg_temp.born(at timestamptz, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(number), 15, '0'))::uuid
$$"""

#: `parts`: what it costs there, in hundredths of what it costs in the EU.
MARKETS = """
CREATE TEMP TABLE markets ON COMMIT DROP AS
SELECT id AS channel_id, currency, place, parts
FROM channels JOIN (VALUES ('eu', 0, 100), ('uk', 1, 90), ('us', 2, 110)) AS m (code, place, parts) USING (code)"""

#: For whom listings are made, and which list makes their prices.
AUDIENCES = """
CREATE TEMP TABLE audiences ON COMMIT DROP AS
SELECT m.*, a.group_id::uuid, a.list_id::uuid, a.adjust_ppm, a.is_public
FROM markets AS m JOIN (VALUES
    (0, %(anybody)s, %(sale)s, NULL, true), (1, %(anybody)s, NULL, NULL, true), (2, %(anybody)s, NULL, NULL, true),
    (1, %(resellers)s, %(resale)s, %(resellers_ppm)s, false), (2, %(club)s, %(member_prices)s, NULL, false)
) AS a (place, group_id, list_id, adjust_ppm, is_public) USING (place)"""

SLUGS = """
INSERT INTO product_slugs (slug, product_id)
SELECT slug, id FROM products UNION SELECT slug, product_id FROM product_translations WHERE slug IS NOT NULL"""

PRICES = """
INSERT INTO prices (variant_id, channel_id, currency, amount, compare_at_amount, cost_amount, version)
SELECT variant_id, channel_id, currency, amount * parts / 100, compare_at * parts / 100, amount * parts / 200, 1
FROM made, markets"""

#: Every twentieth variant is in the sale, every tenth has prices for members, from one and from ten pieces on.
TIERS = """
INSERT INTO price_tiers (price_list_id, variant_id, min_quantity, amount)
SELECT %(sale)s::uuid, variant_id, 1, amount * 85 / 100 FROM made WHERE number %% 20 = 3
UNION ALL
SELECT %(member_prices)s::uuid, variant_id, min_quantity, amount * hundredths / 100
FROM made, (VALUES (1, 95), (10, 80)) AS t (min_quantity, hundredths)
WHERE number %% 10 = 5"""

OWN_HISTORY = """
INSERT INTO price_history (id, variant_id, channel_id, currency, price_list_id, min_quantity, amount, compare_at_amount,
                           cost_amount, at)
SELECT pg_temp.born(created_at, number * 4 + place), variant_id, channel_id, currency, NULL, 1, prices.amount,
       compare_at_amount, cost_amount, created_at
FROM made JOIN products ON id = product_id JOIN prices USING (variant_id) JOIN markets USING (channel_id, currency)
ORDER BY 1"""

TIER_HISTORY = """
INSERT INTO price_history (id, variant_id, channel_id, currency, price_list_id, min_quantity, amount, at)
SELECT pg_temp.born(now(), row_number() OVER (ORDER BY variant_id, min_quantity)), variant_id, channel_id, currency,
       price_list_id, min_quantity, amount, now()
FROM price_tiers JOIN price_lists ON price_lists.id = price_list_id"""

#: A draft was never shown.
ANNOUNCED = """
INSERT INTO price_announcements (variant_id, channel_id, currency, number, amount, is_reduced, at)
SELECT variant_id, channel_id, currency, 1, prices.amount, compare_at_amount IS NOT NULL, published_at
FROM made JOIN products ON id = product_id JOIN prices USING (variant_id) WHERE published_at IS NOT NULL"""

#: What was put away is shown for nothing any more.
ARCHIVED = """
INSERT INTO price_announcements (variant_id, channel_id, currency, number, amount, is_reduced, at)
SELECT variant_id, channel_id, currency, 2, NULL, false, archived_at
FROM made JOIN products ON id = product_id JOIN price_announcements USING (variant_id) WHERE archived_at IS NOT NULL"""

REDUCED = """
INSERT INTO price_announcements (variant_id, channel_id, currency, number, amount, is_reduced, lowest_before_amount, at)
SELECT variant_id, channel_id, currency, 2, tiers.amount, true, prices.amount, now()
FROM made JOIN products ON id = product_id JOIN price_tiers AS tiers USING (variant_id)
     JOIN price_lists ON price_lists.id = price_list_id JOIN prices USING (variant_id, channel_id, currency)
WHERE price_list_id = %(sale)s AND published_at IS NOT NULL AND archived_at IS NULL"""

LEVELS = """
INSERT INTO stock_levels (variant_id, location_id, on_hand)
SELECT variant_id, location_id, on_hand
FROM made, LATERAL (VALUES (%(near)s::uuid, near), (%(far)s::uuid, far)) AS l (location_id, on_hand)"""

MOVEMENTS = """
INSERT INTO stock_movements (id, variant_id, location_id, delta, reason, reference, actor, at)
SELECT pg_temp.born(created_at, number * 2 + (location_id = %(far)s)::int), variant_id, location_id, on_hand, 'receipt', '',
       'system', created_at
FROM made JOIN products ON id = product_id JOIN stock_levels USING (variant_id) WHERE on_hand > 0
ORDER BY 1"""

#: Collections overlap. The first one has ten times as many products as the others, if there are enough.
PICKED = """
INSERT INTO collection_items (collection_id, position, product_id)
SELECT %(collection)s::uuid, row_number() OVER (ORDER BY md5(id::text)) - 1, id
FROM (SELECT id, row_number() OVER (ORDER BY md5(id::text || %(collection)s)) AS drawn FROM products) AS p
WHERE drawn <= %(count)s"""
IN_COLLECTION, IN_FIRST = 500, 5_000

LISTINGS = """
WITH shown AS (
    SELECT v.product_id, v.position, a.channel_id, a.group_id, a.currency, p.compare_at_amount, a.is_public, p.amount AS own,
           coalesce(t.amount, (p.amount * (1000000 + a.adjust_ppm) * 2 + 1000000) / 2000000) AS listed,
           last.lowest_before_amount AS before,
           EXISTS (SELECT FROM stock_levels JOIN channel_locations USING (location_id)
                   WHERE variant_id = v.id AND channel_locations.channel_id = a.channel_id AND on_hand > 0) AS is_there
    FROM audiences AS a JOIN prices AS p USING (channel_id, currency) JOIN variants AS v ON v.id = p.variant_id
         LEFT JOIN price_tiers AS t ON t.variant_id = v.id AND t.price_list_id = a.list_id AND t.min_quantity = 1
         LEFT JOIN price_announcements AS last
             ON last.variant_id = v.id AND last.channel_id = a.channel_id AND last.number = 2
), offered AS (
    SELECT *, coalesce(listed, own) AS amount,
           CASE WHEN listed IS NULL THEN compare_at_amount WHEN is_public AND listed < own THEN own END AS was
    FROM shown
), listed AS (
    SELECT product_id, channel_id, group_id, currency, max(amount) AS highest, bool_or(is_there) AS is_available,
           (array_agg(ARRAY[amount, was, CASE WHEN was IS NOT NULL THEN before END] ORDER BY amount, position))[1:1] AS lowest
    FROM offered GROUP BY 1, 2, 3, 4
)
INSERT INTO listings (product_id, channel_id, group_id, currency, lowest_amount, compare_at_amount, lowest_before_amount,
                      highest_amount, is_available, published_at, brand_id, category_ids, facets, title_keys)
SELECT id, channel_id, group_id, currency, lowest[1][1], lowest[1][2], lowest[1][3], highest, is_available, published_at,
       brand_id, category_ids, facets, CASE WHEN place = 0 THEN both_keys ELSE one_key END
FROM listed JOIN products ON id = product_id JOIN markets USING (channel_id, currency), LATERAL (
    SELECT array_agg(DISTINCT above ORDER BY above) AS category_ids
    FROM product_categories JOIN categories ON categories.id = category_id, unnest(path) AS above
    WHERE product_categories.product_id = products.id
), LATERAL (
    SELECT array_agg(code || ':' || (attributes ->> code) ORDER BY code || ':' || (attributes ->> code)) AS facets
    FROM product_attributes AS asked
    WHERE asked.product_type_id = products.product_type_id AND is_facetable AND attributes ? code
), LATERAL (
    SELECT jsonb_build_object('en', lower(title)) AS one_key,
           jsonb_build_object('en', lower(title), 'de', lower(coalesce(
               (SELECT said.title FROM product_translations AS said WHERE said.product_id = products.id), title))) AS both_keys
)
WHERE published_at IS NOT NULL AND archived_at IS NULL
ORDER BY id"""

SHELVES = """
INSERT INTO shelved_listings (product_id, channel_id, group_id, category_id, lowest_amount, published_at, is_available,
                              brand_id, facets)
SELECT product_id, channel_id, group_id, unnest(category_ids), lowest_amount, published_at, is_available, brand_id, facets
FROM listings"""

TITLES = """
INSERT INTO titled_listings (product_id, channel_id, locale, title_key)
SELECT DISTINCT product_id, channel_id, key, value FROM listings, jsonb_each_text(title_keys)"""


def fill(database: psycopg.Connection[tuple[object, ...]], frame: Frame) -> None:
    """From products, variants and what stands in `made`; in the running transaction."""
    asked = {
        "anybody": ANYBODY, "near": frame.near, "far": frame.far, "resellers": str(frame.resellers),
        "club": str(frame.club), "sale": str(frame.sale), "resale": str(frame.resale),
        "member_prices": str(frame.member_prices), "resellers_ppm": RESELLERS_PPM,
    }  # fmt: skip
    cursor = psycopg.ClientCursor(database)
    database.execute("SET LOCAL work_mem = '256MB'")
    for statement in (BORN, MARKETS, AUDIENCES, SLUGS, PRICES):
        cursor.execute(statement.encode(), asked)
    # Those that follow are joined to one another.
    database.execute("ANALYZE made, products, variants, prices")
    for statement in (TIERS, OWN_HISTORY, TIER_HISTORY, ANNOUNCED, ARCHIVED, REDUCED, LEVELS, MOVEMENTS):
        cursor.execute(statement.encode(), asked)
    for place, collection_id in enumerate(frame.collections):
        picked = {"collection": str(collection_id), "count": IN_COLLECTION if place else IN_FIRST}
        cursor.execute(PICKED.encode(), picked)
    database.execute("ANALYZE stock_levels, price_tiers, price_announcements, product_categories, product_translations")
    cursor.execute(LISTINGS.encode(), asked)
    for statement in (SHELVES, TITLES):
        cursor.execute(statement.encode())
    database.execute("DROP TABLE made")
