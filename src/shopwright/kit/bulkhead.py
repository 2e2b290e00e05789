"""A bulkhead: so many threads may wait for somebody else and no more, so that the others are left for everything else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Bulkhead:
    """At most `most` are within. One more waits for a place while those within are quick, and is refused at once while
    one of them has been there for longer than `patience` seconds."""

    def __init__(self, most: int, patience: float = 1.0) -> None:
        self.most = most
        self.patience = patience
        self._since: dict[object, float] = {}
        self._changed = Condition()

    @contextmanager
    def entered(self) -> Iterator[bool]:
        """Whether there was a place; it is free again when the block ends."""
        me = object()
        with self._changed:
            self._changed.wait_for(lambda: self._has_room() or self._is_slow(), timeout=self.patience)
            is_within = self._has_room()
            if is_within:
                self._since[me] = time.monotonic()
        try:
            yield is_within
        finally:
            if is_within:
                with self._changed:
                    del self._since[me]
                    self._changed.notify()

    def _has_room(self) -> bool:
        return len(self._since) < self.most

    def _is_slow(self) -> bool:
        return time.monotonic() - min(self._since.values(), default=float("inf")) > self.patience
