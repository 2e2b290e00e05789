"""What is said without waiting: it goes out in order, once, with what is waited for or with the commit, or not at all."""

from uuid import uuid4

import pytest
from sqlalchemy import bindparam, func, insert, literal, select, text, update
from sqlalchemy.exc import IntegrityError

from shopwright.commerce.channels.models import Channel
from shopwright.kit.db import session, table_of
from shopwright.kit.exchange import Row
from shopwright.kit.prepared import Prepared
from shopwright.kit.transaction import reading, transaction
from tests import sent

_channels = table_of(Channel)
OPEN = Prepared(
    insert(_channels).values(
        id=bindparam("id"), code=bindparam("code"), name="X", currency="EUR", countries=["DE"], locales=["en"],
        tax_display="gross", is_active=True, version=1,
    )
)  # fmt: skip
RENAME = Prepared(update(_channels).where(_channels.c.code == bindparam("of")).values(name=bindparam("name")))
NAME = Prepared(select(_channels.c.name).where(_channels.c.code == bindparam("of")))
ONE = Prepared(select(literal(1)))

pytestmark = pytest.mark.usefixtures("real_app")


def names() -> list[str]:
    with reading():
        return list(session.scalars(select(Channel.name).where(Channel.code.like("said%")).order_by(Channel.code)))


def test_a_transaction_waits_once_for_all_that_nobody_asked_about() -> None:
    with sent.exchanges() as waits:
        with transaction():
            for number in range(5):
                OPEN.run({"id": uuid4(), "code": f"said {number}"})
        assert waits == [5]
    assert names() == ["X"] * 5


def test_what_is_asked_has_seen_what_was_said_before() -> None:
    with transaction():
        ONE.first({})
        with sent.exchanges() as waits:
            OPEN.run({"id": uuid4(), "code": "said"})
            RENAME.run({"of": "said", "name": "Y"})
            assert NAME.first({"of": "said"}) == ("Y",)
            assert waits == [3]
        RENAME.run({"of": "said", "name": "Z"})
        # SQLAlchemy's own statements see it, too.
        assert session.scalar(select(Channel.name).where(Channel.code == "said")) == "Z"
    assert names() == ["Z"]


def test_a_fault_of_what_was_said_is_raised_at_the_commit_which_does_not_happen() -> None:
    with pytest.raises(IntegrityError), transaction():
        OPEN.run({"id": uuid4(), "code": "said"})
        OPEN.run({"id": uuid4(), "code": "said"})
    assert names() == []
    with transaction():
        OPEN.run({"id": uuid4(), "code": "said"})
    assert names() == ["X"]


def test_a_fault_of_what_was_said_is_raised_by_the_next_question() -> None:
    with pytest.raises(IntegrityError), transaction():
        OPEN.run({"id": uuid4(), "code": "said"})
        OPEN.run({"id": uuid4(), "code": "said"})
        assert NAME.first({"of": "said"}) is None, "unreachable: the question fails"
    assert names() == []


def test_what_was_said_in_a_transaction_that_is_undone_is_never_sent() -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        OPEN.run({"id": uuid4(), "code": "said"})
        raise ZeroDivisionError
    with transaction():
        ONE.first({})
    assert names() == []


def test_what_was_said_in_a_savepoint_goes_with_it() -> None:
    with transaction():
        OPEN.run({"id": uuid4(), "code": "said 1"})
        inner = session.begin_nested()
        OPEN.run({"id": uuid4(), "code": "said 2"})
        inner.rollback()
        OPEN.run({"id": uuid4(), "code": "said 3"})
    assert names() == ["X", "X"]


def test_statements_stay_prepared_through_refusals_and_are_prepared_anew_when_they_were_forgotten() -> None:
    mine = select(func.count()).select_from(text("pg_prepared_statements")).where(text("name LIKE 'shopwright%'"))
    with transaction():
        ONE.first({})
        before = session.scalar(mine)
    with pytest.raises(ZeroDivisionError), transaction():
        ONE.first({})
        raise ZeroDivisionError
    with transaction():
        assert session.scalar(mine) == before
        session.execute(text("DEALLOCATE ALL"))
        assert session.scalar(mine) == 0
        assert ONE.first({}) == (1,)


def test_outside_of_a_transaction_it_is_sent_at_once() -> None:
    with reading():
        OPEN.run({"id": uuid4(), "code": "said"})
    assert names() == ["X"]


class Unwanted(Exception):
    pass


def test_who_hears_an_answer_at_the_commit_and_wants_nothing_kept_leaves_nothing() -> None:
    def refuse(rows: list[Row]) -> None:
        raise Unwanted()

    with pytest.raises(Unwanted), transaction():
        NAME.run({"of": "said"}, refuse)
        OPEN.run({"id": uuid4(), "code": "said"})
    # Whoever has the connection next commits what is theirs.
    with transaction():
        session.execute(text("SELECT 1"))
    assert names() == []
