"""Where a transaction begins and ends: the edge, tasks, the surfaces, the command line and the outbox. Nowhere else."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shopwright.kit.db import begin_reading, begin_snapshot, begin_writing, end_reading, is_open, session
from shopwright.kit.errors import Busy, Problem, Unavailable
from shopwright.kit.pool import NoAnswer

T = TypeVar("T")

ATTEMPTS = 5
LOCK_TIMEOUT = "55P03"
WORTH_ANOTHER_TRY = {"40001", "40P01"}  # serialization failure, deadlock


class NestedTransaction(RuntimeError):
    """A transaction was opened inside another: the inner one could not keep its promise."""


@contextmanager
def transaction() -> Iterator[None]:
    """One transaction: committed when the block ends, rolled back when it raises.

    Raises `NestedTransaction` inside another one, `Busy` when a lock was not had in time, and `Unavailable`
    when the database does not answer.
    """
    if is_open():
        raise NestedTransaction()
    opened = begin_writing()
    try:
        with refusals_of_the_database():
            try:
                yield
            except Problem as refusal:
                if not refusal.keeps_changes:
                    raise
                opened.commit()
                raise
            opened.commit()
    finally:
        session.remove()
    for callback in opened.info["after_commit"]:
        callback()


@contextmanager
def reading() -> Iterator[None]:
    """A read without a transaction: each statement sees what is committed when it starts."""
    if is_open():
        raise NestedTransaction()
    begin_reading()
    try:
        with refusals_of_the_database():
            yield
    finally:
        end_reading()


@contextmanager
def snapshot() -> Iterator[None]:
    """A read of many statements that all see the same moment, for as long as it takes."""
    if is_open():
        raise NestedTransaction()
    try:
        with refusals_of_the_database():
            begin_snapshot()
            yield
    finally:
        session.remove()


def atomically(work: Callable[[], T]) -> T:
    """Run `work` in one transaction, again from its start after a deadlock, a serialization failure or a lost connection."""
    return _again(work, transaction)


def steadily(work: Callable[[], T]) -> T:
    """Run a read, once more if its connection turned out to be dead."""
    return _again(work, reading)


def _again(work: Callable[[], T], opening: Callable[[], AbstractContextManager[None]]) -> T:
    for attempt in range(1, ATTEMPTS + 1):
        finished = False
        try:
            with opening():
                result = work()
                finished = True
            return result
        except DBAPIError as fault:
            # A commit whose answer was lost may have happened: only what never reached it is tried again.
            if sqlstate(fault) not in WORTH_ANOTHER_TRY and not (fault.connection_invalidated and not finished):
                raise
            if attempt == ATTEMPTS:
                raise (Unavailable() if fault.connection_invalidated else Busy()) from fault
            time.sleep(random.uniform(0, 0.01) * 2**attempt)  # noqa: S311  jitter is no secret
    raise AssertionError("unreachable: the last attempt returns or raises")


@contextmanager
def refusals_of_the_database() -> Iterator[None]:
    """Turn "lock not had in time" and "no connection" into problems; let what is worth another try, and bugs, pass."""
    try:
        yield
    except PoolTimeout as fault:
        raise Unavailable() from fault
    except DBAPIError as fault:
        state = sqlstate(fault)
        if isinstance(fault.orig, NoAnswer):
            raise Unavailable() from fault
        if state == LOCK_TIMEOUT:
            raise Busy() from fault
        if state in WORTH_ANOTHER_TRY or fault.connection_invalidated:
            raise
        if state is None or state.startswith(("08", "53", "57")):  # connection, resources, shutdown
            raise Unavailable() from fault
        raise


def sqlstate(fault: DBAPIError) -> str | None:
    return getattr(fault.orig, "sqlstate", None)
