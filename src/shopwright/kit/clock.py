"""The shop's only clock, so that a test can hold it still."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

#: What clients may name. PostgreSQL knows moments that Python does not: whoever reads one of them fails for ever.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)

# Of the module, not of a context: what a test holds still must stand still in its worker threads, too.
_held: datetime | None = None


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return _held or datetime.now(UTC)


def is_near(moment: datetime) -> bool:
    """Whether a client may name it: near enough that a day, or a zone's offset, more or less is still a date."""
    return EARLIEST <= moment <= LATEST


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
