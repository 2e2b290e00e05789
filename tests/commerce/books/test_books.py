from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from shopwright.commerce.books import queries
from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind, Posting
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction

pytestmark = pytest.mark.usefixtures("app")


def post(sides: dict[Account, int], cause_id: UUID, order_id: UUID | None = None) -> bool:
    with transaction():
        return books.post(Kind.CAPTURED, cause_id, "EUR", sides, order_id=order_id)


def test_an_entry_is_read_back_as_balances() -> None:
    order_id = uuid4()
    assert post({Account.CAPTURED: 1000, Account.RECEIVABLE: -900, Account.EXCESS: -100}, uuid4(), order_id)
    assert post({Account.CAPTURED: 50, Account.RECEIVABLE: -50, Account.EXCESS: 0}, uuid4(), order_id)
    with reading():
        assert queries.balances_of_order(order_id) == {
            Account.CAPTURED: 1050, Account.RECEIVABLE: -950, Account.EXCESS: -100,
        }  # fmt: skip


def test_a_cause_is_booked_once() -> None:
    cause_id, order_id = uuid4(), uuid4()
    assert post({Account.CAPTURED: 1000, Account.RECEIVABLE: -1000}, cause_id, order_id) is True
    assert post({Account.CAPTURED: 700, Account.RECEIVABLE: -700}, cause_id, order_id) is False
    with reading():
        assert queries.balances_of_order(order_id)[Account.CAPTURED] == 1000


def test_nothing_moved_is_nothing_written() -> None:
    assert post({Account.CAPTURED: 0, Account.RECEIVABLE: 0}, uuid4()) is False


@given(amounts=st.lists(st.integers(-(2**40), 2**40), min_size=2, max_size=len(Account)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_refuses_what_does_not_balance(amounts: list[int]) -> None:
    cause_id = uuid4()
    sides = dict(zip(Account, amounts, strict=False))
    if sum(amounts) == 0:
        post(sides, cause_id)
        return
    with pytest.raises(IntegrityError, match="does not balance"):
        post(sides, cause_id)
    with reading():
        assert session.scalar(select(func.count()).where(Posting.cause_id == cause_id)) == 0


@pytest.mark.parametrize("change", ["UPDATE book_postings SET amount = amount + 1", "DELETE FROM book_postings"])
def test_nobody_changes_what_was_written(change: str) -> None:
    post({Account.CAPTURED: 1, Account.RECEIVABLE: -1}, uuid4())
    with pytest.raises(IntegrityError, match="append-only"), transaction():
        session.execute(text(change))
