import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from shopwright.commerce.channels.models import Channel
from shopwright.kit.db import after_commit, session
from shopwright.kit.errors import Busy, Problem
from shopwright.kit.transaction import NestedTransaction, atomically, reading, transaction

pytestmark = pytest.mark.usefixtures("app", "_rolled_back")


class Refused(Problem):
    pass


class RefusedButKept(Problem):
    keeps_changes = True


def open_channel(code: str = "x") -> None:
    session.add(Channel(code=code, name="X", currency="EUR", countries=["DE"], locales=["en"], tax_display="gross"))
    session.flush()


def codes() -> list[str]:
    with reading():
        return list(session.scalars(select(Channel.code).order_by(Channel.code)))


def test_a_transaction_refuses_to_nest() -> None:
    with pytest.raises(NestedTransaction), transaction(), transaction():
        pass


def test_what_a_block_did_is_rolled_back_when_it_refuses() -> None:
    with pytest.raises(Refused), transaction():
        open_channel()
        raise Refused()
    assert codes() == []


def test_a_refusal_may_keep_what_was_changed() -> None:
    with pytest.raises(RefusedButKept), transaction():
        open_channel()
        raise RefusedButKept()
    assert codes() == ["x"]


def test_after_the_commit_is_after_the_commit_and_only_then() -> None:
    called: list[str] = []
    with transaction():
        after_commit(lambda: called.append("kept"))
        assert called == []
    with pytest.raises(Refused), transaction():
        after_commit(lambda: called.append("lost"))
        raise Refused()
    assert called == ["kept"]


def test_a_read_may_not_write() -> None:
    with pytest.raises(RuntimeError, match="may not change"), reading():
        open_channel()
    assert codes() == []


def _fail(state: str) -> None:
    session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '{state}'; END $$"))


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_deadlock_or_serialization_failure_is_tried_again_from_the_start(state: str) -> None:
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        open_channel()
        if len(tries) < 3:
            _fail(state)
        return "done"

    assert atomically(work) == "done"
    assert len(tries) == 3
    assert codes() == ["x"]


def test_what_deadlocks_for_ever_is_busy() -> None:
    with pytest.raises(Busy):
        atomically(lambda: _fail("40P01"))


def test_a_lock_that_is_not_had_in_time_is_busy() -> None:
    with pytest.raises(Busy):
        atomically(lambda: _fail("55P03"))


def test_a_fault_of_ours_is_no_refusal() -> None:
    with pytest.raises(OperationalError):
        atomically(lambda: _fail("54001"))
