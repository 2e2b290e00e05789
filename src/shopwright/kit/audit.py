"""Who of the staff did what, when: append-only, and chained so that a missing or changed entry is found (S42)."""

from datetime import datetime
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Identity, LargeBinary, Select, String, Table, select, text
from sqlalchemy.orm import Mapped

from shopwright.kit import clock, ledger, principal
from shopwright.kit.db import Base, session
from shopwright.kit.privacy import business, personal

CHAIN_LOCK = 0x5401
GENESIS = b"\x00" * 32


class AuditEntry(Base):
    __tablename__ = "audit_log"

    id: Mapped[int] = business(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = business(index=True)
    actor_kind: Mapped[str] = business(String(20))
    actor_id: Mapped[UUID | None] = business(index=True)
    action: Mapped[str] = business(String(100))
    target: Mapped[str] = business(String(300))
    request_id: Mapped[str] = business(String(64))
    # What was sent may name a customer, so it is masked for who may not see personal data.
    facts: Mapped[dict[str, Any]] = personal()
    chained: Mapped[bytes] = business(LargeBinary)


ledger.append_only(cast(Table, AuditEntry.__table__))


def record(action: str, target: str, *, request_id: str = "", facts: dict[str, Any] | None = None) -> None:
    """Write down, in the running transaction, that the current principal did this."""
    # The chain is a line: who appends holds it until the commit. Staff write rarely, so the wait is short.
    session.execute(text("SELECT pg_advisory_xact_lock(:chain)"), {"chain": CHAIN_LOCK})
    who = principal.current()
    last = session.scalar(select(AuditEntry.chained).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        at=clock.now(),
        actor_kind=str(who.kind),
        actor_id=who.id,
        action=action,
        target=target[:300],
        request_id=request_id,
        facts=msgspec.to_builtins(facts or {}, str_keys=True),
    )
    entry.chained = _link(last or GENESIS, entry)
    session.add(entry)
    session.flush()


def entries() -> Select[AuditEntry]:
    """All entries, newest first when the caller orders by id."""
    return select(AuditEntry)


def broken_links() -> list[int]:
    """Ids of the entries that do not follow from the one before: something was changed or taken away there."""
    broken, before = [], GENESIS
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)):
        if entry.chained != _link(before, entry):
            broken.append(entry.id)
        before = entry.chained
    return broken


def _link(before: bytes, entry: AuditEntry) -> bytes:
    said = [
        entry.at.isoformat(), entry.actor_kind, str(entry.actor_id), entry.action, entry.target, entry.request_id,
        entry.facts,
    ]  # fmt: skip
    return sha256(before + msgspec.json.encode(said, order="deterministic")).digest()
