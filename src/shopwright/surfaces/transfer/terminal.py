"""What a person at the terminal sees of an import."""

from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from shopwright.surfaces.transfer.report import Report

LINES_AT_MOST = 200


class Progress:
    """A bar for each file; where nobody watches, a line."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or _console()
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._bar = Bar(*columns, console=self._console, disable=not self._console.is_terminal)
        self._task = self._bar.add_task("", visible=False)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._bar.stop()

    def begin(self, file: Path, products: int) -> None:
        if not self._console.is_terminal:
            self._console.print(escape(f"{file.name}: {products} products"))
        self._task = self._bar.add_task(escape(file.name), total=products)

    def advance(self, products: int) -> None:
        self._bar.advance(self._task, products)

    def refuse(self, why: str) -> None:
        self._console.print(f"[red]✗[/] {escape(why)}")


def tell(told: Report, *, dry_run: bool, console: Console | None = None) -> None:
    """Every fault, what was left out, and the sums."""
    console = console or _console()
    for fault in told.faults:
        console.print(f"[red]✗[/] {escape(str(fault))}")
    for dropped in told.dropped[:LINES_AT_MOST]:
        console.print(f"[yellow]·[/] {escape(dropped)}")
    if len(told.dropped) > LINES_AT_MOST:
        console.print(f"[yellow]·[/] and {len(told.dropped) - LINES_AT_MOST} more")
    sums = (
        f"{told.created} products created, {told.changed} changed, {told.unchanged} unchanged;"
        f" {told.new_variants} new variants, {told.prices_set} prices set"
    )
    if told.faults:
        faults = f"{len(told.faults)} fault{'s' if len(told.faults) > 1 else ''}"
        console.print(f"[bold red]{faults}[/]. {sums if told.touched else 'Nothing was written.'}")
    else:
        console.print(f"{'Tried, and nothing kept: ' if dry_run else ''}{sums}.")


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)
