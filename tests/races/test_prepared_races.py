"""Prepared statements when another holds the lock, and when the connection dies."""

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import BigInteger, bindparam, func, literal, select

from shopwright.kit import db
from shopwright.kit.errors import Busy
from shopwright.kit.prepared import Prepared
from shopwright.kit.transaction import atomically, steadily, transaction

LOCK = Prepared(select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger))))
ONE = Prepared(select(literal(1)))
DIE = Prepared(select(func.pg_terminate_backend(func.pg_backend_pid())))


@pytest.fixture
def _lock_held(real_app: Flask) -> Iterator[None]:
    held, done = Event(), Event()

    def hold() -> None:
        with transaction():
            LOCK.all({"key": 7})
            held.set()
            done.wait(30)

    holder = Thread(target=hold)
    holder.start()
    held.wait(30)
    yield
    done.set()
    holder.join()


@pytest.mark.usefixtures("_lock_held")
def test_a_lock_that_is_not_had_in_time_is_busy() -> None:
    with pytest.raises(Busy), transaction():
        db.session.execute(select(func.set_config("lock_timeout", "50ms", True)))
        LOCK.all({"key": 7})


def test_what_dies_with_its_connection_is_done_again_on_a_new_one(real_app: Flask) -> None:
    tries: list[int] = []

    def work() -> int:
        tries.append(len(tries))
        if len(tries) == 1:
            DIE.all({})
        found = ONE.first({})
        assert found is not None
        return int(found[0])

    assert atomically(work) == 1
    assert tries == [0, 1]
    tries.clear()
    assert steadily(work) == 1
    assert tries == [0, 1]
