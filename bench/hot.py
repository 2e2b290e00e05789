"""`make bench ARGS=--hot`: orders of one product, of five and of a thousand; and of others while one is hot."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import httpx
import psycopg
from bench import carts, client, processes, servers
from bench.carts import Cart
from bench.client import Result

CONNECTIONS, EACH = 16, 20
MANY = 1000


def main() -> None:
    servers.prepare_environment()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        data = Path(folder) / "shop"
        Path(folder).chmod(0o755)
        with servers.shop(data) as shop:
            print("\n".join(measure(shop, data)))


def measure(shop: servers.HttpServer, data: Path) -> Iterator[str]:
    """Lines of a table: what is ordered, and its rate (and median latency) divided by that of a thousand products."""
    database = psycopg.connect(servers.database_of_shop(data).conninfo(), autocommit=True)
    with database, httpx.Client(base_url=f"http://127.0.0.1:{shop.port}", timeout=30) as browser:
        many = carts.of_many(browser, database, MANY, 4 * CONNECTIONS * EACH)
        few = [iter(carts.copies(database, cart, 2 * CONNECTIONS * EACH)) for cart in islice(many, 5)]
        client.run(shop.port, orders(many, CONNECTIONS, 5))  # statements are prepared, and pages read
        processes.settle(shop.pid)
        base = client.run(shop.port, orders(many))
        five = client.run(shop.port, orders(cart for found in zip(*few, strict=False) for cart in found))
        one = client.run(shop.port, orders(few[0]))
        beside_others, _ = at_once(shop.port, many, many)
        beside_hot, _ = at_once(shop.port, many, few[0])
    yield "| ordered at 16 connections | rate | p50 | p99 |\n| --- | ---: | ---: | ---: |"
    for name, found, beside in (
        ("5 products", five, base),
        ("1 product", one, base),
        ("others, at 8, while 8 order one product", beside_hot, beside_others),
    ):
        latencies = (found.quantile(part) / beside.quantile(part) for part in (0.5, 0.99))
        yield f"| {name} | {found.rate / beside.rate:.2f} | {' | '.join(f'{ratio:.2f}' for ratio in latencies)} |"


def orders(found: Iterator[Cart], connections: int = CONNECTIONS, each: int = EACH) -> list[list[bytes]]:
    return [[cart.ordering() for cart in islice(found, each)] for _ in range(connections)]


def at_once(port: int, first: Iterator[Cart], second: Iterator[Cart]) -> list[Result]:
    """Half of the connections order these, half of them those."""
    works = [orders(found, CONNECTIONS // 2, EACH) for found in (first, second)]
    with ThreadPoolExecutor(2) as clients:
        return list(clients.map(lambda work: client.run(port, work), works))
