"""Products in numbers, put into the tables with a few statements. The same seed makes the same products."""

import psycopg

#: Two of ten thousand have the same price, every fifth has none in stock, and each lies in one category of a branch.
MAKE = """
CREATE TEMP TABLE goods AS
SELECT n, md5(%(seed)s || ' product ' || n)::uuid AS product_id, md5(%(seed)s || ' variant ' || n)::uuid AS variant_id,
       100 + ('x' || left(md5(%(seed)s || ' price ' || n), 6))::bit(24)::int %% 50000 AS amount,
       ('x' || left(md5(%(seed)s || ' stock ' || n), 6))::bit(24)::int %% 5 AS on_hand
FROM generate_series(1, %(count)s) AS n;
CREATE TEMP TABLE goods_categories ON COMMIT DROP AS
SELECT id, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS of FROM categories;

INSERT INTO products (id, title, slug, description, seo_title, seo_description, attributes, tags, published_at,
                      created_at, updated_at, version)
SELECT product_id, 'Thing ' || n, 'thing-' || n, '', '', '', '{}', '{}', now(), now(), now(), 1 FROM goods;
INSERT INTO product_slugs (slug, product_id) SELECT 'thing-' || n, product_id FROM goods;
INSERT INTO product_categories (product_id, category_id, position)
SELECT product_id, id, 0 FROM goods JOIN goods_categories ON place = 1 + n %% of;
INSERT INTO variants (id, product_id, position, sku, weight_grams, tax_class, requires_shipping, option_values)
SELECT variant_id, product_id, 0, 'thing-' || n, 100, 'standard', true, '{}' FROM goods;
INSERT INTO prices (variant_id, channel_id, currency, amount, cost_amount, version)
SELECT variant_id, channels.id, channels.currency, amount, amount / 2, 1 FROM goods, channels;
INSERT INTO stock_levels (variant_id, location_id, on_hand)
SELECT variant_id, %(location)s, on_hand FROM goods;
INSERT INTO stock_movements (id, variant_id, location_id, delta, reason, reference, actor, at)
SELECT gen_random_uuid(), variant_id, %(location)s, on_hand, 'receipt', '', 'system', now() FROM goods WHERE on_hand > 0;
"""


def make(database: psycopg.Connection[tuple[object, ...]], count: int, seed: str, location_id: object) -> None:
    """So many published products of one variant each, with a price in every channel, at this location."""
    cursor = psycopg.ClientCursor(database)  # many statements at once
    with database.transaction():
        cursor.execute(MAKE.encode(), {"seed": seed, "count": count, "location": location_id})
    database.execute("ANALYZE")
