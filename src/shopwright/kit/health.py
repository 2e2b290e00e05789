"""Whether the process lives, and whether it may be sent customers."""

import time
from collections.abc import Callable

from sqlalchemy import text

from shopwright.kit import cache, roles
from shopwright.kit.db import engine
from shopwright.kit.wire import Out


class Check(Out):
    name: str
    ok: bool
    milliseconds: int
    needed: bool


class Health(Out):
    """`ready` is whether customers may come; `degraded` says that something is gone which the shop can do without.

    `warnings` are about how the shop is set up: it goes on, but an operator should know.
    """

    ready: bool
    degraded: bool
    checks: list[Check]
    warnings: list[str]


def _database() -> None:
    with engine().connect() as connection:
        connection.execute(text("SELECT 1"))


def _redis() -> None:
    if not cache.redis().ping():
        raise ConnectionError("no PONG")


def examine() -> Health:
    """Ask every dependency; the database is needed, Redis only makes the shop fast."""
    checks = [_timed("postgresql", _database, needed=True), _timed("redis", _redis, needed=False)]
    database, _ = checks
    return Health(
        ready=all(check.ok for check in checks if check.needed),
        degraded=not all(check.ok for check in checks),
        checks=checks,
        warnings=_warnings() if database.ok else [],
    )


def _warnings() -> list[str]:
    with engine().connect() as connection:
        ledgers = roles.rewritable_ledgers(connection)
    if not ledgers:
        return []
    names = ", ".join(ledgers)
    return [
        f"DATABASE_URL's role could rewrite {names}; only triggers stop it. Migrate as another: MIGRATION_DATABASE_URL."
    ]


def _timed(name: str, ask: Callable[[], None], *, needed: bool) -> Check:
    started = time.monotonic()
    try:
        ask()
        ok = True
    except Exception:
        ok = False
    return Check(name=name, ok=ok, milliseconds=round(1000 * (time.monotonic() - started)), needed=needed)
