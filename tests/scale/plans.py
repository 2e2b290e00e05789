"""How PostgreSQL answers what the shop asks, told by itself (its module `auto_explain`)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from shopwright.kit import db

#: Tables that grow with the shop: no list may read one from end to end.
LARGE = {
    "listings", "shelved_listings", "titled_listings", "products", "variants", "prices", "stock_levels", "customers",
    "orders", "order_lines", "price_announcements", "product_media", "product_slugs",
}  # fmt: skip
EXPLAIN = {"log_min_duration": "0", "log_analyze": "on", "log_timing": "off"}


@contextmanager
def explained() -> Iterator[list[str]]:
    """The plan of each statement that is sent meanwhile."""
    seen: list[str] = []

    def connected(driver: Any, _: object) -> None:
        driver.add_notice_handler(lambda notice: seen.append(notice.message_primary))
        driver.execute("LOAD 'auto_explain'")
        for name, value in EXPLAIN.items():
            driver.execute(f"SET auto_explain.{name} = {value}")
        driver.execute("SET client_min_messages = log")
        driver.commit()

    event.listen(db.engine(), "connect", connected)
    db.engine().dispose()
    try:
        yield seen
    finally:
        event.remove(db.engine(), "connect", connected)
        db.engine().dispose()


def read_whole(plans: list[str]) -> set[str]:
    """The large tables that were read from end to end."""
    return {table for plan in plans for table in re.findall(r"Seq Scan on (\w+)", plan)} & LARGE


def most_rows(plans: list[str]) -> float:
    """That any step of these plans had to do with, what it threw away included."""
    counts = [
        float(rows) * float(loops)
        for plan in plans
        for rows, loops in re.findall(r"actual rows=([\d.]+) loops=(\d+)", plan)
    ]
    thrown = [float(rows) for plan in plans for rows in re.findall(r"Rows Removed by \w+(?: \w+)?: (\d+)", plan)]
    return max([*counts, *thrown], default=0)
