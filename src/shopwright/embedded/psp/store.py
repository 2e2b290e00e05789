"""The provider's state: one SQLite file, written ahead, so that a killed process loses nothing that it has answered."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from shopwright.embedded.psp.scenarios import digest
from shopwright.embedded.psp.settings import Timings
from shopwright.kit import clock

T = TypeVar("T", bound=msgspec.Struct)

BUSY_SECONDS = 20.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, token TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL, captures INTEGER NOT NULL, state TEXT NOT NULL, authorized INTEGER NOT NULL,
    captured INTEGER NOT NULL CHECK (captured <= authorized), refunded INTEGER NOT NULL CHECK (refunded <= captured),
    decline_code TEXT, customer_ref TEXT, method_id TEXT, saves_method INTEGER NOT NULL, order_number TEXT NOT NULL,
    return_url TEXT NOT NULL, decides_at INTEGER, created_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS refunds (
    id TEXT PRIMARY KEY, payment_id TEXT NOT NULL REFERENCES payments, reference TEXT, state TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL, failure_code TEXT, decides_at INTEGER);
CREATE TABLE IF NOT EXISTS disputes (
    id TEXT PRIMARY KEY, payment_id TEXT NOT NULL UNIQUE REFERENCES payments, state TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS methods (
    id TEXT PRIMARY KEY, customer_ref TEXT NOT NULL, token TEXT NOT NULL, state TEXT NOT NULL, decline_code TEXT,
    brand TEXT NOT NULL, last4 TEXT NOT NULL, expires_month INTEGER NOT NULL, expires_year INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS movements (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, payment_id TEXT NOT NULL REFERENCES payments, subject_id TEXT,
    amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS movements_at ON movements (at);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    body TEXT NOT NULL, flaw TEXT NOT NULL, due_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting', last_answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (due_at) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, made TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS attempts (
    operation TEXT NOT NULL, key TEXT NOT NULL, token TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (operation, key));
"""


@dataclass(frozen=True)
class Desk:
    """One transaction, and what those who work in it must know."""

    db: sqlite3.Connection
    seed: str
    timings: Timings
    now: int

    def get(self, kind: type[T], condition: str, *values: object) -> T | None:
        """The row of this kind's table, if there is one. `condition` is never made from what a client sent."""
        found = self.all(kind, condition, *values)
        return found[0] if found else None

    def all(self, kind: type[T], condition: str, *values: object) -> list[T]:
        rows = self.db.execute(f"SELECT * FROM {_table(kind)} WHERE {condition}", values)  # noqa: S608  see `get`
        return [msgspec.convert(dict(row), kind, strict=False) for row in rows]

    def put(self, row: msgspec.Struct) -> None:
        """Insert the row, or put it in the place of the one with its id."""
        values = msgspec.structs.asdict(row)
        names, first = list(values), next(iter(values))
        changed = ", ".join(f"{name} = excluded.{name}" for name in names if name != first)
        # Names are the Struct's own fields; every value is a parameter.
        self.db.execute(
            f"INSERT INTO {_table(type(row))} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "  # noqa: S608
            f"ON CONFLICT ({first}) DO UPDATE SET {changed}",
            list(values.values()),
        )

    def value(self, query: str, *values: object) -> Any:
        row = self.db.execute(query, values).fetchone()
        return row[0] if row else None

    def new_id(self, prefix: str, *facts: object) -> str:
        """A name that follows from the seed and these facts, so that a run can be made again."""
        return f"{prefix}_{digest(self.seed, prefix, *facts).hex()[:24]}"

    def later(self, seconds: float) -> int:
        return self.now + int(seconds * 1_000_000)


class Store:
    def __init__(self, file: Path, seed: str, timings: Timings) -> None:
        self.file, self.seed, self.timings = file, seed, timings
        self._mine = threading.local()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._connection().executescript(SCHEMA)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """A transaction: one writer after the other, all or nothing."""
        db = self._connection()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield Desk(db, self.seed, self.timings, now())
        except BaseException:
            db.rollback()
            raise
        db.commit()

    def _connection(self) -> sqlite3.Connection:
        """One for each thread, kept."""
        if not hasattr(self._mine, "db"):
            db = sqlite3.connect(self.file, timeout=BUSY_SECONDS, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA foreign_keys = ON")
            self._mine.db = db
        connection: sqlite3.Connection = self._mine.db
        return connection


def now() -> int:
    """Microseconds since 1970."""
    return int(clock.now().timestamp() * 1_000_000)


def _table(kind: type[msgspec.Struct]) -> str:
    name = kind.__name__.lower()
    return "deliveries" if name == "delivery" else f"{name}s"
