"""Prepared statements answer, refuse and die as SQLAlchemy's own do."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    DateTime,
    LargeBinary,
    String,
    bindparam,
    cast,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from shopwright.commerce.channels.models import Channel
from shopwright.kit.db import session, table_of
from shopwright.kit.prepared import Prepared
from shopwright.kit.transaction import reading, transaction

SIX = Prepared(select(cast(literal(2), BigInteger) * bindparam("by", type_=BigInteger)))
OPEN = Prepared(
    insert(table_of(Channel)).values(
        id=bindparam("id"), code=bindparam("code"), name="X", currency="EUR", countries=["DE"], locales=["en"],
        tax_display="gross", is_active=True, version=1,
    )
)  # fmt: skip


pytestmark = pytest.mark.usefixtures("app", "_rolled_back")


def test_values_of_the_statement_and_of_the_call_come_together() -> None:
    with reading():
        assert SIX.first({"by": 3}) == (6,)
        assert SIX.all({"by": 4}) == [(8,)]


def test_values_of_every_kind_come_back_as_they_were_sent() -> None:
    sent = {
        "text": "ä%s$1", "moment": datetime(2026, 3, 1, 12, tzinfo=UTC), "json": {"a": ["ö", 1]}, "ids": [uuid4()],
        "raw": b"\x00\xff", "nothing": None,
    }  # fmt: skip
    echo = Prepared(
        select(
            bindparam("text", type_=String), bindparam("moment", type_=DateTime(timezone=True)),
            bindparam("json", type_=JSONB), bindparam("ids", type_=ARRAY(table_of(Channel).c.id.type)),
            bindparam("raw", type_=LargeBinary), bindparam("nothing", type_=String),
        )
    )  # fmt: skip
    with reading():
        assert echo.first(sent) == tuple(sent.values())


def test_arrays_come_back_as_they_were_sent() -> None:
    sent = {"words": ['a"b', "c\\d", "", "NULL", "{e,f}", "ä", None], "numbers": [1, -(2**63), None], "none": []}
    echo = Prepared(
        select(
            bindparam("words", type_=ARRAY(String)), bindparam("numbers", type_=ARRAY(BigInteger)),
            bindparam("none", type_=ARRAY(table_of(Channel).c.id.type)),
        )
    )  # fmt: skip
    with reading():
        assert echo.first(sent) == tuple(sent.values())


def test_a_statement_is_prepared_once_whatever_its_values_are() -> None:
    echo = Prepared(select(bindparam("number", type_=BigInteger), bindparam("once", type_=ARRAY(BigInteger))))
    with reading():
        for number in (1, 40_000, 2**40, None):
            assert echo.first({"number": number, "once": [number]}) == (number, [number])
        prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement = :sql")
        assert session.scalar(prepared, {"sql": echo.statement.sql.decode()}) == 1


def test_a_type_is_the_statements_where_nothing_else_tells_it() -> None:
    named = [bindparam("is_so", type_=Boolean), bindparam("raw", type_=LargeBinary)]
    echo = Prepared(select(*(select(each).scalar_subquery() for each in named)))
    with reading():
        assert echo.first({"is_so": True, "raw": b"\xff"}) == (True, b"\xff")
    with pytest.raises(TypeError):
        Prepared(select(bindparam("what")))


def test_a_value_that_is_missing_is_a_mistake_of_the_caller() -> None:
    with reading(), pytest.raises(KeyError):
        SIX.first({})


def test_it_sees_and_is_part_of_the_running_transaction() -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        OPEN.run({"id": uuid4(), "code": "mine"})
        assert session.scalar(select(func.count()).where(Channel.code == "mine")) == 1
        raise ZeroDivisionError
    with reading():
        assert session.scalar(select(func.count()).where(Channel.code == "mine")) == 0


def test_a_constraint_refuses_in_sqlalchemys_words_and_without_the_values() -> None:
    with pytest.raises(IntegrityError) as refused, transaction():
        OPEN.run({"id": uuid4(), "code": "twice"})
        OPEN.run({"id": uuid4(), "code": "twice"})
    assert "'twice'" not in str(refused.value)
