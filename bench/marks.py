"""The marks, and whether what was measured reaches them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from statistics import median

from bench import budgets, measures
from bench.budgets import Spent
from bench.crowd import Crowd
from bench.measures import BARE, PGBENCH, Measured, Sample
from bench.plots import Load
from bench.stage import WHOLE

Key = tuple[str, str, int]
Pair = tuple[Measured, Measured | None]

RATES = {
    (measures.DETAIL, BARE): 0.65, (measures.LISTING, BARE): 0.60, (measures.LISTING_MISS, BARE): 0.12,
    (measures.UNCHANGED, BARE): 0.70, (measures.ADDING, PGBENCH): 0.40, (measures.PLACING, PGBENCH): 0.45,
}  # fmt: skip
#: Milliseconds of the processor.
COSTS = {
    measures.DETAIL: 0.35, measures.LISTING: 0.45, measures.DETAIL_MISS: 1.5, measures.ADDING: 4, measures.CHECKOUT: 15,
}  # fmt: skip
STATEMENTS = {budgets.DETAIL: 2, budgets.LISTING: 3, budgets.ADDING: 9, budgets.PLACING: 14, budgets.CHECKOUT: 30}
P95, P99 = 50, 120
WORST_OF_MEDIAN = 3
PART_OF_PEAK = 0.8
MEGABYTES = 180
#: Where requests cost what they cost, and do not wait for the client.
CALM, MANY = 16, 1000


@dataclass(frozen=True)
class Found:
    """All that one run measured."""

    rounds: list[list[Sample]]
    crowd: Crowd
    peak: float
    loads: list[Load]
    spent: dict[str, Spent]
    megabytes: float

    def pairs(self) -> dict[Key, list[Pair]]:
        """What each round measured, by name, peer and connections."""
        found: dict[Key, list[Pair]] = {}
        for name, peer, connections, ours, theirs in (sample for samples in self.rounds for sample in samples):
            found.setdefault((name, peer, connections), []).append((ours, theirs))
        return found


@dataclass(frozen=True)
class Mark:
    what: str
    wanted: str
    measured: str
    is_reached: bool


def ratio(pairs: Sequence[Pair], of: Callable[[Measured], float]) -> float | None:
    """The median of each round's ratio, since the two of a round met the machine in the same mood."""
    known = [of(ours) / of(theirs) for ours, theirs in pairs if theirs is not None and of(theirs) > 0]
    return median(known) if known else None


def rate(measured: Measured) -> float:
    return measured.result.rate


def judged(found: Found) -> Iterator[Mark]:
    yield from _rates(found.pairs())
    yield from _of_the_crowd(found.crowd)
    yield _fairness(found.pairs()[measures.DETAIL, BARE, MANY])
    yield _goodput(found)
    yield from _costs(found.pairs())
    for name, most in STATEMENTS.items():
        spent = found.spent[name].statements
        yield Mark(f"SQL statements: {name}", f"≤ {most}", str(spent), spent <= most)
    memory = found.megabytes
    yield Mark(
        "memory of the web processes after the run (PSS)", f"≤ {MEGABYTES} MB", f"{memory:.0f} MB", memory <= MEGABYTES
    )


def _rates(pairs: dict[Key, list[Pair]]) -> Iterator[Mark]:
    """Each judged where it is worst."""
    for (name, peer), least in RATES.items():
        by_connections = {
            connections: ratio(found, rate) or 0.0
            for (measured, beside, connections), found in pairs.items()
            if (measured, beside) == (name, peer)
        }
        worst = min(by_connections, key=lambda connections: by_connections[connections])
        told = (
            f"{by_connections[worst]:.2f} (at {worst:,})" if len(by_connections) > 1 else f"{by_connections[worst]:.2f}"
        )
        yield Mark(f"{name} beside {peer}", f"≥ {least:.2f}", told, by_connections[worst] >= least)


def _of_the_crowd(crowd: Crowd) -> Iterator[Mark]:
    yield Mark("1,000 shoppers: errors and refusals", "0", f"{crowd.failed} of {crowd.asked:,}", not crowd.failed)
    for name, most in (("p95", P95), ("p99", P99)):
        slowest = max(crowd.endpoints, key=lambda endpoint: float(getattr(endpoint, name)))
        took = float(getattr(slowest, name))
        what = f"1,000 shoppers: {name} of the slowest endpoint"
        yield Mark(what, f"≤ {most} ms", f"{took:.0f} ms ({slowest.name})", took <= most)


def _fairness(pairs: Sequence[Pair]) -> Mark:
    times = median(ours.result.latencies[-1] / ours.result.quantile(0.5) for ours, _ in pairs)
    what = f"{WHOLE.details[MANY]} details on each of 1,000 connections: worst beside median"
    return Mark(
        what, f"all served, ≤ {WORST_OF_MEDIAN} times", f"all served, {times:.1f} times", times <= WORST_OF_MEDIAN
    )


def _goodput(found: Found) -> Mark:
    left = found.loads[-1].good / found.peak
    return Mark(
        "good answers at 150 % of the peak's load", f"≥ {PART_OF_PEAK:.0%}", f"{left:.0%}", left >= PART_OF_PEAK
    )


def _costs(pairs: dict[Key, list[Pair]]) -> Iterator[Mark]:
    for name, most in COSTS.items():
        _, measured = min(
            ((connections, found) for (of, _, connections), found in pairs.items() if of == name), key=itemgetter(0)
        )
        cost = median(ours.cpu for ours, _ in measured) * 1000
        yield Mark(f"CPU, all processes: {name}", f"≤ {most:g} ms", f"{cost:.2f} ms", cost <= most)
