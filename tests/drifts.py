"""Making drifts by hand, and what the verification then says of them."""

from collections.abc import Sequence

from sqlalchemy import text

from shopwright.kit import verification
from shopwright.kit.db import session
from shopwright.kit.transaction import transaction
from shopwright.kit.verification import Check, Drift


def force(statement: str, *tables: str, **values: object) -> None:
    """Change what may not be changed, as an owner of these tables can."""
    with transaction():
        for table in tables:
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        session.execute(text(statement), values)
        for table in tables:
            session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def look(checks: Sequence[Check]) -> list[Drift]:
    report = verification.examine([check.name for check in checks])
    assert report.unchecked == []
    return report.drifts


def the_one(checks: Sequence[Check]) -> Drift:
    (drift,) = look(checks)
    return drift


def mend(checks: Sequence[Check]) -> list[str]:
    """What came of each drift; after it, looking and mending again find nothing where all could be mended."""
    report = verification.repair(verification.examine([check.name for check in checks]))
    assert report.unchecked == []
    if not report.open_drifts:
        assert look(checks) == []
    return [drift.mended or f"left: {drift.left}" for drift in report.drifts]


def again(drift: Drift) -> str:
    """Mend what was mended already, as a second run that had seen the same drift would."""
    report = verification.examine([])
    stale = type(report)(at=report.at, seconds=0, drifts=[drift], unchecked=[])
    (done,) = verification.repair(stale).drifts
    return done.mended or done.left
