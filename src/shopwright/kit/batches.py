"""Work in pieces of a bearable size. Python 3.12 has it as `itertools.batched`; this serves 3.11."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The items in their order, in tuples of `size`, the last one perhaps shorter."""
    source = iter(items)
    while piece := tuple(islice(source, size)):
        yield piece
