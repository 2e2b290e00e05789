"""What each nightly verification found, for staff and for the metrics."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Float, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from shopwright.kit import audit, ids, metrics, verification
from shopwright.kit.db import Base, session
from shopwright.kit.logging import get
from shopwright.kit.privacy import business
from shopwright.kit.verification import Report

KEPT_DRIFTS = 1_000

log = get("verification")


class VerificationRun(Base):
    """One run: how many drifts it found, and the first of them with their causes."""

    __tablename__ = "verification_runs"

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    at: Mapped[datetime] = business(index=True)
    seconds: Mapped[float] = business(Float)
    found: Mapped[int] = business()
    drifts: Mapped[list[dict[str, Any]]] = business(JSONB)
    unchecked: Mapped[list[dict[str, Any]]] = business(JSONB)


def keep(report: Report) -> VerificationRun:
    """Write a run down, in the audit log too, and tell the metrics and the log what it found."""
    run = VerificationRun(
        at=report.at, seconds=report.seconds, found=len(report.open_drifts),
        drifts=msgspec.to_builtins(report.drifts[:KEPT_DRIFTS]), unchecked=msgspec.to_builtins(report.unchecked),
    )  # fmt: skip
    session.add(run)
    facts = {"seconds": report.seconds, "drifts": run.found, "unchecked": [failed.check for failed in report.unchecked]}
    audit.record("verification.run", "verification", facts=facts)
    counts = dict.fromkeys(verification.names(), 0)
    for drift in report.open_drifts:
        counts[drift.check] += 1
        log.error(
            "drift", check=drift.check, subject=drift.subject, row=drift.row, ledger=drift.ledger, cause=drift.cause
        )
    metrics.report_drifts(counts)
    log.info("verified", **facts)
    return run


def last() -> VerificationRun | None:
    return session.scalars(select(VerificationRun).order_by(VerificationRun.at.desc()).limit(1)).one_or_none()
