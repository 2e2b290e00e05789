"""Which engines there are: PostgreSQL always, and one beside it if the shop was told of one. That one is asked first."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from shopwright.kit import clock
from shopwright.kit.breaker import Breaker
from shopwright.kit.logging import get
from shopwright.listeners.search.aliased import AliasedBackend
from shopwright.listeners.search.backend import Ask, EngineAway, Found, SearchBackend, SuggestAsk, Suggestion
from shopwright.listeners.search.backends.postgres.adapter import PostgresBackend
from shopwright.listeners.search.errors import QuestionRefused

T = TypeVar("T")

log = get("search")

postgres = PostgresBackend()
_engine: SearchBackend | None = None
#: Each of the first ones costs a shopper the whole wait.
_breaker = Breaker(failures=3, seconds=15)


#: For how long nothing is written to an engine that took no writes; what is only PostgreSQL's goes on meanwhile.
REST = timedelta(seconds=5)
_rests_until = datetime.min.replace(tzinfo=UTC)


class Answered(NamedTuple):
    """`is_degraded`: by PostgreSQL in an engine's place."""

    found: Found
    is_degraded: bool


def use(engine: SearchBackend | None) -> None:
    """Ask this one first from now on, in this process; None is PostgreSQL alone."""
    global _engine, _rests_until
    _engine, _rests_until = engine, clock.now()
    _breaker.succeeded()


def rest() -> None:
    """It took no writes: this process leaves it alone for a moment."""
    global _rests_until
    _rests_until = clock.now() + REST


def is_resting() -> bool:
    return clock.now() < _rests_until


def written() -> tuple[SearchBackend, ...]:
    """All that are kept up to date. PostgreSQL comes first: it must be true when the other one is away."""
    return (postgres,) if _engine is None else (postgres, _engine)


def with_aliases() -> AliasedBackend | None:
    """The engine, if there is one that can build an index beside the one in use."""
    return _engine if isinstance(_engine, AliasedBackend) else None


def search(ask: Ask) -> Answered:
    return Answered(*_asked(lambda backend: backend.search(ask)))


def suggest(ask: SuggestAsk) -> list[Suggestion]:
    return _asked(lambda backend: backend.suggest(ask))[0]


def correct(ask: Ask) -> tuple[str, ...] | None:
    return _asked(lambda backend: backend.correct(ask))[0]


def _asked(question: Callable[[SearchBackend], T]) -> tuple[T, bool]:
    """The answer, and whether it is another's than the engine's that should give it."""
    if _engine is None:
        return question(postgres), False
    if _breaker.allows():
        try:
            answer = question(_engine)
        except EngineAway as away:
            # One odd question must not take the engine from everybody else. That it was refused says that it is there.
            (_breaker.succeeded if isinstance(away, QuestionRefused) else _breaker.failed)()
            log.warning("PostgreSQL searches in its place", engine=_engine.name, reason=str(away))
        else:
            _breaker.succeeded()
            return answer, False
    return question(postgres), True
