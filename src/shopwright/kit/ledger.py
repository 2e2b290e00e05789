"""Tables that are written once: the database itself refuses to change or remove a row.

Twice over: the application's role has no right to (`kit.roles`), and a trigger refuses whoever has one, since in a small
shop one role does everything. An owner can disable a trigger, so only two roles are a protection against the shop itself.
"""

from sqlalchemy import DDL, Table, event

_tables: set[str] = set()


def tables() -> list[str]:
    """The names of all append-only tables of the models that are loaded."""
    return sorted(_tables)


def refuse_changes(table: str) -> list[str]:
    """The statements that make a table append-only: a trigger refuses to change or remove what was written."""
    return [
        f"""CREATE OR REPLACE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation'; END $$""",
        f"""CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only()""",
        f"""CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()""",
    ]


def append_only(table: Table) -> None:
    """Have a table that is made from the models (in tests) refuse changes, as the migration has it."""
    _tables.add(table.name)
    for statement in refuse_changes(table.name):
        trigger = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
        event.listen(table, "after_create", trigger)
