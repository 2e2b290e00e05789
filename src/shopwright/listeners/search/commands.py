"""`shopwright search …`. The command line hands on how this process is connected to the shop."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from shopwright.listeners.search.golden.command import evaluate, load_golden

if TYPE_CHECKING:
    from shopwright.listeners.search.aliased import AliasedBackend


@click.command()
@click.pass_obj
def rebuild(connect: Callable[..., None]) -> None:
    """Index all products anew, while the shop goes on."""
    from shopwright.kit.transaction import transaction
    from shopwright.listeners.search import engines, indexing, states

    connect()
    with transaction():
        engines.postgres.distrust()
        states.touch_all()
    click.echo(f"{indexing.run()} products were indexed.")


@click.command()
@click.pass_context
def reindex(ctx: click.Context) -> None:
    """Make the engine's indexes anew beside those in use, and change over at once; those before stay for `rollback`.

    The shop goes on, and searches miss nothing. Killed in the middle, run it again. PostgreSQL rebuilds in place.
    """
    from shopwright.listeners.search import engines, reindexing

    ctx.obj()
    engine = engines.with_aliases()
    if engine is None:
        click.echo("PostgreSQL has no index beside the one in use; it is rebuilt in place.")
        ctx.invoke(rebuild)
        return
    with _said_plainly():
        done = reindexing.reindex(engine)
    click.echo(f"{done.products} products were read.")
    _say_used(done.used)


@click.command()
@click.pass_obj
def rollback(connect: Callable[..., None]) -> None:
    """Go back to the indexes that were in use before the last reindex, or the last rollback; they are as true as the new."""
    from shopwright.listeners.search import reindexing

    connect()
    with _said_plainly():
        _say_used(reindexing.roll_back(_engine()))


@click.command("drop-kept")
@click.pass_obj
def drop_kept(connect: Callable[..., None]) -> None:
    """Delete the indexes that are not in use; there is no way back to them then, and writing costs half."""
    from shopwright.listeners.search import reindexing

    connect()
    with _said_plainly():
        dropped = reindexing.drop_kept(_engine())
    click.echo("\n".join(f"{index} is deleted." for index in dropped) or "There is none.")


def _engine() -> "AliasedBackend":
    from shopwright.listeners.search import engines

    engine = engines.with_aliases()
    if engine is None:
        raise click.ClickException("PostgreSQL has no index beside the one in use.")
    return engine


def _say_used(used: Mapping[str, str]) -> None:
    for locale, index in used.items():
        click.echo(f"{locale}: {index} is used now.")


@contextmanager
def _said_plainly() -> Iterator[None]:
    from shopwright.listeners.search.backend import EngineAway
    from shopwright.listeners.search.errors import IndexAstray, NotAlone, NothingKept

    try:
        yield
    except EngineAway as away:
        raise click.ClickException(f"The engine is away ({away}). What is in use stays; run this again.") from away
    except (IndexAstray, NothingKept, NotAlone) as fault:
        raise click.ClickException(str(fault)) from fault


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


ALL = (rebuild, reindex, rollback, drop_kept, reconcile, export_ubi, evaluate, load_golden)
