"""`make bench`: what the shop's hot paths cost beside a bare Flask route and beside pgbench, on this machine, now."""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
from bench import carts, hot, measures, pgbench, pricing, processes, report, servers
from bench.client import run
from bench.measures import Page, Sample, Stage

CHANNEL = "channel=eu"
LONGEST_RUN = 240.0
STOPPING = 15.0
QUOTES = 200
WARMING, EACH = 64, 12  # connections, carts each


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often all is measured (3); the medians are shown")
    parser.add_argument("--dry", action="store_true", help="leave bench/README.md as it is")
    parser.add_argument(
        "--hot", action="store_true", help="only this: orders of one product, of five and of a thousand"
    )
    asked = parser.parse_args()
    if asked.hot:
        hot.main()
        return
    began = time.monotonic()
    servers.prepare_environment()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rounds = measure(Path(folder), asked.rounds, began + LONGEST_RUN - STOPPING)
    table = report.table([sample for samples in rounds for sample in samples])
    print(f"\nThe shop's number divided by the other's, rounds: {len(rounds)}\n\n{table}\n")
    if not asked.dry:
        report.keep(table, len(rounds), os.cpu_count() or 0)
    pricing.measure(asked.rounds, QUOTES, is_kept=not asked.dry)
    print(f"It took {time.monotonic() - began:.0f} s.")


def measure(folder: Path, rounds: int, until: float) -> list[list[Sample]]:
    """So many rounds, or fewer on a slow machine: no round is begun that would not end in time, but for the first."""
    data = folder / "shop"
    folder.chmod(0o755)  # PostgreSQL may have to run as another user than root
    with servers.shop(data) as shop, servers.bare_flask(folder) as bare:
        pages, filled, order_id = prepare(shop, data, rounds)
        with servers.copy_of(servers.database_of_shop(data), folder / "pgbench") as database:
            script = pgbench.write_script(database, order_id, folder)
            stage = Stage(shop, bare, database, script, measures.connecting_costs(database, folder))
            processes.settle(shop.pid)
            done: list[list[Sample]] = []
            lasted = 0.0
            while len(done) < rounds and (not done or time.monotonic() + lasted < until):
                began = time.monotonic()
                done.append(one_round(stage, pages, filled, is_shop_first=bool(len(done) % 2)))
                lasted = time.monotonic() - began
                print(f"Round {len(done)} of {rounds} took {lasted:.0f} s", flush=True)
            return done


def prepare(shop: servers.HttpServer, data: Path, rounds: int) -> tuple[dict[str, Page], "Filled", UUID]:
    """Carts for the whole run, one order to copy, and the sizes of the four answers."""
    count = sum(connections * each for connections, each in measures.WRITES.items()) * rounds + 1
    database = psycopg.connect(servers.database_of_shop(data).conninfo(), autocommit=True)
    with database, httpx.Client(base_url=f"http://127.0.0.1:{shop.port}", timeout=30) as client:
        made = carts.prepare(client, database, 2 * count + WARMING * EACH)
        warm_up(shop, made)
        filled = Filled(list(islice(made, count)), list(islice(made, count)))
        listing = f"/v1/products?{CHANNEL}&limit=24"
        slug = client.get(listing).json()["items"][0]["slug"]
        detail = f"/v1/products/{slug}?{CHANNEL}"
        added = send(client, filled.to_add.pop().adding())
        ordered = send(client, filled.to_order.pop().ordering())
        pages = [
            Page("product detail", len(client.get(detail).content), detail),
            Page("listing of 24", len(client.get(listing).content), listing),
            Page("add to cart", len(added.content)),
            Page("place order", len(ordered.content)),
        ]
    return {page.name: page for page in pages}, filled, UUID(ordered.json()["id"])


def warm_up(shop: servers.HttpServer, made: Iterator[carts.Cart]) -> None:
    """Use every thread and connection of the shop: PostgreSQL plans a statement anew for the first five times."""
    found = [list(islice(made, EACH)) for _ in range(WARMING)]
    half = EACH // 2
    work = [[cart.adding() for cart in own[:half]] + [cart.ordering() for cart in own[half:]] for own in found]
    run(shop.port, work)


class Filled:
    """Carts of which each is used once."""

    def __init__(self, to_add: list[carts.Cart], to_order: list[carts.Cart]) -> None:
        self.to_add, self.to_order = to_add, to_order


def send(client: httpx.Client, asked: bytes) -> httpx.Response:
    head, _, body = asked.partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    method, target, _ = first.split()
    answer = client.request(method, target, headers=dict(line.split(": ", 1) for line in headers), content=body)
    return answer.raise_for_status()


def one_round(stage: Stage, pages: dict[str, Page], filled: Filled, is_shop_first: bool) -> list[Sample]:
    to_add, to_order = (iter(take(found)) for found in (filled.to_add, filled.to_order))
    return [
        *measures.reads(stage, pages["product detail"], is_shop_first),
        *measures.reads(stage, pages["listing of 24"], is_shop_first),
        *measures.writes(stage, pages["add to cart"], carts.Cart.adding, to_add, with_pgbench=False),
        *measures.writes(stage, pages["place order"], carts.Cart.ordering, to_order, with_pgbench=True),
    ]


def take(found: list[carts.Cart]) -> list[carts.Cart]:
    count = sum(connections * each for connections, each in measures.WRITES.items())
    taken = found[:count]
    del found[:count]
    return taken


if __name__ == "__main__":
    main()
