"""`shopwright search …`. The command line hands on how this process is connected to the shop."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime

import click

from shopwright.listeners.search.golden.command import evaluate, load_golden


@click.command()
@click.pass_obj
def rebuild(connect: Callable[..., None]) -> None:
    """Index all products anew, while the shop goes on."""
    from shopwright.kit.transaction import transaction
    from shopwright.listeners.search import indexing

    connect()
    with transaction():
        indexing.touch_all()
    click.echo(f"{indexing.run()} products were indexed.")


@click.command()
@click.pass_obj
def reconcile(connect: Callable[..., None]) -> None:
    """Compare what the engines hold with what they should, and index anew what differs; nightly, too."""
    from shopwright.listeners.search import indexing, reconciling

    connect()
    drift = reconciling.reconcile()
    for engine, products in drift.astray.items():
        click.echo(f"{engine}: {len(products)} products differ.")
    click.echo(f"{len(drift.unknown)} products were unknown to search; {indexing.run()} were indexed.")


@click.command("export-ubi")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="UTC; by default all that is kept."
)
@click.pass_obj
def export_ubi(connect: Callable[..., None], since: datetime | None) -> None:
    """Write what was searched and clicked to the standard output, as bulk lines of User Behavior Insights."""
    from shopwright.kit import clock
    from shopwright.kit.transaction import snapshot
    from shopwright.listeners.search.learning import journal, ubi

    connect(log_aside=True)
    moment = since.replace(tzinfo=UTC) if since else clock.now() - journal.KEPT_FOR
    with snapshot():
        sys.stdout.buffer.writelines(ubi.lines(moment))


ALL = (rebuild, reconcile, export_ubi, evaluate, load_golden)
