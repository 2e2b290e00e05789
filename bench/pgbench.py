"""The writes of a placed order, and of an item that is added, as pgbench scripts made from what real ones left in the tables."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import psycopg
from bench.client import Result
from bench.servers import Database

from shopwright.embedded import postgres

Connection = psycopg.Connection[tuple[object, ...]]
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
# Each once, one after the other: a cart has one line of a variant.
MAKE_ADDITIONS = """
CREATE SEQUENCE bench_turns;
CREATE TABLE bench_additions AS
SELECT row_number() OVER (ORDER BY variant_id, cart_id) AS n, cart_id, variant_id
FROM (SELECT DISTINCT cart_id FROM bench_targets) AS carts, (SELECT DISTINCT variant_id FROM bench_targets) AS variants
WHERE NOT EXISTS (SELECT FROM cart_lines AS line
                  WHERE line.cart_id = carts.cart_id AND line.variant_id = variants.variant_id);
"""
NEXT_ADDITION = "bench_additions AS next WHERE n = (SELECT nextval('bench_turns'))"
TOUCH_CART = """\
UPDATE carts SET changed_at = now(), version = version + 1
WHERE id = (SELECT cart_id FROM bench_additions WHERE n = (SELECT currval('bench_turns')));"""
NEWEST_KEY = "idempotency_keys WHERE answer IS NOT NULL ORDER BY created_at DESC LIMIT 1 OFFSET %s"


def write_scripts(database: Database, order_id: UUID, item_id: UUID, folder: Path) -> tuple[Path, Path]:
    """For placing and for adding, in a database that holds this order, this line of an open cart, and carts.

    The keys under which they were asked for are the newest: the order's, and before it the line's.
    """
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute(MAKE_TARGETS, [order_id])
        connection.execute("CREATE UNIQUE INDEX ON bench_targets (n)")
        connection.execute(MAKE_ADDITIONS)
        connection.execute("CREATE UNIQUE INDEX ON bench_additions (n)")
        connection.execute("VACUUM ANALYZE bench_targets, bench_additions")
        found = connection.execute("SELECT count(*) FROM bench_targets").fetchone()
        assert found and found[0], "no carts for pgbench"
        placing, adding = _placing(connection, order_id), _adding(connection, item_id)
    return _script(folder / "place_order.sql", found[0], placing), _script(folder / "add_item.sql", found[0], adding)


def _script(path: Path, targets: object, statements: list[str]) -> Path:
    lines = [rf"\set n random(1, {targets})", r"\set a random(100000000000, 999999999999)", "BEGIN;", *statements]
    path.write_text("\n".join([*lines, "COMMIT;", ""]))
    return path


def _key(connection: Connection, younger: int) -> Row:
    """The newest that was kept, but for so many."""
    (row,) = _left(connection, NEWEST_KEY, [younger])
    return row


def _claim(key: Row) -> str:
    return _insert("idempotency_keys", key, {"scope": OWN_HASH, "answer": "NULL"})


def _keep(key: Row) -> str:
    return f"UPDATE idempotency_keys SET answer = {_literal(key['answer'])}, locked_at = NULL WHERE scope = {OWN_HASH};"


def _adding(connection: Connection, item_id: UUID) -> list[str]:
    """Each adds what its cart has not yet."""
    key = _key(connection, 1)
    (line,) = _left(connection, "cart_lines WHERE id = %s", [item_id])
    next_one = {"id": OWN_ID, "cart_id": "next.cart_id", "variant_id": "next.variant_id"}
    return [
        _claim(key),
        _insert_from(NEXT_ADDITION, "cart_lines", line, next_one),
        TOUCH_CART,
        _keep(key),
    ]


def _placing(connection: Connection, order_id: UUID) -> list[str]:
    def left(table: str, condition: str = "order_id = %s") -> Row:
        (row,) = _left(connection, f"{table} WHERE {condition}", [order_id])
        return row

    key = _key(connection, 0)
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
        _claim(key),
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
        _keep(key),
    ]


def _left(connection: Connection, source: str, parameters: Sequence[UUID | int]) -> list[Row]:
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


def _insert_from(source: str, table: str, row: Row, own: dict[str, str]) -> str:
    values = ", ".join(own.get(name) or _literal(value) for name, value in row.items())
    return f"INSERT INTO {table} ({', '.join(row)}) SELECT {values} FROM {source};"


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
