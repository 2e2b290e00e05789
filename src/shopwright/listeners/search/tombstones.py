"""That a product is gone is kept with its version, so that no late write brings it back; but not for ever."""

from contextlib import nullcontext
from datetime import timedelta

from shopwright.commerce.channels import queries as channels
from shopwright.kit import clock
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search import engines, states, targets
from shopwright.listeners.search.backend import SearchBackend

#: A version says when its product changed, and whoever writes an older one has read it before that. A write takes a minute; a
#: machine that was put to sleep in the middle of one may take longer.
KEPT_FOR = timedelta(days=7)
#: Of one transaction, or one question.
MOST = 5_000


def sweep() -> int:
    """Forget what has been gone for longer, in every index that is written to; answers of how many documents. Raises
    `EngineAway`."""
    before = states.version_at(clock.now() - KEPT_FOR)
    with reading():
        locales = channels.active_locales()
        beside = targets.current()
    return sum(
        _swept(backend, locale, index, before)
        for backend in engines.written()
        for locale in sorted(locales)
        for index in (None, *beside.get((backend.name, locale), ()))
    )


def _swept(backend: SearchBackend, locale: str, index: str | None, before: int) -> int:
    swept = 0
    while True:
        # No transaction is open while an engine is asked.
        with transaction() if backend.capabilities.is_transactional else nullcontext():
            count = backend.sweep(locale, before, MOST, index)
        swept += count
        if count < MOST:
            return swept
