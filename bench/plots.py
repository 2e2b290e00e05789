"""Three plots as SVG, drawn by hand: bars beside their marks, latencies by endpoint, and good answers by load."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bench.crowd import Endpoint

FOLDER = Path(__file__).with_name("plots")
WIDTH, ROW, LEFT, RIGHT, TOP = 720, 26, 190, 90, 58
INK, PALE, GOOD, BAD = "#24292f", "#d0d7de", "#2f6f9f", "#c0392b"
#: Where a bar ends that would be longer; its number is told beside it.
LONGEST = 1.2


@dataclass(frozen=True)
class Bar:
    """How much of what is compared with was reached; a mark of 0 is none."""

    name: str
    ratio: float
    mark: float


@dataclass(frozen=True)
class Load:
    """Requests a second: how many came, and how many were answered well and in time."""

    offered: float
    good: float


def ratios(bars: Sequence[Bar]) -> str:
    """Each bar is the shop's rate divided by the other's, and the line across it the mark."""
    scale = (WIDTH - LEFT - RIGHT) / LONGEST
    drawn = []
    for place, bar in enumerate(bars):
        y = TOP + place * ROW
        colour, shown = GOOD if bar.ratio >= bar.mark else BAD, min(bar.ratio, LONGEST)
        drawn += [
            _text(LEFT - 8, y + 15, bar.name, "end"),
            f'<rect x="{LEFT}" y="{y + 4}" width="{shown * scale:.1f}" height="15" fill="{colour}"/>',
            _text(LEFT + max(shown, bar.mark) * scale + 6, y + 15, f"{bar.ratio:.2f} (≥ {bar.mark:g})"),
            _line(LEFT + bar.mark * scale, y + 1, LEFT + bar.mark * scale, y + 22, INK, 2),
        ]
    drawn.append(_line(LEFT + scale, TOP - 4, LEFT + scale, TOP + len(bars) * ROW, PALE, 1))
    drawn.append(_text(LEFT + scale, TOP - 8, "1", "middle"))
    told = "The shop's rate divided by what it is compared with; the black lines are the marks"
    return _page("Rates beside a bare Flask route and beside pgbench", told, drawn, len(bars) * ROW)


def latencies(endpoints: Sequence[Endpoint], p95_mark: float, p99_mark: float) -> str:
    """A line from the median to the worst of each endpoint, with p95 and p99 on it, on a scale of powers of ten."""
    least, most = 1.0, 10 ** math.ceil(math.log10(max([p99_mark + 1, *(endpoint.worst for endpoint in endpoints)])))

    def across(milliseconds: float) -> float:
        part = math.log(max(milliseconds, least) / least) / math.log(most / least)
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    height = len(endpoints) * ROW
    drawn = []
    for power in range(round(math.log10(most)) + 1):
        drawn.append(_line(across(10**power), TOP - 4, across(10**power), TOP + height, PALE, 1))
        drawn.append(_text(across(10**power), TOP - 8, f"{10**power:,} ms", "middle"))
    for place, endpoint in enumerate(endpoints):
        y = TOP + place * ROW + 12
        drawn += [
            _text(LEFT - 8, y + 4, endpoint.name, "end"),
            _line(across(endpoint.p50), y, across(endpoint.worst), y, PALE, 3),
            _line(across(endpoint.worst), y - 4, across(endpoint.worst), y + 4, "#8c959f", 2),
            _dot(across(endpoint.p50), y, INK),
            _dot(across(endpoint.p95), y, GOOD if endpoint.p95 <= p95_mark else BAD),
            _ring(across(endpoint.p99), y, GOOD if endpoint.p99 <= p99_mark else BAD),
            _text(WIDTH - RIGHT + 8, y + 4, f"{endpoint.p95:.0f} · {endpoint.p99:.0f} ms"),
        ]
    for mark in (p95_mark, p99_mark):
        drawn.append(_line(across(mark), TOP - 2, across(mark), TOP + height, INK, 1, is_dashed=True))
    told = (
        f"Black: p50, full: p95, ring: p99, end: worst; right: p95 · p99; dashed: marks ({p95_mark:g}, {p99_mark:g} ms)"
    )
    return _page("Latency by endpoint with 1,000 shoppers", told, drawn, height)


def overload(loads: Sequence[Load], peak: float, part: float) -> str:
    """Good answers by what came, the part of the peak that has to be left, and the line on which all would be good."""
    height, bottom = 240, TOP + 240
    most = max([peak, *(load.offered for load in loads), *(load.good for load in loads)]) * 1.08
    wide = WIDTH - 70 - 30

    def at(load: Load) -> tuple[float, float]:
        return 70 + load.offered / most * wide, bottom - load.good / most * height

    drawn = [_line(70, bottom, WIDTH - 30, bottom, INK, 1), _line(70, TOP, 70, bottom, INK, 1)]
    step = 10 ** math.floor(math.log10(most))
    step = step if most / step >= 3 else step / 2
    for number in range(1, int(most / step) + 1):
        x, y = at(Load(number * step, number * step))
        drawn += [
            _text(64, y + 4, f"{number * step:,.0f}", "end"),
            _text(x, bottom + 18, f"{number * step:,.0f}", "middle"),
        ]
        drawn.append(_line(70, y, WIDTH - 30, y, PALE, 1))
    (x_peak, y_peak), (_, y_least) = at(Load(peak, peak)), at(Load(peak, part * peak))
    drawn.append(_line(70, bottom, x_peak, y_peak, PALE, 2))
    drawn.append(_line(70, y_least, WIDTH - 30, y_least, INK, 1, is_dashed=True))
    drawn.append(_text(76, y_least - 6, f"{part:.0%} of the peak"))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, loads))
    drawn.append(f'<polyline points="{path}" fill="none" stroke="{GOOD}" stroke-width="2"/>')
    for load in loads:
        x, y = at(load)
        is_enough = load.good >= part * min(load.offered, peak)
        drawn += [_dot(x, y, GOOD if is_enough else BAD), _text(x, y - 10, f"{load.good:,.0f}", "middle")]
    drawn.append(_text(WIDTH - 30, bottom + 36, "requests a second that came", "end"))
    told = (
        "Requests a second answered as asked for and within a second, by how many came (50, 100 and 150 % of the peak)"
    )
    return _page("Good answers under overload", told, drawn, height + 44)


def write(name: str, drawn: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(drawn)


def _page(title: str, told: str, drawn: Sequence[str], height: int) -> str:
    whole = TOP + height + 16
    size = f'width="{WIDTH}" height="{whole}" viewBox="0 0 {WIDTH} {whole}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="system-ui, sans-serif" font-size="12" fill="{INK}">',
            f'<rect width="{WIDTH}" height="{whole}" rx="6" fill="#ffffff"/>',
            f'<text x="16" y="20" font-size="14" font-weight="600">{escape(title)}</text>',
            f'<text x="16" y="36" font-size="11" fill="#57606a">{escape(told)}</text>',
            *drawn,
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, said: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: int, *, is_dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="4 3"' if is_dashed else ""
    points = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {points} stroke="{colour}" stroke-width="{width}"{dashes}/>'


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'


def _ring(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#ffffff" stroke="{colour}" stroke-width="2"/>'
