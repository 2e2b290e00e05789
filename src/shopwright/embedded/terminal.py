"""What the person at the terminal sees of `shopwright up`: progress, problems, and one summary."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape

PROBLEM = re.compile(r'\b(ERROR|CRITICAL|Traceback)\b|"level":\s?"(error|critical)"')
LINES_A_LOOK = 5


@dataclass
class Terminal:
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    _began_at: float = field(default_factory=time.monotonic)

    def done(self, what: str) -> None:
        took = time.monotonic() - self._began_at
        self.console.print(f"  [green]✓[/] {escape(what)} [dim]{took:.1f} s[/]")

    def step(self, what: str) -> None:
        self.console.print(f"  [dim]· {escape(what)}[/]")

    def problem(self, what: str) -> None:
        self.console.print(f"  [red]✗[/] {escape(what)}")

    def summary(self, url: str, places: dict[str, str]) -> None:
        took = time.monotonic() - self._began_at
        self.console.print(f"\n  [bold green]Shopwright is open[/] [dim]after {took:.1f} s[/]\n")
        for name, place in {"API": url, "Documentation": f"{url}/docs", **places}.items():
            self.console.print(f"  [bold]{name:<14}[/]{escape(place)}")
        account = """'{"email": "ada@example.com", "password": "a long pass phrase"}'"""
        self.console.print(
            "\n  Your first token:\n"
            f"  curl {url}/v1/auth/register -H 'Content-Type: application/json' \\\n"
            f"    -d {escape(account)}\n\n  [dim]Ctrl-C stops everything.[/]\n"
        )


@dataclass
class LogWatch:
    """Shows the lines of growing log files that speak of trouble, and only a few of many."""

    terminal: Terminal
    _read_to: dict[Path, int] = field(default_factory=dict)

    def follow(self, log: Path) -> None:
        self._read_to[log] = log.stat().st_size if log.exists() else 0

    def look(self) -> None:
        for log, start in self._read_to.items():
            with log.open("rb") as opened:
                opened.seek(start)
                # Up to the last full line: the rest of it comes with the next look.
                printed = opened.read().rpartition(b"\n")[0]
            if printed:
                self._read_to[log] = start + len(printed) + 1
                self._show(log, printed.decode(errors="replace"))

    def _show(self, log: Path, printed: str) -> None:
        problems = [line for line in printed.splitlines() if PROBLEM.search(line)]
        for line in problems[:LINES_A_LOOK]:
            self.terminal.problem(f"{log.stem}: {line[:300]}")
        if len(problems) > LINES_A_LOOK:
            self.terminal.problem(f"{log.stem}: and {len(problems) - LINES_A_LOOK} more; see {log}")
