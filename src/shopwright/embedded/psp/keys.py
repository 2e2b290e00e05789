"""Idempotency keys: the same key does it once, and is refused for another body."""

import msgspec

from shopwright.embedded.psp.errors import PspError
from shopwright.embedded.psp.scenarios import digest
from shopwright.embedded.psp.store import Desk


def once(desk: Desk, key: str, what: str, asked: object, made: str = "") -> str:
    """What was made with this key before, or nothing. With `made` the key is used up now.

    Raises `PspError` if it was used for something else.
    """
    fingerprint = digest(what, msgspec.json.encode(asked)).hex()
    used = desk.db.execute("SELECT fingerprint, made FROM keys WHERE key = ?", (key,)).fetchone()
    if used is None:
        if made:
            desk.db.execute("INSERT INTO keys VALUES (?, ?, ?)", (key, fingerprint, made))
        return ""
    if used["fingerprint"] != fingerprint:
        raise PspError(409, "idempotency_mismatch", "This Idempotency-Key was used for another request.")
    return str(used["made"])


def count_attempt(desk: Desk, operation: str, key: str, token: str) -> int:
    """The number of this attempt, from 1."""
    return int(desk.value(
        "INSERT INTO attempts VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count",
        operation, key, token,
    ))  # fmt: skip


def token_of(desk: Desk, operation: str, key: str) -> str:
    """The token that was asked with, also where nothing came of it."""
    return str(desk.value("SELECT token FROM attempts WHERE operation = ? AND key = ?", operation, key) or "")
