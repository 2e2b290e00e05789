"""The work list of money: what could not be healed safely, with all facts attached, for people to decide."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.payments.errors import IssueNotFound, IssueResolved
from shopwright.commerce.payments.events import IssueOpened
from shopwright.commerce.payments.models import Issue
from shopwright.kit import clock, conditional, ids
from shopwright.kit.db import session
from shopwright.kit.events import emit
from shopwright.kit.logging import get

log = get("payments")


def open_issue(
    kind: str, subject: str, *, payment_id: UUID | None = None, order_id: UUID | None = None, **facts: Any
) -> bool:
    """Put it on the list, unless the same trouble stands there unresolved; answers whether it is new.

    What was resolved is not opened again for the same facts. `facts` are JSON values without personal data.
    """
    same = select(Issue.id).where(Issue.kind == kind, Issue.subject == subject, Issue.facts == facts)
    if session.scalar(same.where(Issue.resolved_at.is_not(None)).limit(1)) is not None:
        return False
    made = session.scalar(
        insert(Issue)
        .values(
            id=ids.new(), kind=kind, subject=subject, payment_id=payment_id, order_id=order_id, facts=facts,
            opened_at=clock.now(), resolution="", version=1,
        )
        .on_conflict_do_nothing()
        .returning(Issue.id)
    )  # fmt: skip
    if made is None:
        return False
    log.error("payment issue", kind=kind, subject=subject, payment_id=str(payment_id), order_id=str(order_id))
    emit(IssueOpened(issue_id=made, kind=kind))
    return True


def resolve(issue_id: UUID, resolution: str) -> Issue:
    """Say what was done about it. Raises `IssueNotFound`, `IssueResolved`, `PreconditionFailed` for a stale edit."""
    issue = session.get(Issue, issue_id, with_for_update=True, populate_existing=True)
    if issue is None:
        raise IssueNotFound()
    conditional.check(issue.version)
    if issue.resolved_at is not None:
        raise IssueResolved()
    issue.resolved_at = clock.now()
    issue.resolution = resolution
    session.flush()
    return issue


def listed(*, is_open: bool | None) -> Select[Issue]:
    found = select(Issue)
    if is_open is None:
        return found
    return found.where(Issue.resolved_at.is_(None) if is_open else Issue.resolved_at.is_not(None))


def show(issue_id: UUID) -> Issue:
    """Raises `IssueNotFound`."""
    issue = session.get(Issue, issue_id)
    if issue is None:
        raise IssueNotFound()
    return issue
