"""What a run measured, as tables and plots; kept in the README beside this file."""

import os
import platform
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median

from bench import marks, plots
from bench.crowd import Crowd
from bench.marks import Found, Mark, Pair
from bench.measures import NOTHING, Measured
from bench.plots import Bar

README = Path(__file__).with_name("README.md")
LAST_RUN = "## The last run\n"
COMMAND = "make bench"

COLUMNS: dict[str, Callable[[Measured], float]] = {
    "rate": marks.rate,
    "p50": lambda measured: measured.result.quantile(0.5),
    "p99": lambda measured: measured.result.quantile(0.99),
    "worst": lambda measured: measured.result.latencies[-1],
    "CPU": lambda measured: measured.cpu,
}


def text(found: Found) -> str:
    """The whole of "The last run"."""
    return "\n\n".join(
        [
            _settings(found),
            _table(("what", "mark", "measured", ""), map(_judged, marks.judged(found))),
            "![Rates beside a bare Flask route and beside pgbench](plots/ratios.svg)",
            "![Latency by endpoint with 1,000 shoppers](plots/latencies.svg)",
            _of_the_crowd(found.crowd),
            "![Good answers under overload](plots/overload.svg)",
            _ratios(found),
        ]
    )


def draw(found: Found) -> None:
    plots.write("ratios", plots.ratios(_bars(found)))
    plots.write("latencies", plots.latencies(found.crowd.endpoints, marks.P95, marks.P99))
    plots.write("overload", plots.overload(found.loads, found.peak, marks.PART_OF_PEAK))


def _settings(found: Found) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"`{COMMAND}` on {time.strftime('%Y-%m-%d')}: {os.cpu_count()} processors{_model()}, {memory:.0f} GB, shared by "
        f"the clients and all servers; {platform.system()} {platform.machine()}, Python {platform.python_version()}; the "
        f"settings of `make up`, 1,000 products, rounds: {len(found.rounds)}. {_mood(found)}"
    )


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next((f" ({name})" for name in names), "")


def _mood(found: Found) -> str:
    """What the bare route did, since it says how fast the machine was."""
    pairs = found.pairs()[marks.measures.DETAIL, marks.BARE, marks.CALM]
    bare = [theirs for _, theirs in pairs if theirs is not None]
    rate, cpu = median(one.result.rate for one in bare), median(one.cpu for one in bare)
    return f"The bare route of a product detail's bytes: {rate:,.0f} a second, {cpu * 1000:.2f} ms of CPU."


def _judged(mark: Mark) -> tuple[str, ...]:
    return mark.what, mark.wanted, mark.measured, "reached" if mark.is_reached else "**missed**"


def _of_the_crowd(crowd: Crowd) -> str:
    rows = [
        (
            endpoint.name, f"{endpoint.done:,}", str(endpoint.errors + endpoint.refused),
            *(f"{took:.0f}" for took in (endpoint.p50, endpoint.p95, endpoint.p99, endpoint.worst)),
        )
        for endpoint in crowd.endpoints
    ]  # fmt: skip
    said = (
        f"1,000 shoppers for {crowd.seconds:.0f} s: {crowd.asked / crowd.seconds:,.0f} requests a second. "
        f"k6 itself took {crowd.cpu_of_client:.0f} s of the processors."
    )
    return f"{said}\n\n{_table(('endpoint', 'answers', 'failed', 'p50 ms', 'p95', 'p99', 'worst'), rows)}"


def _ratios(found: Found) -> str:
    rows = []
    for (name, peer, connections), pairs in found.pairs().items():
        if peer != NOTHING:
            shown = (_shown(marks.ratio(pairs, of)) for of in COLUMNS.values())
            rows.append((name, peer, f"{connections:,}", *shown, _milliseconds(pairs)))
    heads = ("measured", "beside", "connections", *COLUMNS, "CPU, ms")
    return f"The shop's numbers divided by the other's; its own CPU last.\n\n{_table(heads, rows)}"


def _milliseconds(pairs: list[Pair]) -> str:
    return f"{median(ours.cpu for ours, _ in pairs) * 1000:.2f}"


def _bars(found: Found) -> list[Bar]:
    return [
        Bar(f"{name}, {connections:,}", marks.ratio(pairs, marks.rate) or 0.0, marks.RATES[name, peer])
        for (name, peer, connections), pairs in found.pairs().items()
        if (name, peer) in marks.RATES
    ]


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join([_line(heads), _line(["---"] * len(heads)), *map(_line, rows)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(ratio: float | None) -> str:
    if ratio is None:
        return "?"
    if ratio < 0.1:
        return f"{ratio:.2g}"
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def note(name: str, measured: str, *, is_reached: bool) -> None:
    """Put what was measured into the README's table of marks: its line begins with the name. The last cell is left alone."""
    lines = README.read_text().splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.startswith(f"| {name} |"))
    cells = lines[place].split(" | ")
    cells[2:4] = [measured, "reached" if is_reached else "missed"]
    lines[place] = " | ".join(cells)
    README.write_text("\n".join(lines) + "\n")


def keep(found: Found) -> None:
    """Put it all into the README, in place of the last run, and the plots beside it."""
    draw(found)
    kept, _, _ = README.read_text().partition(LAST_RUN)
    README.write_text(f"{kept}{LAST_RUN}\n{text(found)}\n")
