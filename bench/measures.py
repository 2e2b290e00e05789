"""One round of all measurements, side by side with what the shop is compared with."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from bench import client, pgbench, processes
from bench.carts import Cart
from bench.client import Result
from bench.servers import Database, HttpServer

# Connections, and requests by each: the work of one measurement is about the same.
READS = {16: 128, 64: 32, 1000: 3}
WRITES = {16: 20, 64: 5, 1000: 1}
TRANSACTIONS = {16: 250, 64: 62, 1000: 4}
ROUNDTRIP = "SELECT 1;\n"


@dataclass(frozen=True)
class Measured:
    result: Result
    cpu: float
    """Processor seconds of the server's whole process tree, by request."""


@dataclass(frozen=True)
class Page:
    """What is asked of the shop, and how long its answer is."""

    name: str
    size: int
    target: str = ""


@dataclass(frozen=True)
class Stage:
    shop: HttpServer
    bare: HttpServer
    database: Database
    script: Path
    connecting: dict[int, float]
    """What the connections alone cost pgbench's server, by their number: backends are processes."""


Sample = tuple[str, str, int, Measured, Measured]
"""What was measured, beside what, at how many connections; the shop's and the other's numbers."""


def measured(pid: int, work: Callable[[], Result], *, has_tail: bool = False, less: float = 0.0) -> Measured:
    """`has_tail`: what the work leaves to the background counts as its cost."""
    before = processes.cpu_seconds(pid)
    result = work()
    if has_tail:
        processes.settle(pid)
    used = processes.cpu_seconds(pid) - before - less
    return Measured(result, used / len(result.latencies))


def connecting_costs(database: Database, folder: Path) -> dict[int, float]:
    script = folder / "roundtrip.sql"
    script.write_text(ROUNDTRIP)
    costs = {}
    for connections in TRANSACTIONS:
        before = processes.cpu_seconds(database.pid)
        pgbench.run(database, script, connections, 1)
        time.sleep(0.5)
        costs[connections] = processes.cpu_seconds(database.pid) - before
    return costs


def reads(stage: Stage, page: Page, is_shop_first: bool) -> Iterator[Sample]:
    asked = client.request("GET", page.target)
    other = client.request("GET", f"/{page.size}")
    for connections, each in READS.items():

        def shop(connections: int = connections, each: int = each) -> Measured:
            return measured(stage.shop.pid, lambda: _same(stage.shop, asked, connections, each))

        def bare(connections: int = connections, each: int = each) -> Measured:
            return measured(stage.bare.pid, lambda: _same(stage.bare, other, connections, each))

        ours, theirs = _both(shop, bare, is_shop_first)
        yield page.name, "bare Flask", connections, ours, theirs


def writes(
    stage: Stage, page: Page, ask: Callable[[Cart], bytes], carts: Iterator[Cart], with_pgbench: bool
) -> Iterator[Sample]:
    for connections, each in WRITES.items():
        work = [[ask(next(carts)) for _ in range(each)] for _ in range(connections)]
        other = client.request("POST", f"/{page.size}", body=b"x" * len(work[0][0].partition(b"\r\n\r\n")[2]))
        reading = READS[connections]
        bare = measured(stage.bare.pid, lambda c=connections, k=reading, o=other: _same(stage.bare, o, c, k))
        ours = measured(stage.shop.pid, lambda w=work: client.run(stage.shop.port, w), has_tail=True)
        yield page.name, "bare Flask", connections, ours, bare
        if with_pgbench:
            yield page.name, "pgbench", connections, ours, _pgbench(stage, connections)


def _pgbench(stage: Stage, connections: int) -> Measured:
    def work() -> Result:
        result = pgbench.run(stage.database, stage.script, connections, TRANSACTIONS[connections])
        time.sleep(0.5)  # its connections end as processes
        return result

    return measured(stage.database.pid, work, less=stage.connecting[connections])


def _same(server: HttpServer, asked: bytes, connections: int, each: int) -> Result:
    return client.run(server.port, [repeat(asked, each) for _ in range(connections)])


def _both(
    shop: Callable[[], Measured], other: Callable[[], Measured], is_shop_first: bool
) -> tuple[Measured, Measured]:
    if is_shop_first:
        return shop(), other()
    theirs = other()
    return shop(), theirs
