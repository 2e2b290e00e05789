"""The command line: what an operator does by hand."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import click

from shopwright import settings as settings_module
from shopwright.settings import SettingsFault


@click.group()
def cli() -> None:
    """Shopwright: a headless shop."""


@cli.command()
def up() -> None:
    """Start the whole shop on this machine, with what it needs."""
    from shopwright.embedded import supervisor

    plan = supervisor.plan(_settings(), settings_module.process_environment())
    sys.exit(supervisor.up(plan))


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from shopwright.kit import roles, schema

    try:
        schema.upgrade(_settings())
    except roles.RoleMissing as missing:
        raise click.ClickException(str(missing)) from missing


@cli.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when there is a product already.")
def seed(if_empty: bool) -> None:
    """Fill the database with the demo shop."""
    from shopwright.kit import outbox
    from shopwright.listeners.search import indexing
    from shopwright.surfaces.transfer import demo

    _connected()
    if demo.seed(if_empty=if_empty):
        outbox.drain()
        indexing.run()
        click.echo("The demo shop is in the database.")
    else:
        click.echo("The database holds products already; nothing was seeded.")


@cli.command()
@click.option("--seed", "with_demo", is_flag=True, help="Fill an empty database with the demo shop.")
@click.pass_context
def prepare(ctx: click.Context, with_demo: bool) -> None:
    """Migrate, and seed if asked to: what `up` does before it starts the shop."""
    from shopwright.kit import metrics

    if directory := _settings().metrics_dir:
        metrics.clear(directory)
    ctx.invoke(migrate)
    if with_demo:
        ctx.invoke(seed, if_empty=True)


@cli.command()
@click.option("--repair", is_flag=True, help="Mend each drift by a counter-entry, where that is safe.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def verify(repair: bool, as_json: bool) -> None:
    """Derive from the ledgers what rows say, and name each drift with its cause.

    Ends with 0 where all is well or was mended, with 1 where a drift is left, with 2 where a check could not be made.
    """
    import msgspec

    from shopwright.kit import verification

    _connected(log_aside=True)
    report = verification.examine()
    if repair:
        report = verification.repair(report)
    click.echo(msgspec.json.encode(report).decode() if as_json else "\n".join(verification.describe(report)))
    sys.exit(2 if report.unchecked else 1 if report.open_drifts else 0)


@cli.command("create-admin")
@click.option("--email", prompt=True)
@click.password_option()
def create_admin(email: str, password: str) -> None:
    """Create the first member of staff, who may do everything. Works once."""
    from shopwright.commerce.accounts import service
    from shopwright.kit.transaction import transaction

    _connected()
    with transaction():
        service.create_first_admin(email, password)
    click.echo(f"{email} may now sign in at POST /v1/auth/token.")


@cli.group()
def search() -> None:
    """Look after what search finds."""


@search.command()
def rebuild() -> None:
    """Index all products anew, while the shop goes on."""
    from shopwright.kit.transaction import transaction
    from shopwright.listeners.search import indexing

    _connected()
    with transaction():
        indexing.touch_all()
    click.echo(f"{indexing.run()} products were indexed.")


@search.command("reconcile")
def reconcile_search() -> None:
    """Compare what the engines hold with what they should, and index anew what differs; nightly, too."""
    from shopwright.listeners.search import indexing, reconciling

    _connected()
    drift = reconciling.reconcile()
    for engine, products in drift.astray.items():
        click.echo(f"{engine}: {len(products)} products differ.")
    click.echo(f"{len(drift.unknown)} products were unknown to search; {indexing.run()} were indexed.")


@cli.group("import")
def import_() -> None:
    """Take over data of another shop system."""


@import_.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--channel", required=True, help="The code of the channel that the prices are for.")
@click.option("--location", required=True, help="The code of the location that the stock lies at.")
@click.option("--prices", required=True, type=click.Choice(["net", "gross"]))
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
def shopify(files: tuple[Path, ...], channel: str, location: str, prices: str, dry_run: bool) -> None:
    """Import products from Shopify's CSV export."""
    from shopwright.kit import outbox
    from shopwright.surfaces.transfer import shopify as importer

    _connected()
    is_whole = importer.import_from_terminal(list(files), channel, location, prices, dry_run=dry_run)
    outbox.drain()
    sys.exit(0 if is_whole else 1)


@cli.command("explain-price")
@click.argument("variant", metavar="VARIANT")
@click.option("--channel", required=True, help="The code of the channel.")
@click.option("--customer", type=click.UUID, help="The id of a customer; without it the price is anybody's.")
@click.option("--quantity", type=click.IntRange(1), default=1)
@click.option("--at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]), help="UTC; now.")
def explain_price(variant: str, channel: str, customer: UUID | None, quantity: int, at: datetime | None) -> None:
    """Say why a variant (its id or SKU) costs what it costs, for whom and when."""
    from shopwright.commerce.channels import queries as channels
    from shopwright.commerce.pricing import explaining
    from shopwright.kit.errors import Problem
    from shopwright.kit.transaction import reading

    _connected(log_aside=True)
    moment = at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
    try:
        with reading():
            found = explaining.explain(
                explaining.variant_named(variant), channels.by_code(channel).id,
                customer_id=customer, quantity=quantity, at=moment,
            )  # fmt: skip
    except Problem as refused:
        raise click.ClickException(refused.text) from refused
    click.echo("\n".join(explaining.describe(found)))


@cli.command("make-codes")
@click.argument("promotion", type=click.UUID)
@click.option("--count", type=click.IntRange(1, 10_000_000), required=True)
@click.option("--prefix", default="")
@click.option("--length", type=click.IntRange(10, 30), default=10, help="How many random letters (10).")
def make_codes(promotion: UUID, count: int, prefix: str, length: int) -> None:
    """Make many codes of a promotion that nobody can guess."""
    from shopwright.commerce.promotions import codes
    from shopwright.kit.transaction import transaction

    _connected()
    with click.progressbar(length=count, label="Codes") as shown, transaction():
        for made in codes.make_codes(promotion, count, prefix=prefix, length=length):
            shown.update(made - shown.pos)


@cli.command("export-codes")
@click.argument("promotion", type=click.UUID)
def export_codes(promotion: UUID) -> None:
    """Print the codes of a promotion that can be used, one a line."""
    from shopwright.commerce.promotions import codes
    from shopwright.kit.transaction import reading

    _connected()
    last = ""
    while True:
        with reading():
            found = codes.after(promotion, last)
        if not found:
            return
        sys.stdout.writelines(f"{row.code}\n" for row in found)
        last = found[-1].code


@cli.command()
@click.argument("event", type=click.UUID)
@click.argument("subscriber")
def replay(event: UUID, subscriber: str) -> None:
    """Have a subscriber hear a fact again that was set aside (table `outbox_failures`), once its trouble is mended."""
    from shopwright.kit import outbox
    from shopwright.kit.transaction import transaction

    _connected()
    with transaction():
        outbox.replay(event, subscriber)
    click.echo("It is sent with the relay's next round.")


@cli.command()
@click.option("--provider", required=True, help="The payment provider: stripe, or development.")
@click.option("--since", type=click.DateTime(), help="In UTC; 7 days ago if left out.")
@click.option("--until", type=click.DateTime(), help="In UTC; now if left out.")
@click.option(
    "--settlement",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The provider's settlement file (CSV), instead of its list.",
)
def reconcile(provider: str, since: datetime | None, until: datetime | None, settlement: Path | None) -> None:
    """Compare our ledger with what a payment provider says that it moved; exit 1 when people must look at something."""
    from shopwright.commerce.payments import reconciliation
    from shopwright.commerce.payments.provider import NoAnswer
    from shopwright.commerce.payments.settlement import NoSettlementFile, read
    from shopwright.kit.errors import Problem

    _connected()
    end = until.replace(tzinfo=UTC) if until else datetime.now(UTC)
    start = since.replace(tzinfo=UTC) if since else end - timedelta(days=7)
    try:
        report = reconciliation.reconcile(provider, start, end, read(settlement) if settlement else None)
    except (NoAnswer, NoSettlementFile, Problem) as fault:
        raise click.ClickException(str(fault)) from fault
    for healed in report.healed:
        click.echo(f"put right: {healed}")
    click.echo(
        f"{report.movements} movements compared, {len(report.healed)} put right, {report.unanswered} not answered for, "
        f"{report.open_issues} issues open (GET /v1/admin/payment-issues)."
    )
    sys.exit(1 if report.open_issues or report.unanswered else 0)


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def openapi(file: Path) -> None:
    """Write the OpenAPI document."""
    from shopwright.app import create_app

    settings = settings_module.Settings(environment="test", database_url="postgresql:///none")
    file.write_bytes(create_app(settings).test_client().get("/openapi.json").data)


def _settings() -> settings_module.Settings:
    return settings_module.current()


def _connected(*, log_aside: bool = False) -> None:
    from shopwright import app
    from shopwright.kit import logging

    app.configure(_settings())
    if log_aside:
        logging.configure(json=_settings().log_json, aside=True)


def main() -> None:
    """Entry point; faults of the settings are told without a traceback."""
    try:
        cli()
    except SettingsFault as fault:
        click.echo(str(fault), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
