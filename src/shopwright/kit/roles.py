"""The database's two roles: the owner, who migrates, and the application's, which may not rewrite a ledger."""

from sqlalchemy import Connection, NullPool, create_engine, make_url, text

from shopwright.kit import ledger
from shopwright.settings import Settings

GRANT_LOCK = 0x5404

#: One statement a row, made from what the catalog holds now, so that tables of later migrations are covered too.
#: A table counts as a ledger by the models or by its trigger: neither alone may be forgotten.
_GRANTS = text("""
    WITH ours AS (
      SELECT format('%I.%I', nspname, relname) AS name, relkind, relname = 'alembic_version' AS is_read_only,
             relname = ANY(:ledgers)
               OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgname = relname || '_append_only') AS is_ledger
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
      WHERE nspname = current_schema() AND relkind IN ('r', 'p', 'v', 'm', 'S') AND pg_has_role(relowner, 'USAGE'))
    SELECT format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), CAST(:role AS text))
    UNION ALL SELECT format('REVOKE ALL ON %s FROM %I, PUBLIC', name, CAST(:role AS text)) FROM ours WHERE is_ledger
    UNION ALL SELECT format('GRANT %s ON %s TO %I',
      CASE WHEN relkind = 'S' THEN 'USAGE, SELECT' WHEN is_read_only OR relkind IN ('v', 'm') THEN 'SELECT'
           WHEN is_ledger THEN 'SELECT, INSERT' ELSE 'SELECT, INSERT, UPDATE, DELETE' END,
      name, CAST(:role AS text)) FROM ours""")
_CAN_REWRITE = text("""
    SELECT ledger FROM unnest(CAST(:ledgers AS text[])) AS ledger
    WHERE has_table_privilege(to_regclass(ledger), 'UPDATE, DELETE, TRUNCATE') ORDER BY ledger""")


class RoleMissing(Exception):
    """The application's role is not there to be given its rights; the message says what to run."""


def of_application(settings: Settings) -> str | None:
    """The application's role, where another one owns the schema; None where one role is both."""
    owner, application = (
        make_url(settings.migration_database_url or settings.database_url),
        make_url(settings.database_url),
    )
    if not settings.migration_database_url or owner.username == application.username:
        return None
    if not application.username:
        raise RoleMissing(
            "DATABASE_URL names no user: say which role the application is, postgresql://user@host/database."
        )
    return application.username


def require(settings: Settings) -> None:
    """Raises `RoleMissing` before anything is migrated for a role that does not exist."""
    if (role := of_application(settings)) is None:
        return
    with _as_owner(settings) as connection:
        asked = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")
        if connection.scalar(asked, {"role": role}):
            return
        may_create = connection.scalar(
            text("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
        )
        who = "MIGRATION_DATABASE_URL's role may make it" if may_create else "Somebody who may create roles makes it"
        statement = connection.scalar(
            text("SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', CAST(:role AS text), 'the one in DATABASE_URL')"),
            {"role": role},
        )
        raise RoleMissing(f"DATABASE_URL's role {role!r} does not exist. {who}:\n  {statement};\nThen migrate again.")


def grant(settings: Settings) -> None:
    """Give the application's role what it needs on every table, and on ledgers nothing but to read and to add."""
    if (role := of_application(settings)) is None:
        return
    with _as_owner(settings) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": GRANT_LOCK})
        asked = {"role": role, "ledgers": ledger.tables()}
        for statement in connection.scalars(_GRANTS, asked).all():
            connection.exec_driver_sql(statement)
        connection.commit()


def rewritable_ledgers(connection: Connection) -> list[str]:
    """The ledgers that the connected role could change, were it not for the trigger."""
    return list(connection.scalars(_CAN_REWRITE, {"ledgers": ledger.tables()}))


def _as_owner(settings: Settings) -> Connection:
    url = settings.migration_database_url.replace("postgresql://", "postgresql+psycopg://", 1)
    # An engine of one connection that is not kept, so that closing the connection leaves nothing behind.
    return create_engine(url, poolclass=NullPool, connect_args={"options": "-c lock_timeout=5s"}).connect()
