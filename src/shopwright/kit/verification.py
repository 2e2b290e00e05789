"""`shopwright verify`: what rows say is derived anew from the ledgers, and where the two drift apart is said and mended.

Each room says in its `checks.py` what must hold. A check sees one moment of the database, so that trading goes on
beside it and is never taken for a drift. A repair is a transaction of its own that looks again under its lock; it adds a
counter-entry and overwrites nothing that is a truth.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import text

from shopwright.kit import audit, clock
from shopwright.kit.db import session
from shopwright.kit.errors import Problem
from shopwright.kit.logging import get
from shopwright.kit.principal import SYSTEM, acting_as
from shopwright.kit.transaction import atomically, snapshot
from shopwright.kit.wire import Out

log = get("verification")

GONE = "it had gone meanwhile"


class Drift(Out):
    """A row that says something else than its ledger. After a repair either `mended` or `left` says what came of it."""

    check: str
    subject: str
    row: str
    ledger: str
    cause: str
    mended: str = ""
    left: str = ""


class Unchecked(Out):
    """A check that could not be made."""

    check: str
    reason: str


class Report(Out):
    """What one run found."""

    at: datetime
    seconds: float
    drifts: list[Drift]
    unchecked: list[Unchecked]

    @property
    def open_drifts(self) -> list[Drift]:
        return [drift for drift in self.drifts if not drift.mended]


class CannotMend(Exception):
    """No counter-entry would be safe; the message says what to do instead."""


Finding = tuple[object, object, object, str]
"""The subject's id, what the row says, what the ledger says, and the cause in words."""


@dataclass(frozen=True)
class Check:
    """One thing that must hold. `find` yields a `Finding` for each row for which it does not; as SQL it may use `:now`.

    `mend` gets the subject, looks again under a lock, and answers what it did, or None when there was nothing left to do.
    """

    name: str
    find: str | Callable[[], Iterable[Finding]]
    mend: Callable[[str], str | None] | None = None


_checks: dict[str, Check] = {}


def use(checks: Iterable[Check]) -> None:
    """Put these checks in force; `app.py` knows all rooms that have some."""
    _checks.clear()
    _checks.update({check.name: check for check in checks})


def names() -> list[str]:
    return list(_checks)


def examine(only: Sequence[str] | None = None) -> Report:
    """Make every check, or only those named; one that fails does not keep the others from being made."""
    at, began = clock.now(), time.monotonic()
    drifts: list[Drift] = []
    unchecked: list[Unchecked] = []
    for name in only if only is not None else names():
        try:
            with snapshot():
                drifts += drifts_by(name)
        except Exception as fault:
            log.error("could not check", check=name, exc_info=fault)
            unchecked.append(Unchecked(check=name, reason=type(fault).__name__))
    return Report(at=at, seconds=round(time.monotonic() - began, 3), drifts=drifts, unchecked=unchecked)


def drifts_by(name: str) -> Iterator[Drift]:
    """What this check finds in the snapshot that is open."""
    check = _checks[name]
    found: Iterable[Finding]
    if isinstance(check.find, str):
        found = (tuple(row) for row in session.execute(text(check.find), {"now": clock.now()}))
    else:
        found = check.find()
    for subject, row, ledger, cause in found:
        yield Drift(check=check.name, subject=str(subject), row=str(row), ledger=str(ledger), cause=cause)


def repair(report: Report) -> Report:
    """Mend what can be mended safely, each in a transaction of its own; say of the rest why it is left."""
    return msgspec.structs.replace(report, drifts=[_repaired(drift) for drift in report.drifts])


def _repaired(drift: Drift) -> Drift:
    mend = _checks[drift.check].mend
    if mend is None:
        return msgspec.structs.replace(drift, left="No entry could mend this; it needs somebody who looks.")

    def work() -> str | None:
        done = mend(drift.subject)
        if done:
            facts = {"row": drift.row, "ledger": drift.ledger, "cause": drift.cause, "done": done}
            audit.record("verification.repair", f"{drift.check}: {drift.subject}", facts=facts)
        return done

    try:
        with acting_as(SYSTEM):
            return msgspec.structs.replace(drift, mended=atomically(work) or GONE)
    except CannotMend as reason:
        return msgspec.structs.replace(drift, left=str(reason))
    except Problem as refusal:
        return msgspec.structs.replace(drift, left=f"It was refused: {refusal.text}")
    except Exception as fault:
        log.error("could not mend", check=drift.check, subject=drift.subject, exc_info=fault)
        return msgspec.structs.replace(drift, left=f"The repair failed: {type(fault).__name__}; the log has more.")


def describe(report: Report) -> Iterator[str]:
    """The report in words, line by line."""
    for drift in report.drifts:
        yield f"{drift.check}: {drift.subject}"
        yield f"  the row says {drift.row}, the ledger {drift.ledger}: {drift.cause}"
        if drift.mended or drift.left:
            yield f"  mended: {drift.mended}" if drift.mended else f"  left: {drift.left}"
    for failed in report.unchecked:
        yield f"{failed.check}: could not be checked ({failed.reason})"
    made = len(_checks) - len(report.unchecked)
    mended = len(report.drifts) - len(report.open_drifts)
    yield f"{made} checks in {report.seconds:.1f} s: {len(report.drifts)} drifts, {mended} mended, {len(report.open_drifts)} left."
