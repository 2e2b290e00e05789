"""`make bench`: what the shop's hot paths cost beside a bare Flask route and beside pgbench, and how it bears a crowd."""

import argparse
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from bench import budgets, crowd, hot, measures, pricing, processes, report, servers, stage
from bench.crowd import Crowd, Way
from bench.marks import Found
from bench.measures import Sample
from bench.plots import Load
from bench.stage import Stage, Work

QUOTES = 200
LOADS = (0.5, 1.0, 1.5)


@dataclass(frozen=True)
class Size:
    """Rounds of fixed work; and how long the thousand come, those who find the peak, and each load of the three."""

    work: Work
    rounds: int
    crowd: Way
    peak: Way
    loaded: Way


#: Of the thousand each second counts in which all are there and the shop is warm: as long as one visit.
WHOLE = Size(stage.WHOLE, 3, Way(125, warming=25), Way(15, warming=5, shoppers=64, thinking=0), Way(20, warming=5))
SMOKE = Size(
    stage.IN_LITTLE, 1, Way(15, warming=2, shoppers=50), Way(4, warming=1, shoppers=16, thinking=0), Way(4, warming=1)
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=WHOLE.rounds, help="of the fixed work (3); the medians are shown")
    parser.add_argument("--dry", action="store_true", help="leave bench/README.md and the plots as they are")
    parser.add_argument(
        "--smoke", action="store_true", help="only see that all of it runs, in little: times are not judged"
    )
    parser.add_argument(
        "--hot", action="store_true", help="only this: orders of one product, of five and of a thousand"
    )
    asked = parser.parse_args()
    if asked.hot:
        hot.main()
        return
    began = time.monotonic()
    found = measure(SMOKE if asked.smoke else replace(WHOLE, rounds=asked.rounds))
    print(f"\n{report.text(found)}\n")
    if asked.smoke:
        if found.crowd.errors:
            raise SystemExit(f"{found.crowd.errors} requests of the crowd were not answered as asked for")
        return
    if not asked.dry:
        report.keep(found)
    pricing.measure(asked.rounds, QUOTES, is_kept=not asked.dry)
    print(f"It took {time.monotonic() - began:.0f} s.")


def measure(size: Size) -> Found:
    crowd.find_k6()
    servers.prepare_environment()
    print("Counting statements", flush=True)
    spent = budgets.measure()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with stage.opened(folder, size.work, size.rounds) as made:
            samples = in_rounds(made, folder, size.rounds)
            many, peak, loads = with_crowds(made, folder, size)
            web = processes.started_with(made.shop.pid, stage.WEB)
            return Found(samples, many, peak, loads, spent, processes.megabytes(web))


def in_rounds(made: Stage, folder: Path, rounds: int) -> list[list[Sample]]:
    connecting = measures.connecting_costs(made, folder)
    samples = []
    for number in range(rounds):
        began = time.monotonic()
        samples.append(measures.one_round(made, connecting, is_shop_first=bool(number % 2)))
        print(f"Round {number + 1} of {rounds} took {time.monotonic() - began:.0f} s", flush=True)
    return samples


def with_crowds(made: Stage, folder: Path, size: Size) -> tuple[Crowd, float, list[Load]]:
    """A thousand who think; the most that the shop can do; and what it does of half, all, and half more of that."""
    offers = crowd.catalog(made.shop.port, made.offers, folder)
    many = crowd.come(made.shop.port, offers, size.crowd)
    print(f"{size.crowd.shoppers:,} shoppers: {many.asked:,} requests, {many.errors} errors", flush=True)
    processes.settle(made.shop.pid)
    most = crowd.come(made.shop.port, offers, size.peak)
    peak, loads = most.good / most.seconds, []
    for part in LOADS:
        came = crowd.come(made.shop.port, offers, replace(size.loaded, rate=round(part * peak)))
        loads.append(Load(part * peak, came.good / came.seconds))
        print(f"{part:.0%} of the peak: {loads[-1].good:,.0f} of {loads[-1].offered:,.0f} a second", flush=True)
        processes.settle(made.shop.pid)
    return many, peak, loads


if __name__ == "__main__":
    main()
