"""The shop's only clock, so that a test can hold it still."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

# Of the module, not of a context: what a test holds still must stand still in its worker threads, too.
_held: datetime | None = None


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return _held or datetime.now(UTC)


@contextmanager
def held_at(moment: datetime) -> Iterator[None]:
    """For tests: inside, `now()` is this aware moment, in every thread. May be nested."""
    global _held
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    before, _held = _held, moment.astimezone(UTC)
    try:
        yield
    finally:
        _held = before


def advance(step: timedelta) -> None:
    """For tests: move a clock that is held by this much."""
    global _held
    if _held is None:
        raise RuntimeError("only a clock that is held can be advanced")
    _held += step
