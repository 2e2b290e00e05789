"""The catalog of `bench` is what the shop itself would have written."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from bench import million, million_frame, million_things
from bench.million_frame import Frame

from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.inventory import stock
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.pricing import lists
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.list_checking import TierPrice, VariantTiers
from shopwright.commerce.pricing.service import PriceTag
from shopwright.commerce.storefront import tasks
from shopwright.kit import outbox, verification
from shopwright.kit.money import Money
from shopwright.kit.principal import SYSTEM, acting_as
from shopwright.kit.transaction import transaction
from shopwright.settings import Settings
from tests.empty_shops import Database, empty_shop
from tests.scale.conftest import SEED

#: All kinds of products are among them: drafts, archived ones, such with one variant and with many, on sale and not.
VARIANTS = 150

PRODUCT = "(SELECT slug FROM products WHERE products.id = product_id) AS product"
VARIANT = "(SELECT sku FROM variants WHERE variants.id = variant_id) AS variant"
CHANNEL = "(SELECT code FROM channels WHERE channels.id = channel_id) AS channel"
LIST = "(SELECT name FROM price_lists WHERE price_lists.id = price_list_id) AS list"
LOCATION = "(SELECT code FROM locations WHERE locations.id = location_id) AS location"
BRAND = "(SELECT name FROM brands WHERE brands.id = brand_id) AS brand"
#: What each table says, but for ids and moments, which are others in every shop.
SAID = {
    "products": f"""slug, title, description, seo_title, seo_description, {BRAND}, attributes, tags, is_gift_card, version,
        (SELECT name FROM product_types WHERE product_types.id = product_type_id) AS type,
        external_reference, published_at IS NULL AS is_draft, archived_at IS NULL AS is_kept""",
    "product_slugs": f"slug, {PRODUCT}",
    "product_options": f'{PRODUCT}, position, name, "values", labels',
    "variants": f"""{PRODUCT}, position, sku, barcode, weight_grams, tax_class, requires_shipping, option_values, media_id,
        archived_at, measure_amount, measure_unit, base_measure_amount, base_measure_unit""",
    "product_media": f"{PRODUCT}, position, source, alt, alts",
    "product_translations": f"{PRODUCT}, locale, title, slug, description, seo_title, seo_description",
    "product_categories": f"{PRODUCT}, (SELECT slug FROM categories WHERE id = category_id) AS category, position",
    "prices": f"{VARIANT}, {CHANNEL}, currency, amount, compare_at_amount, cost_amount, version",
    "price_tiers": f"{LIST}, {VARIANT}, min_quantity, amount",
    "price_history": f"""{VARIANT}, {CHANNEL}, currency, {LIST}, min_quantity, amount, compare_at_amount,
        cost_amount""",
    "price_announcements": f"{VARIANT}, {CHANNEL}, currency, number, amount, is_reduced, lowest_before_amount",
    "stock_levels": f"{VARIANT}, {LOCATION}, on_hand, reserved, claimed",
    "stock_movements": f"{VARIANT}, {LOCATION}, delta, reason, reference, actor",
    "listing_audiences": f"{CHANNEL}, (SELECT name FROM customer_groups WHERE id = group_id) AS for_whom, is_listed",
    "listings": f"""{PRODUCT}, {CHANNEL}, (SELECT name FROM customer_groups WHERE id = group_id) AS for_whom, currency,
        lowest_amount, compare_at_amount, lowest_before_amount, highest_amount, is_available, {BRAND}, facets, title_keys,
        published_at = (SELECT published_at FROM products WHERE products.id = product_id) AS is_dated,
        category_ids = (SELECT array_agg(id ORDER BY id) FROM categories WHERE id = ANY (category_ids)) AS is_sorted,
        (SELECT array_agg(slug ORDER BY slug) FROM categories WHERE id = ANY (category_ids)) AS categories""",
}  # fmt: skip

Said = dict[str, list[str]]


def said(database: Database) -> Said:
    """Every row of every table, in an order of their own."""
    texts = {
        table: f"SELECT said::text FROM (SELECT {columns} FROM {table}) AS said ORDER BY 1"
        for table, columns in SAID.items()
    }
    return {table: [str(text) for (text,) in database.execute(asked.encode())] for table, asked in texts.items()}


def make_by_services(database: Database, tiers: list[Any]) -> None:
    """The same products, as staff would make them."""
    products = VARIANTS // 5
    frame = million_frame.make(products)
    for thing in million_things.draw(frame, products, SEED):
        _make(frame, thing)
    outbox.drain()
    with transaction():
        for name, list_id in (("Sale", frame.sale), ("Member prices", frame.member_prices)):
            lists.set_tiers(list_id, _tiers_of(database, tiers, name))
    outbox.drain()


def _make(frame: Frame, thing: million_things.Thing) -> None:
    with acting_as(SYSTEM), transaction():
        made = catalog.create_product(thing.draft())
        pairs = [*zip(made.variants, thing.variants, strict=True)]
        pricing.set_prices([tag for row, offered in pairs for tag in _tags(frame, row.id, offered)])
        for row, offered in pairs:
            stock.set_counts({(row.id, frame.near): offered.near, (row.id, frame.far): offered.far}, Reason.RECEIPT)
    if thing.is_archived:
        with transaction():
            catalog.archive(made.id)


def _tags(frame: Frame, variant_id: UUID, offered: million_things.Offered) -> Iterator[PriceTag]:
    sold = frame.channels
    for channel, parts in ((sold.eu, 100), (sold.uk, 90), (sold.us, 110)):
        before = offered.compare_at and Money(offered.compare_at * parts // 100, channel.currency)
        yield PriceTag(
            variant_id=variant_id, channel_id=channel.id, compare_at=before,
            price=Money(offered.amount * parts // 100, channel.currency),
            cost=Money(offered.amount * parts // 200, channel.currency),
        )  # fmt: skip


def _tiers_of(database: Database, tiers: list[Any], name: str) -> list[VariantTiers]:
    ids = dict(database.execute("SELECT sku, id FROM variants").fetchall())
    found: dict[Any, list[TierPrice]] = {}
    for _, sku, minimum, amount, currency in (tier for tier in tiers if tier[0] == name):
        price = TierPrice(min_quantity=minimum, price=Money(amount, currency))
        found.setdefault(ids[sku], []).append(price)
    return [VariantTiers(variant_id=id_, tiers=tuple(of_it)) for id_, of_it in found.items()]


def test_every_row_says_what_the_services_write_of_the_same_products(settings: Settings) -> None:
    with empty_shop(settings) as (_, database):
        million.make(database, VARIANTS, SEED)
        copied = said(database)
        columns = "price_lists.name, sku, min_quantity, amount, currency"
        joins = (
            "price_tiers JOIN price_lists ON price_lists.id = price_list_id JOIN variants ON variants.id = variant_id"
        )
        tiers = database.execute(f"SELECT {columns} FROM {joins}".encode()).fetchall()
    with empty_shop(settings) as (_, database):
        make_by_services(database, tiers)
        served = said(database)
    for table, rows in copied.items():
        assert rows and rows == served[table], table


def test_relisting_changes_nothing_and_all_adds_up(settings: Settings) -> None:
    with empty_shop(settings) as (_, database):
        million.make(database, 1_000, SEED)
        tables = ("listings", "price_announcements", "price_history", "listing_audiences")
        # Where a row lies tells that it was not written anew.
        before = {table: database.execute(f"SELECT ctid, * FROM {table}".encode()).fetchall() for table in tables}
        tasks.rebuild()
        after = {table: database.execute(f"SELECT ctid, * FROM {table}".encode()).fetchall() for table in tables}
        assert len(before["listings"]) == 965
        assert after == before
        report = verification.examine()
        assert (report.drifts, report.unchecked) == ([], [])


def test_every_row_stands_the_constraints_that_were_off_when_it_was_copied(settings: Settings) -> None:
    with empty_shop(settings) as (_, database):
        million.make(database, VARIANTS, SEED)
        constraints = database.execute("""
            SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE contype = 'f' AND connamespace = 'public'::regnamespace""").fetchall()
        with database.transaction(force_rollback=True):
            for table, name, definition in constraints:
                database.execute(
                    f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {definition}".encode()
                )
        assert len(constraints) > 20
