"""The database's schema: brought forward by the migrations, and compared with the models."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import DDL, Connection, Table, event

from shopwright import settings
from shopwright.kit.db import Base, engine
from shopwright.settings import Settings

MIGRATIONS = Path(__file__).parents[3] / "migrations"


def upgrade(wanted: Settings) -> None:
    """Run every migration that the database has not seen."""
    settings.use(wanted)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "head")


def differences(connection: Connection) -> list[object]:
    """Where the database is not as the models say: empty when the migrations are complete."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


def is_migrated() -> bool:
    """Whether the database has any schema of ours."""
    with engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() is not None


def refuse_changes(table: str) -> list[str]:
    """The statements that make a table append-only: a trigger refuses to change or remove what was written."""
    return [
        f"""CREATE OR REPLACE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation'; END $$""",
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only()",
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()",
    ]


def append_only(table: Table) -> None:
    """Have a table that is made from the models (in tests) refuse changes, as the migration has it."""
    for statement in refuse_changes(table.name):
        event.listen(table, "after_create", DDL(statement.replace("%", "%%")))
