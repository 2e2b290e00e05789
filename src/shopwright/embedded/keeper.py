"""Starts a process again when it dies."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from shopwright.embedded.process import CannotStart, Process, Server
from shopwright.embedded.terminal import Terminal

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0
DATABASE_ATTEMPTS = 3


@dataclass
class Keeper:
    """Keeps one started process running, waiting twice as long after each death in quick succession."""

    process: Process
    terminal: Terminal
    _delay: float = FIRST_DELAY
    _started_at: float = field(default_factory=time.monotonic)
    _due_at: float | None = None

    def tend(self) -> None:
        """To be called a few times a second."""
        now = time.monotonic()
        if self.process.is_alive():
            if now - self._started_at > STEADY_SECONDS:
                self._delay = FIRST_DELAY
        elif self._due_at is None:
            self._mourn(now)
        elif now >= self._due_at:
            self._start_again(now)

    def _mourn(self, now: float) -> None:
        self.process.sweep()
        self._due_at = now + self._delay
        self.terminal.problem(
            f"{self.process.name} stopped by itself ({self.process.ending()}) and is started again "
            f"in {self._delay:g} s; see {self.process.log}"
        )
        self._delay = min(self._delay * 2, LONGEST_DELAY)

    def _start_again(self, now: float) -> None:
        self._due_at, self._started_at = None, now
        try:
            self.process.start()
        except CannotStart as fault:
            self.terminal.problem(str(fault))
        else:
            self.terminal.done(f"{self.process.name} runs again")


@dataclass
class DatabaseKeeper:
    """Brings a lost PostgreSQL back once. Raises CannotStart if it does not come, or is lost again soon."""

    server: Server
    terminal: Terminal
    _brought_back_at: float | None = None

    def tend(self) -> None:
        if self.server.is_alive():
            return
        now = time.monotonic()
        if self._brought_back_at is not None and now - self._brought_back_at < STEADY_SECONDS:
            raise CannotStart(f"PostgreSQL was lost twice within a minute; see {self.server.log}")
        self.terminal.problem(f"PostgreSQL stopped by itself ({self.server.ending()}) and is brought back.")
        self._bring_back()
        self.terminal.done("PostgreSQL answers again")
        self._brought_back_at = now

    def _bring_back(self) -> None:
        for attempt in range(1, DATABASE_ATTEMPTS + 1):
            try:
                return self.server.start()
            except CannotStart:
                if attempt == DATABASE_ATTEMPTS:
                    raise
            # The lost server's own children may need a moment to see that it is gone.
            time.sleep(attempt)
        raise AssertionError("the last attempt returns or raises")
