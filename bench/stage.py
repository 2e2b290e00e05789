"""What a run needs before anything is measured: the servers, a thousand products, carts, and a real order to copy."""

import contextlib
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import redis
from bench import carts, checkouts, client, goods, pgbench, processes, servers
from bench.carts import Cart
from bench.checkouts import Offer
from bench.servers import Database, HttpServer

from shopwright.commerce.storefront import tasks as storefront

#: By these words the processes of the web are found, and those of the fake payment provider.
WEB, PROVIDER = "shopwright.app:create_app", "shopwright.embedded.psp.app:create_app"
PRODUCTS = 1000
CHANNEL = "channel=eu"
#: Every market of the demo shop: each has a page of its own for a product.
MARKETS = ("channel=eu&locale=en", "channel=eu&locale=de", "channel=us&locale=en")
#: A process may show what it keeps itself for this long.
OWN_COPIES = 1.1


@dataclass(frozen=True)
class Page:
    name: str
    target: str
    size: int
    tag: str


@dataclass(frozen=True)
class Work:
    """Of one round: connections, and requests by each."""

    details: dict[int, int]
    reads: dict[int, int]
    unchanged: dict[int, int]
    writes: dict[int, int]
    transactions: dict[int, int]
    """pgbench's, at the same connections as the writes."""
    checkouts: dict[int, int]
    """At few: on a busy machine the shop refuses payments while the provider is slow."""
    passes: int
    """How often each page is missed."""
    warming: tuple[int, int] = (64, 12)
    """Connections, and carts of each, before the first round."""
    idling: float = 20.0
    """Seconds in which nobody asks."""

    def carts(self) -> int:
        """How many are ordered, and how many are added to."""
        return sum(connections * each for connections, each in self.writes.items())


WHOLE = Work(
    details={16: 256, 64: 64, 1000: 20}, reads={16: 256, 64: 64, 1000: 4}, unchanged={16: 256, 64: 64},
    writes={16: 20, 64: 5, 1000: 1}, transactions={16: 250, 64: 62, 1000: 4}, checkouts={4: 24}, passes=3,
)  # fmt: skip
IN_LITTLE = Work(
    details={16: 8, 1000: 1}, reads={16: 8}, unchanged={16: 8}, writes={16: 2}, transactions={16: 10}, checkouts={4: 1},
    passes=1, warming=(16, 2), idling=2.0,
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    work: Work
    shop: HttpServer
    bare: HttpServer
    database: Database
    """A second PostgreSQL, for pgbench."""
    placing: Path
    adding: Path
    """Its scripts."""
    pages: dict[str, Page]
    details: list[str]
    """What is asked for a page of each product of the demo shop, in each market."""
    offers: list[Offer]
    to_add: Iterator[Cart]
    to_order: Iterator[Cart]
    """Carts of which each is used once."""
    cache: "redis.Redis"
    idle: float
    """Processor seconds that the shop uses each second though nobody asks: the clock's rounds."""

    def forget_pages(self) -> None:
        """Have the shop lose all pages, as if their time were over."""
        kept = list(self._kept())
        if kept:
            self.cache.delete(*kept)
        time.sleep(OWN_COPIES)

    def kept_pages(self) -> int:
        return sum(1 for _ in self._kept())

    def _kept(self) -> Iterator[bytes]:
        return self.cache.scan_iter("*cache:*", count=1000)


@contextlib.contextmanager
def opened(folder: Path, work: Work, rounds: int) -> Iterator[Stage]:
    """With carts for so many rounds."""
    most_writes = work.carts() * rounds
    data = folder / "shop"
    folder.chmod(0o755)  # PostgreSQL may have to run as another user than root
    with servers.shop(data) as shop, servers.bare_flask(folder) as bare, _redis(data) as cache:
        conninfo = servers.database_of_shop(data).conninfo()
        with (
            psycopg.connect(conninfo, autocommit=True) as database,
            httpx.Client(base_url=f"http://127.0.0.1:{shop.port}", timeout=30) as browser,
        ):
            stock_up(database, data)
            made = carts.prepare(browser, database, 2 * most_writes + 2 + math.prod(work.warming))
            warm_up(shop, made, *work.warming)
            offers, details = offered(browser)
            for connections, each in work.checkouts.items():
                checkouts.run(shop.port, checkouts.fill(shop.port, offers, connections * each), connections)
            pages = _pages(browser, details)
            item_id, order_id = _copied(browser, made)
        with servers.copy_of(servers.database_of_shop(data), folder / "pgbench") as copy:
            placing, adding = pgbench.write_scripts(copy, order_id, item_id, folder)
            processes.settle(shop.pid)
            idle = processes.idle(shop.pid, work.idling)
            to_add, to_order = islice(made, most_writes), made
            yield Stage(work, shop, bare, copy, placing, adding, pages, details, offers, to_add, to_order, cache, idle)


def stock_up(database: psycopg.Connection[tuple[object, ...]], data: Path) -> None:
    """The demo shop's products have variants, pictures and texts, and are measured; the others make it a thousand."""
    (found,) = database.execute("SELECT count(*) FROM products").fetchall()
    (location,) = database.execute("SELECT id FROM locations WHERE code = 'berlin'").fetchall()
    goods.make(database, PRODUCTS - int(str(found[0])), "bench", location[0])
    with servers.this_process_in(data):
        storefront.rebuild()
    database.execute("ANALYZE")


def warm_up(shop: HttpServer, made: Iterator[Cart], connections: int, each: int) -> None:
    """Use every thread and connection of the shop: PostgreSQL plans a statement anew for the first five times."""
    found = [list(islice(made, each)) for _ in range(connections)]
    half = each // 2
    work = [[cart.adding() for cart in own[:half]] + [cart.ordering() for cart in own[half:]] for own in found]
    client.run(shop.port, work)


def offered(browser: httpx.Client) -> tuple[list[Offer], list[str]]:
    """What can be bought, and the pages of the demo shop's own products."""
    slugs, target = [], f"/v1/products?{CHANNEL}&available=true&limit=100&sort=title"
    while target:
        answer = browser.get(target).raise_for_status()
        slugs += [item["slug"] for item in answer.json()["items"]]
        target = answer.links.get("next", {}).get("url", "")
    offers = []
    for slug in slugs:
        variants = browser.get(f"/v1/products/{slug}?{CHANNEL}").raise_for_status().json()["variants"]
        offers.append(Offer(slug, next(variant["id"] for variant in variants if variant["is_available"])))
    own = [slug for slug in slugs if not slug.startswith("thing-")]
    return offers, [
        f"/v1/products/{slug}?{market}"
        for market in MARKETS
        for slug in own
        if browser.get(f"/v1/products/{slug}?{market}").is_success
    ]


def _pages(browser: httpx.Client, details: list[str]) -> dict[str, Page]:
    """A product of the demo shop, and the list of the newest."""
    targets = {"product detail": details[0], "listing of 24": f"/v1/products?{CHANNEL}&limit=24"}
    answers = {name: browser.get(target).raise_for_status() for name, target in targets.items()}
    return {
        name: Page(name, targets[name], len(answer.content), answer.headers["ETag"]) for name, answer in answers.items()
    }


def _copied(browser: httpx.Client, made: Iterator[Cart]) -> tuple[UUID, UUID]:
    """A line that was added and then an order that was placed, for pgbench to do the same."""
    cart = next(made)
    added = _send(browser, cart.adding()).json()
    (item,) = (item for item in added["items"] if item["variant_id"] == cart.another)
    return UUID(item["line_id"]), UUID(_send(browser, next(made).ordering()).json()["id"])


def _send(browser: httpx.Client, asked: bytes) -> httpx.Response:
    head, _, body = asked.partition(client.HEAD_END)
    first, *headers = head.decode().split("\r\n")
    method, target, _ = first.split()
    answer = browser.request(method, target, headers=dict(line.split(": ", 1) for line in headers), content=body)
    return answer.raise_for_status()


@contextlib.contextmanager
def _redis(data: Path) -> Iterator["redis.Redis"]:
    said = dict(line.split(" ", 1) for line in (data / "valkey" / "valkey.conf").read_text().splitlines())
    with redis.Redis(port=int(said["port"]), password=said["requirepass"]) as cache:
        yield cache
