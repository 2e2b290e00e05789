"""Connections to the database, behind which requests cannot pile up: not for want of one, nor because it is silent."""

from typing import TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from sqlalchemy import QueuePool
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

RV = TypeVar("RV")

#: How long a request waits for a connection when it is the first to find none.
WAIT_SECONDS = 1.0
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
    """Once one has waited in vain, nobody else waits until a connection comes back: all are refused at once.

    So a process with more threads than connections always has one left that says how it is.
    """

    _is_stuck = False

    def connect(self) -> PoolProxiedConnection:
        if self._is_stuck and self.checkedout() >= self.size():
            raise PoolTimeout("no connection comes back")
        try:
            return super().connect()
        except PoolTimeout:
            self._is_stuck = True
            raise

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        super()._do_return_conn(record)
        self._is_stuck = False


def connect(patience: float, **parameters: object) -> PatientConnection:
    connection = PatientConnection.connect(**parameters)  # type: ignore[arg-type]  # as SQLAlchemy gives them
    connection.patience = patience
    return connection
