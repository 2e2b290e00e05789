"""Ratios of medians, as a table; kept in the README beside this file."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median

from bench.measures import Measured, Sample

README = Path(__file__).with_name("README.md")
LAST_RUN = "## The last run\n"
MARKS = {("product detail", "bare Flask"): 0.4, ("listing of 24", "bare Flask"): 0.4, ("place order", "pgbench"): 0.25}

COLUMNS: dict[str, Callable[[Measured], float]] = {
    "rate": lambda measured: measured.result.rate,
    "p50": lambda measured: measured.result.quantile(0.5),
    "p99": lambda measured: measured.result.quantile(0.99),
    "worst": lambda measured: measured.result.latencies[-1],
    "CPU": lambda measured: measured.cpu,
}


def table(samples: Iterable[Sample]) -> str:
    rounds: dict[tuple[str, str, int], list[tuple[Measured, Measured]]] = {}
    for name, peer, connections, ours, theirs in samples:
        rounds.setdefault((name, peer, connections), []).append((ours, theirs))
    lines = [
        f"| measured | beside | connections | {' | '.join(COLUMNS)} | mark for the rate |",
        "| --- | --- | ---: |" + " ---: |" * len(COLUMNS) + " --- |",
    ]
    for (name, peer, connections), pairs in sorted(rounds.items(), key=lambda found: _place(found[0])):
        ratios = {column: _ratio(pairs, of) for column, of in COLUMNS.items()}
        cells = [name, peer, f"{connections:,}", *map(_shown, ratios.values()), _judged(name, peer, ratios["rate"])]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _place(key: tuple[str, str, int]) -> tuple[int, str, int]:
    name, peer, connections = key
    return ["product detail", "listing of 24", "add to cart", "place order"].index(name), peer, connections


def _ratio(pairs: list[tuple[Measured, Measured]], of: Callable[[Measured], float]) -> float | None:
    """The median of each round's ratio, since the two of a round met the machine in the same mood."""
    known = [of(ours) / of(theirs) for ours, theirs in pairs if of(theirs) > 0]
    return median(known) if known else None


def _shown(ratio: float | None) -> str:
    if ratio is None:
        return "?"
    if ratio < 0.1:
        return f"{ratio:.2g}"
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _judged(name: str, peer: str, rate: float | None) -> str:
    mark = MARKS.get((name, peer))
    if mark is None or rate is None:
        return ""
    return f"≥ {mark:g}: {'reached' if rate >= mark else 'missed'}"


def note(name: str, measured: str, *, is_reached: bool) -> None:
    """Put what was measured into the README's table of marks: its line begins with the name. The last cell is left alone."""
    lines = README.read_text().splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.startswith(f"| {name} |"))
    cells = lines[place].split(" | ")
    cells[2:4] = [measured, "reached" if is_reached else "missed"]
    lines[place] = " | ".join(cells)
    README.write_text("\n".join(lines) + "\n")


def keep(text: str, rounds: int, processors: int) -> None:
    """Put the table into the README, in place of the last one."""
    kept, _, _ = README.read_text().partition(LAST_RUN)
    when = time.strftime("%Y-%m-%d")
    said = f"{when}, {processors} processors shared with the client, rounds: {rounds}."
    README.write_text(f"{kept}{LAST_RUN}\n{said}\n\n{text}\n")
