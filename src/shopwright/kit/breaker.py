"""A circuit breaker: who failed several times in a row is left alone for a while, so that nobody waits for it in vain.

Each process judges for itself, by what it saw; a breaker shared over the network would be one more thing to fail.
"""

import time
from threading import Lock


class Breaker:
    """Opens after `failures` in a row, for `seconds`; then one caller may try, and its success closes it."""

    def __init__(self, failures: int = 5, seconds: float = 10.0) -> None:
        self.failures = failures
        self.seconds = seconds
        self._in_a_row = 0
        self._opened_at = 0.0
        self._lock = Lock()

    def allows(self) -> bool:
        """Whether it is worth asking. While open, the first caller after `seconds` is let through alone."""
        with self._lock:
            if self._in_a_row < self.failures:
                return True
            if time.monotonic() - self._opened_at < self.seconds:
                return False
            self._opened_at = time.monotonic()
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._in_a_row = 0

    def failed(self) -> None:
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row == self.failures:
                self._opened_at = time.monotonic()
