"""A catalog of up to a million variants and more, put into the tables by COPY. The same seed makes the same catalog.

What the shop derives (prices by channel, their history, levels and movements, listings) is derived here by a statement for
each table, in `million_derived`; a test holds it against what the services write of the same products.
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice

import psycopg
from bench import million_derived, million_frame, million_things
from bench.million_frame import Frame
from bench.million_things import VARIANTS, Thing

Database = psycopg.Connection[tuple[object, ...]]
Row = tuple[object, ...]

AT_ONCE = 5_000
#: The kinds of rows that are told apart in their ids.
PRODUCT, VARIANT, PICTURE = 1, 2, 3
ARCHIVED_AFTER = timedelta(hours=1)
MADE = "CREATE TEMP TABLE made (number int, product_id uuid, variant_id uuid, amount bigint, compare_at bigint, near int, far int)"


def make(database: Database, variants: int, seed: str) -> Frame:
    """So many variants, a fifth as many products, and what they stand in, into tables without any. The connection is in
    autocommit and belongs to a superuser; services of this process must speak with the same database."""
    products = variants * len(VARIANTS) // sum(VARIANTS)
    frame = million_frame.make(products)
    with database.transaction():
        # A million rows are not looked up in other tables each: a test makes the same with these triggers on.
        database.execute("SET LOCAL session_replication_role = replica")
        database.execute(MADE.encode())
        things = million_things.draw(frame, products, seed)
        while chunk := [*islice(things, AT_ONCE)]:
            _copy(database, frame, chunk)
        million_derived.fill(database, frame)
    database.execute("VACUUM ANALYZE")
    return frame


def _copy(database: Database, frame: Frame, things: list[Thing]) -> None:
    for table, rows_of in _TABLES.items():
        with database.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
            copy.write("".join(_line(row) for thing in things for row in rows_of(frame, thing)))


def _line(row: Row) -> str:
    """As COPY reads it; none of our texts has a tab, a line break or a backslash."""
    return "\t".join("\\N" if value is None else str(value) for value in row) + "\n"


def _array(values: list[str]) -> str:
    return "{" + ",".join(f'"{value}"' for value in values) + "}"


def born(thing: Thing, kind: int, place: int = 0) -> str:
    """An id of version 7: sorted by birth, and the same for the same row."""
    milliseconds = int(thing.published_at.timestamp() * 1000)
    text = f"{milliseconds:012x}7000{8:x}{thing.number:08x}{kind:03x}{place:04x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _products(frame: Frame, thing: Thing) -> Iterator[Row]:
    archived_at = thing.published_at + ARCHIVED_AFTER if thing.is_archived else None
    yield (
        born(thing, PRODUCT), thing.title, thing.slug, thing.description, "", "", frame.brands[thing.brand],
        thing.type_id, json.dumps(thing.answers), "{}", False, None if thing.is_draft else thing.published_at,
        archived_at, thing.published_at, archived_at or thing.published_at,
        1 + (not thing.is_draft) + thing.is_archived,
    )  # fmt: skip


def _options(frame: Frame, thing: Thing) -> Iterator[Row]:
    if len(thing.variants) > 1:
        yield born(thing, PRODUCT), 0, "Size", _array([each.size for each in thing.variants]), "{}"


def _variants(frame: Frame, thing: Thing) -> Iterator[Row]:
    for place, each in enumerate(thing.variants):
        chosen = _array([each.size]) if len(thing.variants) > 1 else "{}"
        yield born(thing, VARIANT, place), born(thing, PRODUCT), place, each.sku, 100, "standard", True, chosen


def _media(frame: Frame, thing: Thing) -> Iterator[Row]:
    for place, source in enumerate(thing.pictures):
        yield born(thing, PICTURE, place), born(thing, PRODUCT), place, source, "", "{}"


def _translations(frame: Frame, thing: Thing) -> Iterator[Row]:
    if thing.german is not None:
        yield born(thing, PRODUCT), "de", thing.german, thing.german_slug


def _shelves(frame: Frame, thing: Thing) -> Iterator[Row]:
    for place, category_id in enumerate(thing.category_ids):
        yield born(thing, PRODUCT), category_id, place


def _made(frame: Frame, thing: Thing) -> Iterator[Row]:
    for place, each in enumerate(thing.variants):
        number = thing.number * max(VARIANTS) + place
        yield (
            number, born(thing, PRODUCT), born(thing, VARIANT, place), each.amount, each.compare_at, each.near, each.far
        )  # fmt: skip


_TABLES: dict[str, Callable[[Frame, Thing], Iterator[Row]]] = {
    "products (id, title, slug, description, seo_title, seo_description, brand_id, product_type_id, attributes, tags,"
    " is_gift_card, published_at, archived_at, created_at, updated_at, version)": _products,
    "product_options (product_id, position, name, values, labels)": _options,
    "variants (id, product_id, position, sku, weight_grams, tax_class, requires_shipping, option_values)": _variants,
    "product_media (id, product_id, position, source, alt, alts)": _media,
    "product_translations (product_id, locale, title, slug)": _translations,
    "product_categories (product_id, category_id, position)": _shelves,
    "made": _made,
}
