"""`python -m bench.verification`: how long the verification takes to read a million stock movements."""

import argparse
import os
import time
from uuid import UUID

import psycopg
from bench import servers

from shopwright.commerce.catalog.models import Product, Variant
from shopwright.commerce.inventory.models import Location, Reason, StockLevel
from shopwright.kit import clock, ids, verification
from shopwright.kit.db import session
from shopwright.kit.transaction import transaction

LIMIT = 60.0
LEVELS = 10_000
RECEIVED = 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.verification", description=__doc__)
    parser.add_argument("--movements", type=int, default=1_000_000)
    asked = parser.parse_args()
    with servers.tables_alone() as url:
        fill(url, asked.movements // LEVELS)
        report = verification.examine()
    print("\n".join(verification.describe(report)))
    print(f"{asked.movements:,} movements, {os.cpu_count()} processors: {report.seconds:.2f} s (mark: {LIMIT:.0f} s)")
    if report.drifts or report.unchecked or report.seconds >= LIMIT:
        raise SystemExit(1)


def fill(url: str, movements_each: int) -> None:
    """`LEVELS` variants at one location, and so many receipts of each, by COPY."""
    began = time.monotonic()
    location_id, variant_ids = make_levels(RECEIVED * movements_each)
    at = clock.now()
    columns = "id, variant_id, location_id, delta, reason, reference, actor, at"
    with psycopg.connect(url) as connection:
        with connection.cursor().copy(f"COPY stock_movements ({columns}) FROM STDIN".encode()) as copy:
            for _ in range(movements_each):
                for variant_id in variant_ids:
                    copy.write_row((ids.new(), variant_id, location_id, RECEIVED, Reason.RECEIPT, "", "system", at))
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    print(f"Filled in {time.monotonic() - began:.0f} s", flush=True)


def make_levels(on_hand: int) -> tuple[UUID, list[UUID]]:
    with transaction():
        product = Product(title="Things", slug="things")
        location = Location(code="bench", name="Bench", country="DE")
        session.add_all([product, location])
        session.flush()
        variants = [
            Variant(product_id=product.id, position=n, sku=f"thing-{n}", option_values=[str(n)]) for n in range(LEVELS)
        ]
        session.add_all(variants)
        session.flush()
        session.add_all(
            StockLevel(variant_id=variant.id, location_id=location.id, on_hand=on_hand) for variant in variants
        )
        session.flush()
        return location.id, [variant.id for variant in variants]


if __name__ == "__main__":
    main()
