"""The writes of one placed order as a pgbench script, made from what a real order left in the tables."""

import re
import subprocess
import tempfile
from pathlib import Path
from uuid import UUID

import psycopg
from bench.client import Result
from bench.servers import Database

from shopwright.embedded import postgres

Row = dict[str, str | None]

# A number of 12 digits is also the end of a UUID.
NUMBER = ":a::text"
OWN_ID = f"('01a20b65-03e6-722d-af0c-' || {NUMBER})::uuid"
OWN_HASH = f"sha256(({NUMBER})::bytea)"
TARGET = "(SELECT {} FROM bench_targets WHERE n = :n)"
RESERVE = """\
UPDATE stock_levels AS stock SET reserved = reserved + 1 FROM bench_targets AS t
WHERE t.n = :n AND stock.variant_id = t.variant_id AND stock.location_id = t.location_id;"""
CLOSE_CART = f"""\
UPDATE carts SET state = 'ordered', changed_at = now(), version = version + 1
WHERE id = {TARGET.format("cart_id")};"""
BUYERS = f"""\
INSERT INTO promotion_buyers (key, order_id)
SELECT encode(sha256(({NUMBER} || place)::bytea), 'hex'), {OWN_ID} FROM generate_series(1, {{}}) AS place
ON CONFLICT DO NOTHING;"""
MAKE_TARGETS = """
CREATE TABLE bench_targets AS
SELECT row_number() OVER (ORDER BY carts.id) AS n, carts.id AS cart_id, line.variant_id, stock.location_id
FROM carts JOIN cart_lines AS line ON line.cart_id = carts.id
JOIN stock_levels AS stock ON stock.variant_id = line.variant_id
WHERE carts.state = 'open' AND stock.location_id = (SELECT location_id FROM reservations WHERE order_id = %s LIMIT 1)
"""


def write_script(database: Database, order_id: UUID, folder: Path) -> Path:
    """The script, for a database that holds this order (its idempotency key being the newest) and carts."""
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute(MAKE_TARGETS, [order_id])
        connection.execute("CREATE UNIQUE INDEX ON bench_targets (n)")
        connection.execute("VACUUM ANALYZE bench_targets")
        found = connection.execute("SELECT count(*) FROM bench_targets").fetchone()
        assert found and found[0], "no carts for pgbench"
        statements = _statements(connection, order_id)
    lines = [rf"\set n random(1, {found[0]})", r"\set a random(100000000000, 999999999999)", "BEGIN;", *statements]
    script = folder / "place_order.sql"
    script.write_text("\n".join([*lines, "COMMIT;", ""]))
    return script


def _statements(connection: psycopg.Connection[tuple[object, ...]], order_id: UUID) -> list[str]:
    def left(table: str, condition: str = "order_id = %s") -> Row:
        (row,) = _left(connection, f"{table} WHERE {condition}", [order_id])
        return row

    key = left("idempotency_keys", "answer IS NOT NULL AND %s IS NOT NULL ORDER BY created_at DESC LIMIT 1")
    outbox = left("outbox", "aggregate_id = %s AND name = 'orders.OrderPlaced'")
    # The first is the database's own; the others are the relay's, later.
    for column in ("sequence", "position", "sent_at", "delivered_at"):
        del outbox[column]
    buyers = _left(connection, "promotion_buyers WHERE order_id = %s", [order_id])
    postings = _left(connection, "book_postings WHERE order_id = %s", [order_id])
    target = {name: TARGET.format(name) for name in ("variant_id", "location_id")}
    of_order = {"id": OWN_ID, "order_id": OWN_ID}
    order = {"id": OWN_ID, "cart_id": OWN_ID, "number": "nextval('order_numbers')", "token_hash": OWN_HASH}
    event = {"id": OWN_ID, "aggregate_id": OWN_ID, "sent_at": "NULL", "delivered_at": "NULL"}
    return [
        _insert("idempotency_keys", key, {"scope": OWN_HASH, "answer": "NULL"}),
        BUYERS.format(len(buyers)),
        _insert("reservations", left("reservations"), of_order | target),
        RESERVE,
        CLOSE_CART,
        _insert("orders", left("orders", "id = %s"), order),
        _insert("order_lines", left("order_lines"), of_order),
        _insert("order_events", left("order_events"), of_order),
        # In one statement: it is where an entry has to balance.
        _insert("book_postings", postings, dict.fromkeys(("entry_id", "cause_id", "order_id"), OWN_ID)),
        _insert("outbox", outbox, event),
        f"UPDATE idempotency_keys SET answer = {_literal(key['answer'])}, locked_at = NULL WHERE scope = {OWN_HASH};",
    ]


def _left(connection: psycopg.Connection[tuple[object, ...]], source: str, parameters: list[UUID]) -> list[Row]:
    """The rows that are there, each value as PostgreSQL spells it."""
    found = connection.execute(f"SELECT * FROM {source}", parameters)
    names = [column.name for column in found.description or ()]
    spelled = ", ".join(f"{name}::text" for name in names)
    rows = connection.execute(f"SELECT {spelled} FROM {source}", parameters).fetchall()
    assert rows, f"the order left nothing in {source}"
    return [
        {name: None if value is None else str(value) for name, value in zip(names, row, strict=True)} for row in rows
    ]


def _insert(table: str, rows: Row | list[Row], own: dict[str, str]) -> str:
    rows = rows if isinstance(rows, list) else [rows]
    values = (", ".join(own.get(name) or _literal(value) for name, value in row.items()) for row in rows)
    return f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({'), ('.join(values)});"


def _literal(value: str | None) -> str:
    if value is None:
        return "NULL"
    if re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d", value):
        return "now() + interval '30 minutes'"  # near enough
    # A colon would be the beginning of a variable of pgbench's.
    return "E'" + value.replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3a") + "'"


def run(database: Database, script: Path, clients: int, each: int) -> Result:
    """So many transactions by each client, over the unix socket, statements prepared."""
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run(
            [
                postgres.find_programs() / "pgbench", *database.arguments(), "-n", "-M", "prepared", "-f", script,
                "-c", str(clients), "-t", str(each), "-l", "--log-prefix", f"{folder}/log", postgres.DATABASE,
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if said.returncode != 0 or "number of failed transactions: 0 " not in said.stdout:
            raise SystemExit(f"pgbench failed:\n{said.stdout}\n{said.stderr[-1000:]}")
        rate = re.search(r"tps = ([\d.]+)", said.stdout)
        assert rate
        logged = "".join(log.read_text() for log in Path(folder).iterdir())
    latencies = sorted(int(line.split()[2]) / 1e6 for line in logged.splitlines())
    return Result(len(latencies) / float(rate[1]), latencies)
