"""The database's schema: brought forward by the migrations, and compared with the models."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from shopwright import settings
from shopwright.kit import roles
from shopwright.kit.db import Base, engine
from shopwright.settings import Settings

MIGRATIONS = Path(__file__).parents[3] / "migrations"


def upgrade(wanted: Settings) -> None:
    """Run every migration that the database has not seen, and give the application's role its rights.

    Raises `RoleMissing` when that role does not exist; nothing is changed then.
    """
    settings.use(wanted)
    roles.require(wanted)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "head")
    roles.grant(wanted)


def differences(connection: Connection) -> list[object]:
    """Where the database is not as the models say: empty when the migrations are complete."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


def is_migrated() -> bool:
    """Whether the database has any schema of ours."""
    with engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() is not None
