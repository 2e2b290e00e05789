"""Connections to the database, behind which requests cannot pile up: not for want of one, nor because it is silent."""

import threading
import time
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from sqlalchemy import QueuePool
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

RV = TypeVar("RV")

#: When none of its connections came back for so long, a pool is stuck; while some do, a request waits its turn longer.
STUCK_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 10.0
LOOK_SECONDS = 0.1


class NoAnswer(psycopg.OperationalError):
    """The database, or the network before it, said nothing for longer than any statement may take."""


class PatientConnection(psycopg.Connection[tuple[object, ...]]):
    """Waits `patience` seconds for an answer. The server's own `statement_timeout` cannot reach us if the network is cut."""

    patience: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = LOOK_SECONDS, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except errors._WaitTimeout as silence:
            if timeout is not None:
                raise
            self.pgconn.finish()
            raise NoAnswer("the database gives no answer") from silence


class Pool(QueuePool):
    """Requests wait their turn while connections come back. Once none did for a while, all are refused at once until one does.

    So a process with more threads than connections always has one left that says how it is.
    """

    _returned_at = 0.0
    _is_stuck = False

    def __init__(self, creator: Any, **options: Any) -> None:
        super().__init__(creator, **options)
        self._turn = threading.Lock()

    def connect(self) -> PoolProxiedConnection:
        # While one waits, nobody else takes what comes back: it could wait for ever.
        if not self._turn.locked() and self.checkedout() < self.size():
            return super().connect()
        until = time.monotonic() + LONGEST_WAIT_SECONDS
        while time.monotonic() < until and not self._refuses:
            if self._turn.acquire(timeout=STUCK_SECONDS):
                try:
                    if not self._refuses:
                        return super().connect()
                except PoolTimeout:
                    self._is_stuck = self._returned_at < time.monotonic() - STUCK_SECONDS
                finally:
                    self._turn.release()
        raise PoolTimeout("no connection comes back")

    @property
    def _refuses(self) -> bool:
        return self._is_stuck and self.checkedout() >= self.size()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        super()._do_return_conn(record)
        self._returned_at = time.monotonic()
        self._is_stuck = False


def connect(patience: float, **parameters: object) -> PatientConnection:
    connection = PatientConnection.connect(**parameters)  # type: ignore[arg-type]  # as SQLAlchemy gives them
    connection.patience = patience
    return connection
