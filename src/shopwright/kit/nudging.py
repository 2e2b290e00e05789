"""Asking the worker for something soon, without waiting for the broker."""

import threading
from collections.abc import Callable

from shopwright.kit.logging import get

log = get("nudging")


class Nudger:
    """A thread that asks the worker for something soon, so that nobody waits for a publish to the broker."""

    PAUSE = 0.05

    def __init__(self, ask: Callable[[], object]) -> None:
        self._ask = ask
        self._wanted = threading.Event()
        self._started = threading.Lock()

    def nudge(self) -> None:
        self._wanted.set()
        # Started by the first use, since a thread does not survive the fork of a server's worker.
        if self._started.acquire(blocking=False):
            threading.Thread(target=self._run, name="nudge", daemon=True).start()

    def _run(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            try:
                self._ask()
            except Exception as fault:
                # The clock's own round does it when the broker is back.
                log.warning("nudge failed", reason=repr(fault))
            threading.Event().wait(self.PAUSE)
