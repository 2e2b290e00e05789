"""One round of all fixed work, side by side with what the shop is compared with."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

from bench import carts, checkouts, client, pgbench, processes
from bench.bare import TAG
from bench.carts import Cart
from bench.client import Result
from bench.servers import HttpServer
from bench.stage import PROVIDER, Page, Stage

MISSED = 16  # connections
LEFT_OVER = 60.0  # seconds
ROUNDTRIP = "SELECT 1;\n"
DETAIL, LISTING, UNCHANGED = "product detail", "listing of 24", "304 for a detail"
DETAIL_MISS, LISTING_MISS = "product detail, miss", "listing of 24, miss"
ADDING, PLACING, CHECKOUT = "add to cart", "place order", "whole checkout"
BARE, PGBENCH, NOTHING = "bare Flask", "pgbench", ""


@dataclass(frozen=True)
class Measured:
    result: Result
    cpu: float
    """Processor seconds of the server's whole process tree, by request."""


class Sample(NamedTuple):
    """What was measured, beside what, at how many connections; the shop's numbers, and the other's if there is one."""

    name: str
    peer: str
    connections: int
    ours: Measured
    theirs: Measured | None


def measured(
    pid: int, work: Callable[[], Result], *, has_tail: bool = False, less: float = 0.0, idle: float = 0.0, but: int = 0
) -> Measured:
    """`has_tail`: what the work leaves to the background counts as its cost; `idle`, what is used each second though nobody
    asks, does not. `but` is a process that does not count."""
    before, began = processes.cpu_seconds(pid, but), time.monotonic()
    result = work()
    if has_tail:
        processes.settle(pid)
    used = processes.cpu_seconds(pid, but) - before - less - idle * (time.monotonic() - began)
    return Measured(result, used / len(result.latencies))


def together(parts: Sequence[Measured]) -> Measured:
    """One after the other, as if they had been one."""
    latencies = sorted(latency for part in parts for latency in part.result.latencies)
    cpu = sum(part.cpu * len(part.result.latencies) for part in parts) / len(latencies)
    return Measured(Result(sum(part.result.seconds for part in parts), latencies), cpu)


def one_round(stage: Stage, connecting: dict[int, float], is_shop_first: bool) -> list[Sample]:
    detail, listing = stage.pages[DETAIL], stage.pages[LISTING]
    listings = [f"{listing.target}&price_max={10**6 + number}" for number in range(512)]
    return [
        *reads(stage, detail, stage.work.details, is_shop_first),
        *reads(stage, listing, stage.work.reads, is_shop_first),
        *unchanged(stage, detail, is_shop_first),
        missed(stage, DETAIL_MISS, detail.size, stage.details),
        missed(stage, LISTING_MISS, listing.size, listings),
        *writes(stage, ADDING, Cart.adding, stage.to_add, stage.adding, connecting),
        *writes(stage, PLACING, Cart.ordering, stage.to_order, stage.placing, connecting),
        checked_out(stage),
    ]


def reads(stage: Stage, page: Page, loads: dict[int, int], is_shop_first: bool) -> Iterator[Sample]:
    for connections, each in loads.items():
        yield _beside_bare(stage, page.name, page.target, f"/{page.size}", {}, (connections, each), is_shop_first)


def unchanged(stage: Stage, page: Page, is_shop_first: bool) -> Iterator[Sample]:
    """Both are sent the tag that they gave, so each must compare it and answers without a body."""
    target = f"/tagged/{page.size}"
    for load in stage.work.unchanged.items():
        yield _beside_bare(stage, UNCHANGED, page.target, target, {"If-None-Match": page.tag}, load, is_shop_first)


def _beside_bare(
    stage: Stage, name: str, ours: str, theirs: str, headers: dict[str, str], load: tuple[int, int], is_shop_first: bool
) -> Sample:
    def shop() -> Measured:
        return measured(stage.shop.pid, lambda: _same(stage.shop, ours, headers, *load), idle=stage.idle)

    def bare() -> Measured:
        tagged = dict.fromkeys(headers, TAG)
        return measured(stage.bare.pid, lambda: _same(stage.bare, theirs, tagged, *load))

    if is_shop_first:
        return Sample(name, BARE, load[0], shop(), bare())
    found = bare()
    return Sample(name, BARE, load[0], shop(), found)


def missed(stage: Stage, name: str, size: int, targets: Sequence[str]) -> Sample:
    """Each page once, when neither Redis nor a process has it, so that it is found, made and kept."""
    passes = []
    for _ in range(stage.work.passes):
        stage.forget_pages()
        work = [_asking(targets[at::MISSED], {}, at) for at in range(MISSED)]
        passes.append(measured(stage.shop.pid, lambda w=work: client.run(stage.shop.port, w), idle=stage.idle))
        if stage.kept_pages() < len(targets):
            raise SystemExit(f"{name}: the shop keeps fewer pages than were asked for, so some were not made")
    bare = measured(stage.bare.pid, lambda: _same(stage.bare, f"/{size}", {}, MISSED, stage.work.reads[MISSED]))
    return Sample(name, BARE, MISSED, together(passes), bare)


def writes(
    stage: Stage,
    name: str,
    ask: Callable[[Cart], bytes],
    found: Iterator[Cart],
    script: Path,
    connecting: dict[int, float],
) -> Iterator[Sample]:
    for connections, each in stage.work.writes.items():
        work = [[ask(next(found)) for _ in range(each)] for _ in range(connections)]
        ours = measured(stage.shop.pid, lambda w=work: client.run(stage.shop.port, w), has_tail=True, idle=stage.idle)
        yield Sample(name, PGBENCH, connections, ours, _pgbench(stage, script, connections, connecting))


def checked_out(stage: Stage) -> Sample:
    """The five steps from a filled cart to a paid order; what the fake payment provider uses is not the shop's."""
    ((connections, each),) = stage.work.checkouts.items()
    shop, provider = stage.shop, processes.started_with(stage.shop.pid, PROVIDER)
    filled = checkouts.fill(shop.port, stage.offers, connections * each)
    # What is left of thousands of orders before is not theirs.
    processes.settle(shop.pid, LEFT_OVER)
    found = measured(
        shop.pid, lambda: checkouts.run(shop.port, filled, connections), has_tail=True, idle=stage.idle, but=provider
    )
    whole = Measured(found.result, found.cpu * checkouts.STEPS)
    return Sample(CHECKOUT, NOTHING, connections, whole, None)


def connecting_costs(stage: Stage, folder: Path) -> dict[int, float]:
    """What the connections alone cost pgbench's server, by their number: backends are processes."""
    script = folder / "roundtrip.sql"
    script.write_text(ROUNDTRIP)
    costs = {}
    for connections in stage.work.transactions:
        before = processes.cpu_seconds(stage.database.pid)
        pgbench.run(stage.database, script, connections, 1)
        time.sleep(0.5)
        costs[connections] = processes.cpu_seconds(stage.database.pid) - before
    return costs


def _pgbench(stage: Stage, script: Path, connections: int, connecting: dict[int, float]) -> Measured:
    def work() -> Result:
        result = pgbench.run(stage.database, script, connections, stage.work.transactions[connections])
        time.sleep(0.5)  # its connections end as processes
        return result

    return measured(stage.database.pid, work, less=connecting[connections])


def _same(server: HttpServer, target: str, headers: dict[str, str], connections: int, each: int) -> Result:
    work = [_asking(repeat(target, each), headers, number) for number in range(connections)]
    return client.run(server.port, work)


def _asking(targets: Iterable[str], headers: dict[str, str], number: int) -> list[bytes]:
    """What a shopper with an address of their own asks for."""
    theirs = headers | {"X-Forwarded-For": carts.door(number)}
    return [client.request("GET", target, theirs) for target in targets]
