"""All that is random or reads a clock follows from one seed: ids, tokens, what is drawn, what time it is."""

import base64
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from unittest.mock import patch

from shopwright.kit import breaker, clock, ids, transaction

BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Secrets:
    """Stands where `kit.ids` has the module `secrets`."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def randbits(self, bits: int) -> int:
        return self._chance.getrandbits(bits)

    def token_urlsafe(self, size: int) -> str:
        return base64.urlsafe_b64encode(self._chance.randbytes(size)).rstrip(b"=").decode()


class HeldTime:
    """Stands where a module has `time`: it goes as the shop's clock goes, and nobody sleeps."""

    @staticmethod
    def monotonic() -> float:
        return clock.now().timestamp()

    @staticmethod
    def sleep(_: float) -> None:
        """The pause between two tries of a transaction, in which nothing happens here."""


@contextmanager
def following(chance: random.Random) -> Iterator[None]:
    """Inside, the shop's ids and clocks follow from `chance` and from who moves the clock."""
    with ExitStack() as stack:
        stack.enter_context(clock.held_at(BEGAN))
        stack.enter_context(patch.object(ids, "secrets", Secrets(chance)))
        stack.enter_context(patch.object(ids, "_last", 0))
        stack.enter_context(patch.object(breaker, "time", HeldTime))
        stack.enter_context(patch.object(transaction, "time", HeldTime))
        yield
