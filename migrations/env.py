"""Alembic's way in. A migration waits briefly for its locks, since one that waits stops the whole shop."""

from alembic import context
from sqlalchemy import create_engine, text

from shopwright import app  # every room's models register with the metadata
from shopwright.kit.db import Base
from shopwright.settings import current

_ = app
LOCK_TIMEOUT = "5s"


def run() -> None:
    settings = current()
    url = settings.migration_database_url or settings.database_url
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            compare_server_default=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
