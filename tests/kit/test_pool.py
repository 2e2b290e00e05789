import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shopwright.kit import pool


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Two connections, and half a second for an answer."""
    engine = create_engine(database_url, poolclass=pool.Pool, pool_size=2, max_overflow=0, pool_timeout=0.3)
    event.listen(engine, "do_connect", lambda *asked: pool.connect(0.5, **asked[3]))
    yield engine
    engine.dispose()


def test_once_one_has_waited_in_vain_the_next_is_refused_at_once_until_a_connection_comes_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "STUCK_SECONDS", 0.3)
    with engine.connect(), engine.connect():
        with pytest.raises(PoolTimeout):
            engine.connect()
        started = time.monotonic()
        with pytest.raises(PoolTimeout):
            engine.connect()
        assert time.monotonic() - started < 0.1
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_who_waits_gets_the_connection_that_comes_back(engine: Engine) -> None:
    first, _second = engine.connect(), engine.connect()
    threading.Timer(0.1, first.close).start()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    _second.close()


def test_a_statement_without_an_answer_is_given_up_with_its_connection(engine: Engine) -> None:
    with engine.connect() as connection:
        with pytest.raises(OperationalError) as fault:
            connection.execute(text("SELECT pg_sleep(5)"))
        assert isinstance(fault.value.orig, pool.NoAnswer)
        assert fault.value.connection_invalidated
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
