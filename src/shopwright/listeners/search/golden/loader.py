"""Puts the golden catalog into the shop's own tables by COPY, as its services would have written it."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from shopwright.commerce.storefront import tasks as storefront
from shopwright.kit import outbox
from shopwright.listeners.search.golden import frame as frames
from shopwright.listeners.search.golden import texts
from shopwright.listeners.search.golden.frame import CURRENCY, Frame
from shopwright.listeners.search.golden.terms import COLOUR, SIZE
from shopwright.listeners.search.golden.things import Offer, Thing, things

Database = psycopg.Connection[tuple[object, ...]]
Row = tuple[object, ...]

#: The kinds of rows that are told apart in their ids. A variant's are as many as it has places.
VARIANT, HISTORY, MOVEMENT = 1, 2, 3
OPTIONS = {COLOUR: ("Colour", "Farbe"), SIZE: ("Size", "Größe")}


def load(database: Database, products: int | None = None) -> Frame:
    """All products, or the first so many, into a shop that has no channel `golden` yet; published, priced and in stock.

    `database` speaks with the database of this process, in autocommit. Of the products nothing is announced, so whoever
    follows them must make its own anew, as the storefront's listings are here. Raises `ChannelCodeTaken`.
    """
    loaded = things() if products is None else things(products)
    frame = frames.make(loaded)
    # Now, since each of its facts concerns all products that stand in what it is about.
    outbox.drain()
    with database.transaction():
        for table, rows_of in _TABLES.items():
            _copy(database, table, (row for thing in loaded for row in rows_of(frame, thing)))
    for table in ("products", "variants", "prices", "stock_levels", "product_categories"):
        database.execute(f"ANALYZE {table}".encode())
    storefront.rebuild()
    return frame


def _copy(database: Database, table: str, rows: Iterator[Row]) -> None:
    with database.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def variant_id(thing: Thing, place: int) -> UUID:
    return _part(thing, VARIANT, place)


def _part(thing: Thing, kind: int, place: int) -> UUID:
    """Beside the product's own id, which leaves these bits free."""
    return UUID(int=thing.id.int | kind << 12 | place + 1)


def _products(frame: Frame, thing: Thing) -> Iterator[Row]:
    yield (
        thing.id, f"golden:{thing.number}", texts.title(thing, "en"), thing.model.lower(), texts.description(thing, "en"),
        "", "", frame.brands[texts.brand(thing)], frame.types[thing.shelf.code], Jsonb(texts.answers_shown(thing)),
        [], False, thing.published_at, thing.published_at, thing.published_at, 2,
    )  # fmt: skip


def _slugs(frame: Frame, thing: Thing) -> Iterator[Row]:
    yield thing.model.lower(), thing.id


def _translations(frame: Frame, thing: Thing) -> Iterator[Row]:
    if thing.is_translated:
        yield thing.id, "de", texts.title(thing, "de"), texts.description(thing, "de")


def _shelves(frame: Frame, thing: Thing) -> Iterator[Row]:
    yield thing.id, frame.shelves[thing.kind], 0


def _options(frame: Frame, thing: Thing) -> Iterator[Row]:
    """Colours are said in the shop's first language, with labels in the other; sizes are the same in both."""
    position = count()
    if thing.colours:
        said = [thing.shelf.colours[colour].texts for colour in thing.colours]
        labels = {"name": OPTIONS[COLOUR][1], "values": {each["en"]: each["de"] for each in said}}
        yield thing.id, next(position), OPTIONS[COLOUR][0], [each["en"] for each in said], Jsonb({"de": labels})
    if thing.sizes:
        labels = {"name": OPTIONS[SIZE][1], "values": {}}
        yield thing.id, next(position), OPTIONS[SIZE][0], [*thing.sizes], Jsonb({"de": labels})


def _variants(frame: Frame, thing: Thing) -> Iterator[Row]:
    for place, offer in enumerate(thing.offers):
        chosen = [thing.shelf.colours[offer.colour].texts["en"]] if offer.colour else []
        values = [*chosen, *([offer.size] if offer.size else [])]
        yield variant_id(thing, place), thing.id, place, offer.sku, offer.barcode, 500, "standard", True, values


def _of_offers(said: Callable[[Frame, Thing, int, Offer], Row | None]) -> Callable[[Frame, Thing], Iterator[Row]]:
    def rows(frame: Frame, thing: Thing) -> Iterator[Row]:
        found = (said(frame, thing, place, offer) for place, offer in enumerate(thing.offers))
        return (row for row in found if row)

    return rows


def _price(frame: Frame, thing: Thing, place: int, offer: Offer) -> Row:
    return variant_id(thing, place), frame.channel_id, CURRENCY, offer.amount, offer.compare_at, 1


def _history(frame: Frame, thing: Thing, place: int, offer: Offer) -> Row:
    written = _part(thing, HISTORY, place), variant_id(thing, place), frame.channel_id, CURRENCY
    return *written, 1, offer.amount, offer.compare_at, thing.published_at


def _announcement(frame: Frame, thing: Thing, place: int, offer: Offer) -> Row:
    shown = variant_id(thing, place), frame.channel_id, CURRENCY, 1, offer.amount
    return *shown, offer.compare_at is not None, thing.published_at


def _level(frame: Frame, thing: Thing, place: int, offer: Offer) -> Row:
    return variant_id(thing, place), frame.location_id, offer.stock


def _movement(frame: Frame, thing: Thing, place: int, offer: Offer) -> Row | None:
    if not offer.stock:
        return None
    moved: tuple[Any, ...] = _part(thing, MOVEMENT, place), variant_id(thing, place), frame.location_id, offer.stock
    return *moved, "receipt", "", "system", thing.published_at


_TABLES: dict[str, Callable[[Frame, Thing], Iterator[Row]]] = {
    "products (id, external_reference, title, slug, description, seo_title, seo_description, brand_id, product_type_id,"
    " attributes, tags, is_gift_card, published_at, created_at, updated_at, version)": _products,
    "product_slugs (slug, product_id)": _slugs,
    "product_translations (product_id, locale, title, description)": _translations,
    "product_categories (product_id, category_id, position)": _shelves,
    "product_options (product_id, position, name, values, labels)": _options,
    "variants (id, product_id, position, sku, barcode, weight_grams, tax_class, requires_shipping, option_values)": _variants,
    "prices (variant_id, channel_id, currency, amount, compare_at_amount, version)": _of_offers(_price),
    "price_history (id, variant_id, channel_id, currency, min_quantity, amount, compare_at_amount, at)": _of_offers(_history),
    "price_announcements (variant_id, channel_id, currency, number, amount, is_reduced, at)": _of_offers(_announcement),
    "stock_levels (variant_id, location_id, on_hand)": _of_offers(_level),
    "stock_movements (id, variant_id, location_id, delta, reason, reference, actor, at)": _of_offers(_movement),
}  # fmt: skip
