"""Asking twice: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07), in the effect's own transaction.

The key's row is inserted first, so a rival with the same key waits on the unique index until the first has committed,
and is then answered from what that one kept. A refusal rolls the row back. The key is stored hashed, and the answer
sealed with a key derived from it: who reads the table learns neither tokens nor addresses.
"""

from contextvars import ContextVar
from datetime import datetime, timedelta
from hashlib import blake2b
from os import urandom
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import DateTime, LargeBinary, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped

from shopwright.kit import clock
from shopwright.kit.db import Base, session, table_of
from shopwright.kit.errors import Problem
from shopwright.kit.exchange import Row
from shopwright.kit.prepared import Prepared
from shopwright.kit.privacy import business, secret

LONGEST_KEY = 255
#: A phased request that died is taken over by its repeat after this long.
ABANDONED_AFTER = timedelta(seconds=60)


class IdempotencyKeyMissing(Problem):
    status = 400
    detail = "Send an Idempotency-Key header with a new random value (a UUID), and the same value when you repeat."


class IdempotencyKeyTooWeak(Problem):
    status = 400
    detail = "What is answered here is kept under the Idempotency-Key, so that must be unguessable: send a random UUID."


class IdempotencyKeyReused(Problem):
    status = 422
    detail = "This Idempotency-Key was used for another request. Send a new one."


class RequestInProgress(Problem):
    status = 409
    detail = "The first request with this Idempotency-Key is still being worked on. Ask again shortly."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class KeyTaken(Exception):
    """An earlier request has the key, and its answer is kept. Nothing of this one may stay: it ends the transaction."""


class IdempotencyKey(Base):
    __tablename__ = "idempotency_keys"

    scope: Mapped[bytes] = secret(LargeBinary, primary_key=True)
    fingerprint: Mapped[bytes] = business(LargeBinary)
    created_at: Mapped[datetime] = business(index=True)
    locked_at: Mapped[datetime | None] = business()
    answer: Mapped[bytes | None] = secret(LargeBinary)


_keys = table_of(IdempotencyKey)
_AT, _TOO_OLD = bindparam("at", type_=DateTime(timezone=True)), bindparam("too_old", type_=DateTime(timezone=True))
_row = insert(_keys).values(
    scope=bindparam("scope"), fingerprint=bindparam("fingerprint"), created_at=_AT, locked_at=bindparam("locked_at")
)
_CLAIM = Prepared(
    _row.on_conflict_do_update(
        index_elements=[_keys.c.scope],
        set_={
            "fingerprint": _row.excluded.fingerprint,
            "created_at": _AT,
            "locked_at": _row.excluded.locked_at,
            "answer": None,
        },
        where=_keys.c.created_at <= _TOO_OLD,
    ).returning(_keys.c.scope)
)
_KEEP = Prepared(
    update(_keys).where(_keys.c.scope == bindparam("of")).values(answer=bindparam("sealed"), locked_at=None)
)


class Answer(msgspec.Struct, frozen=True):
    """What was answered, byte for byte."""

    status: int
    headers: dict[str, str]
    body: bytes


class Ask(msgspec.Struct, frozen=True):
    """One request with its key: `scope` is who, what and key together; `fingerprint` is path and body."""

    scope: bytes
    fingerprint: bytes
    seal: bytes

    @classmethod
    def of(cls, key: str, who: str, route: str, target: str, body: bytes) -> "Ask":
        scope = blake2b("\x00".join((who, route, key)).encode(), digest_size=32).digest()
        seal = blake2b(key.encode(), digest_size=32, person=b"idempotency-seal").digest()
        # Keyed too, since a body may hold a password that could be guessed from a bare digest.
        fingerprint = blake2b(target.encode() + b"\x00" + body, digest_size=32, key=seal).digest()
        return cls(scope, fingerprint, seal)


_asked: ContextVar[Ask | None] = ContextVar("asked", default=None)


def current_scope(target: UUID) -> bytes | None:
    """The identity of the running request upon `target`: a phased route's repeat finds by it what the first began."""
    asked = _asked.get()
    return blake2b(asked.scope + target.bytes, digest_size=32).digest() if asked else None


def expect(ask: Ask | None) -> None:
    _asked.set(ask)


def claim(ask: Ask, *, kept_for: timedelta) -> None:
    """Take the key, in the same exchange as whatever is asked next; there `KeyTaken` is raised if another has it.

    That waits for a rival's transaction at most `lock_timeout` (then `Busy`).
    """
    _CLAIM.run(_asked_for(ask, kept_for), _refuse_a_second)


def claim_in_phases(ask: Ask, *, kept_for: timedelta) -> Answer | None:
    """Take the key, or answer with what its first request was answered.

    Raises `IdempotencyKeyReused` for another request under the same key, and `RequestInProgress` while the first is at
    work. Waits for a rival's transaction at most `lock_timeout` (then `Busy`).
    """
    asked = _asked_for(ask, kept_for)
    if _CLAIM.first(asked | {"locked_at": asked["at"]}) is not None:
        return None
    answer = _kept(ask)
    if answer is None:
        _take_over(ask, asked["at"])
    return answer


def replay(ask: Ask) -> Answer:
    """What the first request with this key was answered. Raises `IdempotencyKeyReused` if that was another one."""
    answer = _kept(ask)
    if answer is None:
        # Too old, it was swept in this very moment.
        raise RequestInProgress()
    return answer


def _asked_for(ask: Ask, kept_for: timedelta) -> dict[str, Any]:
    now = clock.now()
    return {
        "scope": ask.scope, "fingerprint": ask.fingerprint, "at": now, "too_old": now - kept_for, "locked_at": None
    }  # fmt: skip


def _refuse_a_second(taken: list[Row]) -> None:
    if not taken:
        raise KeyTaken()


def _kept(ask: Ask) -> Answer | None:
    found = session.execute(
        select(IdempotencyKey.fingerprint, IdempotencyKey.answer).where(IdempotencyKey.scope == ask.scope)
    ).one_or_none()
    if found is None or (found.answer is None and found.fingerprint == ask.fingerprint):
        return None
    if found.fingerprint != ask.fingerprint:
        raise IdempotencyKeyReused()
    opened = AESGCM(ask.seal).decrypt(found.answer[:12], found.answer[12:], ask.scope)
    return msgspec.msgpack.decode(opened, type=Answer)


def _take_over(ask: Ask, now: datetime) -> None:
    """Go on where a phased request that died has left off. Raises `RequestInProgress` while it may be alive."""
    taken_over = session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.scope == ask.scope, IdempotencyKey.answer.is_(None))
        .where(IdempotencyKey.locked_at <= now - ABANDONED_AFTER)
        .values(locked_at=now)
        .returning(IdempotencyKey.scope)
    ).one_or_none()
    if taken_over is None:
        raise RequestInProgress()


def keep(ask: Ask, answer: Answer) -> None:
    """Store what was answered, in the transaction of the effect."""
    nonce = urandom(12)
    sealed = nonce + AESGCM(ask.seal).encrypt(nonce, msgspec.msgpack.encode(answer), ask.scope)
    _KEEP.run({"of": ask.scope, "sealed": sealed})


def let_go(ask: Ask) -> None:
    """Forget a phased request that was refused, so that its repeat is judged anew."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.scope == ask.scope, IdempotencyKey.answer.is_(None)))


def sweep(kept_for: timedelta) -> int:
    """Delete the keys that are too old to be replayed; answers how many."""
    gone = session.execute(
        delete(IdempotencyKey)
        .where(IdempotencyKey.created_at <= clock.now() - kept_for)
        .returning(IdempotencyKey.scope)
    )
    return len(gone.all())
