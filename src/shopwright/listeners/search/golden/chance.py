"""Draws that are the same on every machine and in every Python: of `random` only the stream of `random()` is promised to be."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    def __init__(self, seed: str) -> None:
        self._stream = random.Random(seed).random  # noqa: S311  Nothing is kept secret by it.

    def happens(self, percent: int) -> bool:
        return self.below(100) < percent

    def below(self, limit: int) -> int:
        return int(self._stream() * limit)

    def between(self, least: int, most: int) -> int:
        return least + self.below(most - least + 1)

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """Different ones, in the order in which they were drawn; all of them if there are fewer."""
        left = [*choices]
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]
