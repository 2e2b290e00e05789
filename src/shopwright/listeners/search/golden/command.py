"""`shopwright search eval` and `load-golden`. The command line hands on how this process is connected to the shop."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from shopwright.listeners.search.golden.evaluation import Judged, Report
    from shopwright.listeners.search.golden.floors import Texts

    Given = tuple[Sequence[Judged], Texts]

#: So many queries wait for the shop's answer at the same time.
AT_ONCE = 4
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("eval")
@click.option("--search", "name", default="naive-bm25", show_default=True, help="Which search is judged.")
@click.option("--half", type=click.Choice(["test", "dev", "all"]), default="test", show_default=True)
@click.option(
    "--products", type=click.IntRange(1), help="Only the first so many are there; `load-golden` can load these."
)
@click.option("--markdown", is_flag=True, help="As a table for a document.")
@click.option("--worst", type=click.IntRange(0), default=0, help="Show so many queries that were answered worst.")
@click.option("--gate", is_flag=True, help="End with 1 if it is worse than what was accepted last.")
@click.option("--accept", is_flag=True, help="Write down what was reached, for the gate.")
@click.option("--esci", type=FOLDER, help="Judge by ESCI instead: qrels.tsv and products.jsonl in this folder.")
@click.option(
    "--wands", type=FOLDER, help="Judge by WANDS instead: query.csv, product.csv and label.csv in this folder."
)
@click.pass_obj
def evaluate(
    connect: Callable[[], None], name: str, half: str, products: int | None, markdown: bool, worst: int, gate: bool, accept: bool,
    esci: Path | None, wands: Path | None,
) -> None:  # fmt: skip
    """Judge a search by the golden set: nDCG@10, MRR@10, Recall@100, queries without result, by class, beside floors."""
    from shopwright.listeners.search.golden import evaluation, report
    from shopwright.listeners.search.golden.searches import FLOORS, SEARCHES, SHOP

    if name not in SEARCHES:
        raise click.BadParameter(f"there is none called {name}; there are {', '.join(SEARCHES)}")
    if (gate or accept) and (half != "test" or esci or wands):
        raise click.UsageError("What is accepted is the golden set's test half: use --gate and --accept with it alone.")
    if (name == SHOP or products) and (esci or wands):
        raise click.UsageError("ESCI and WANDS are judged whole, and not in a shop.")
    judged, texts = _given(half, products, esci, wands)
    label = _in_use(connect) if name == SHOP else name
    reached = evaluation.evaluate(SEARCHES[name](texts), judged, AT_ONCE if name == SHOP else 1)
    floors = {each: evaluation.evaluate(made(texts), judged) for each, made in FLOORS.items() if each != name}
    table = report.cells(reached, floors)
    for line in (report.as_markdown if markdown else report.as_text)(table):
        click.echo(line)
    for line in (*report.of_twins(reached), *report.worst(reached, {each.id: each.text for each in judged}, worst)):
        click.echo(line)
    _guard(f"{label}, {products} products" if products else label, reached, gate=gate, accept=accept)


def _in_use(connect: Callable[[], None]) -> str:
    """Connects, with patience; answers what the shop's search is called with the engine that the settings name."""
    from shopwright import settings
    from shopwright.listeners.search import engines
    from shopwright.listeners.search.backends.chosen import chosen
    from shopwright.listeners.search.golden import shop

    connect()
    engines.use(chosen(settings.current(), is_patient=True))
    return f"shop on {shop.engine()}"


def _given(half: str, products: int | None, esci_folder: Path | None, wands_folder: Path | None) -> "Given":
    from shopwright.listeners.search.golden import esci, judging, wands
    from shopwright.listeners.search.golden.queries import Half
    from shopwright.listeners.search.golden.things import things

    if esci_folder:
        return [*esci.judged(esci_folder / "qrels.tsv")], esci.texts(esci_folder / "products.jsonl")
    if wands_folder:
        return [*wands.judged(wands_folder)], wands.texts(wands_folder)
    judged, there = judging.judged(None if half == "all" else Half(half)), things(products) if products else things()
    if products:
        judged = judging.among(judged, {thing.key for thing in there})
    return [*judged], judging.all_texts(there)


def _guard(name: str, reached: "Report", *, gate: bool, accept: bool) -> None:
    from shopwright.listeners.search.golden import gate as gates

    marks = gates.marks(reached)
    if gate:
        before = gates.accepted().get(name)
        if before is None:
            raise click.ClickException(f"nothing was ever accepted of {name}: --accept does it")
        drops = [*gates.drops(marks, before)]
        for line in drops:
            click.echo(line, err=True)
        if drops:
            sys.exit(1)
    if accept:
        gates.accept(name, marks)


@click.command("load-golden")
@click.pass_obj
@click.option("--products", type=click.IntRange(1), help="Only the first so many of the 20,000.")
def load_golden(connect: Callable[[], None], products: int | None) -> None:
    """Put the golden catalog into a shop that is there for nothing else, in a channel called golden."""
    import psycopg

    from shopwright import settings
    from shopwright.kit.errors import Problem
    from shopwright.listeners.search.golden import loader

    connect()
    address = settings.current().database_url.replace("postgresql+psycopg:", "postgresql:", 1)
    with psycopg.connect(address, autocommit=True) as database:
        try:
            loader.load(database, products)
        except Problem as refused:
            raise click.ClickException(refused.text) from refused
    click.echo("The golden catalog is in the channel golden.")
