"""What this process holds itself of what is kept for all: few, small, short-lived, the longest unused thrown out first."""

import threading
import time
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from shopwright.kit import clock

COPIES = 2048
COPIES_BYTES = 32 * 2**20

Slot = tuple[str, str]
"""Namespace and key."""


class Copy(NamedTuple):
    """Something that was true at the moment `since` (monotonic), and stays so at most `until` the clock changes it."""

    value: Any
    since: float
    until: datetime | None
    size: int


class Copies:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Slot, Copy] = OrderedDict()
        self._outdated: dict[str, float] = {}
        self._bytes = 0

    def get(self, slot: Slot, since: float) -> Any | None:
        """The value, if it was true at this moment or later and still is, as far as this process knows."""
        with self._lock:
            copy = self._kept.get(slot)
            # Also what was begun before its namespace was outdated, and put in after it.
            if copy is None or copy.since < since or copy.since <= self._outdated.get(slot[0], 0.0):
                return None
            if copy.until is not None and copy.until <= clock.now():
                return None
            self._kept.move_to_end(slot)
            return copy.value

    def put(self, slot: Slot, copy: Copy, since: float) -> None:
        """Keep it, and of those that were longest unused none that is older than `since`, which nobody would take any more."""
        with self._lock:
            self._forget(slot)
            self._kept[slot] = copy
            self._bytes += copy.size
            while self._kept:
                slot, unused = next(iter(self._kept.items()))
                if len(self._kept) <= COPIES and self._bytes <= COPIES_BYTES and unused.since >= since:
                    break
                self._forget(slot)

    def outdate(self, namespaces: Collection[str]) -> None:
        now = time.monotonic()
        with self._lock:
            self._outdated.update(dict.fromkeys(namespaces, now))

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _forget(self, slot: Slot) -> None:
        copy = self._kept.pop(slot, None)
        self._bytes -= copy.size if copy else 0
