import pytest
from flask import Flask
from sqlalchemy import func, select

from shopwright.commerce.books import service as books
from shopwright.commerce.books.checks import CHECKS
from shopwright.commerce.books.models import Account, Kind, Posting
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests.drifts import force, look, mend

ENTRIES, CURRENCIES, CAUSES = (check.name for check in CHECKS)
LEFT = "left: No entry could mend this; it needs somebody who looks."


@pytest.fixture(autouse=True)
def _two_entries(app: Flask) -> None:
    with transaction():
        books.post(Kind.PLACED, ids.new(), "EUR", {Account.RECEIVABLE: 119, Account.SALES: -100, Account.TAX: -19})
        books.post(Kind.PLACED, ids.new(), "USD", {Account.RECEIVABLE: 50, Account.SALES: -50})
    assert look(CHECKS) == []


def said() -> list[tuple[str, str, str, str]]:
    return [(drift.check, drift.row, drift.ledger, drift.cause) for drift in look(CHECKS)]


def test_a_changed_amount_is_named_by_its_entry_and_its_currency(app: Flask) -> None:
    force("UPDATE book_postings SET amount = 120 WHERE amount = 119", "book_postings")
    assert said() == [
        (ENTRIES, "3 sides", "a balance of 1", "a side was changed or removed by somebody who got past the triggers"),
        (CURRENCIES, "all accounts", "1", "an entry in this currency is broken or was partly removed"),
    ]
    assert mend(CHECKS) == [LEFT, LEFT]


def test_a_removed_side_is_named(app: Flask) -> None:
    force("DELETE FROM book_postings WHERE account = 'sales' AND currency = 'USD'", "book_postings")
    assert said()[0] == (
        ENTRIES, "1 sides", "a balance of 50", "all sides but one were removed by somebody who got past the triggers"
    )  # fmt: skip
    assert [name for name, *_ in said()] == [ENTRIES, CURRENCIES]


def test_a_side_in_another_currency_is_named(app: Flask) -> None:
    force("UPDATE book_postings SET currency = 'EUR' WHERE account = 'sales' AND currency = 'USD'", "book_postings")
    assert "a side was given another currency" in said()[0][3]
    assert [name for name, *_ in said()] == [ENTRIES, CURRENCIES, CURRENCIES]


def test_a_cause_that_was_booked_by_two_entries_is_named(app: Flask) -> None:
    with reading():
        cause_id = session.scalar(select(Posting.cause_id).where(Posting.currency == "USD").limit(1))
        before = session.scalar(select(func.count()).select_from(Posting))
    assert cause_id is not None
    with transaction():
        assert books.post(Kind.PLACED, cause_id, "USD", {Account.OWED: 5, Account.EXCESS: -5})
    assert said() == [
        (CAUSES, "2 entries", "1 of kind placed", "the same thing was booked twice, by accounts that do not overlap")
    ]
    assert mend(CHECKS) == [LEFT]
    with reading():
        assert session.scalar(select(func.count()).select_from(Posting)) == (before or 0) + 2
