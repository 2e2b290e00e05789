"""`python -m bench.walks`: how soon listings show a catalog promotion on 50,000 products, while prices and stock change.

The shop runs as `make up` starts it. The promotion begins by its date, which nobody announces. Meanwhile one thread sets
prices and stock of some of the products, as staff would, and each time it waits is measured.
"""

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from bench import goods, report, servers

from shopwright.commerce.inventory import stock
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing import shown
from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.rules import WHOLE, Kind, Percentage, Terms
from shopwright.commerce.storefront import tasks as storefront
from shopwright.kit import clock
from shopwright.kit.money import Money, share
from shopwright.kit.transaction import reading, transaction

Database = psycopg.Connection[tuple[object, ...]]

MARK = 30.0
LONGEST = 300.0
FIFTH = 200_000  # ppm
AHEAD = timedelta(seconds=8)
PAUSE = 0.1  # of the writer: up to 36,000 changes an hour
#: How many listings do not say what prices, stock and the promotion say.
UNTRUE = """
WITH now AS (
    SELECT product_id, channel_id, amount - round(amount * %(ppm)s / 1e6) AS price, amount, EXISTS (
        SELECT FROM stock_levels JOIN channel_locations USING (location_id)
        WHERE variant_id = variants.id AND channel_locations.channel_id = prices.channel_id
          AND on_hand - reserved - claimed > 0
    ) AS is_available
    FROM prices JOIN variants ON variants.id = variant_id JOIN products ON products.id = product_id
    WHERE products.slug LIKE 'thing-%%' AND product_id <> ALL (%(but)s)
)
SELECT count(*) FROM now
LEFT JOIN (SELECT * FROM listings WHERE group_id = '00000000-0000-0000-0000-000000000000') AS said
    USING (product_id, channel_id)
WHERE (said.lowest_amount, said.highest_amount, said.compare_at_amount, said.is_available)
    IS DISTINCT FROM (price, price, nullif(amount, price), now.is_available)
"""
SOME = """
SELECT variant_id, channel_id, amount FROM prices JOIN variants ON variants.id = variant_id
WHERE sku LIKE 'thing-%%' AND channel_id = (SELECT id FROM channels WHERE code = 'eu') AND product_id <> ALL (%s) LIMIT 100
"""
WRITTEN = """
SELECT product_id, variant_id, channel_id, currency, location_id
FROM variants JOIN prices ON variant_id = variants.id JOIN stock_levels USING (variant_id)
WHERE sku LIKE 'thing-%%' AND channel_id = (SELECT id FROM channels WHERE code = 'eu') ORDER BY variants.id LIMIT %s
"""
IS_THROUGH = "SELECT looked_until >= %s AND walked_to IS NULL FROM listing_clock"


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.walks", description=__doc__)
    parser.add_argument("--products", type=int, default=50_000)
    parser.add_argument("--written", type=int, default=500, help="products whose prices and stock change meanwhile")
    parser.add_argument("--seed", default="walks")
    parser.add_argument("--dry", action="store_true", help="leave bench/README.md as it is")
    asked = parser.parse_args()
    servers.prepare_environment()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may have to run as another user than root
        data = Path(folder) / "shop"
        with servers.shop(data):
            conninfo = servers.database_of_shop(data).conninfo()
            with psycopg.connect(conninfo, autocommit=True) as database, servers.this_process_in(data):
                prepare(database, asked.products, asked.seed)
                seconds = measure(database, Writer(database, asked.written, asked.seed))
    if not asked.dry:
        report.note("a catalog promotion on 50,000 products", f"{seconds:.0f} s", is_reached=seconds <= MARK)


def prepare(database: Database, products: int, seed: str) -> None:
    # Those of the demo shop would touch some of them, too.
    for (promotion_id,) in database.execute("SELECT id FROM promotions WHERE status = 'active'").fetchall():
        with transaction():
            promotions.end_promotion(UUID(str(promotion_id)))
    began = time.monotonic()
    (location_id,) = only(database, "SELECT id FROM locations WHERE code = 'berlin'")
    goods.make(database, products, seed, location_id)
    print(f"Made {products:,} products in {time.monotonic() - began:.1f} s", flush=True)
    began = time.monotonic()
    storefront.rebuild()
    database.execute("ANALYZE listings")
    wait_until(lambda: untrue(database, [], ppm=0) == 0, "the listings are made")
    print(f"Made their listings in {time.monotonic() - began:.1f} s", flush=True)


def measure(database: Database, writer: "Writer") -> float:
    """Seconds from the promotion's first moment until every listing that nobody else writes is true."""
    starts_at = clock.now() + AHEAD
    with transaction():
        terms = Terms(name="A fifth", kind=Kind.CATALOG, effect=Percentage(ppm=FIFTH), starts_at=starts_at)
        promotions.activate_promotion(promotions.create_promotion(terms).id)
    with writer:
        time.sleep((starts_at - clock.now()).total_seconds())
        before = writer.worst()
        must_be_in_carts(database, writer.products)
        wait_until(lambda: only(database, IS_THROUGH, starts_at) == (True,), "the walk is through")
        seconds = (clock.now() - starts_at).total_seconds()
        left = untrue(database, writer.products)
        during = writer.worst()
    wait_until(lambda: untrue(database, []) == 0, "what was written meanwhile is listed")
    print(f"Live on all listings {seconds:.1f} s after its start, {left} untrue (mark: {MARK:.0f} s)")
    print(
        f"{len(writer.waits):,} writes meanwhile; the worst took {before * 1000:.0f} ms before it, {during * 1000:.0f} ms during it"
    )
    if left:
        raise SystemExit(1)
    return seconds


def must_be_in_carts(database: Database, but: list[UUID]) -> None:
    """Carts and orders ask the clock, so they have the new prices at once."""
    found = database.execute(SOME, [but]).fetchall()
    channel_id = found[0][1]
    with reading():
        prices = shown.prices(channel_id, [variant_id for variant_id, *_ in found])
    told = {variant_id: prices[variant_id].price.amount for variant_id, *_ in found}
    assert told == {variant_id: amount - share(amount, FIFTH, WHOLE) for variant_id, _, amount in found}, "not in carts"


def untrue(database: Database, but: list[UUID], ppm: int = FIFTH) -> int:
    """Listings of products, but of these, that are not true."""
    (count,) = only(database, UNTRUE, {"ppm": ppm, "but": but})
    return int(str(count))


def only(database: Database, sql: str, asked: object = None) -> tuple[object, ...]:
    parameters = asked if asked is None or isinstance(asked, dict) else [asked]
    row = database.execute(sql.encode(), parameters).fetchone()
    assert row is not None
    return row


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LONGEST
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(f"Waited {LONGEST:.0f} s, and still not: {what}")
        time.sleep(0.1)


class Writer:
    """A thread that sets prices and stock, one after the other, and notes how long each took."""

    def __init__(self, database: Database, count: int, seed: str) -> None:
        self.rows = database.execute(WRITTEN, [count]).fetchall()
        self.products = [UUID(str(row[0])) for row in self.rows]
        self.waits: list[float] = []
        self._seen = 0
        self._chance = random.Random(seed)
        self._is_over = threading.Event()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> None:
        self._work = self._pool.submit(self._write)

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._work.result()

    def worst(self) -> float:
        """Since this was last asked."""
        found, self._seen = self.waits[self._seen :], len(self.waits)
        return max(found)

    def _write(self) -> None:
        while not self._is_over.wait(PAUSE):
            _, variant_id, channel_id, currency, location_id = self._chance.choice(self.rows)
            began = time.monotonic()
            with transaction():
                if self._chance.random() < 0.5:
                    pricing.set_price(variant_id, channel_id, Money(self._chance.randint(100, 50_000), currency))
                else:
                    stock.set_count(variant_id, location_id, self._chance.randint(0, 3), Reason.COUNT)
            self.waits.append(time.monotonic() - began)


if __name__ == "__main__":
    main()
