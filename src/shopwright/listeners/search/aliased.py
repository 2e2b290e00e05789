"""What an engine can besides: build an index beside the one in use, and change over at once."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from msgspec import Struct

from shopwright.listeners.search.backend import SearchBackend


class Unfilled(Struct, frozen=True):
    """An index that waits to be filled and used; `is_new` if it was made just now, so that nobody fills it yet."""

    index: str
    is_new: bool


@runtime_checkable
class AliasedBackend(SearchBackend, Protocol):
    """Any of these may raise `EngineAway`, too."""

    def prepare(self, locales: Sequence[str]) -> dict[str, Unfilled]:
        """For each of these that has no index in use, the one that is to be filled, made if it is not there."""

    def create(self, locale: str) -> str:
        """A new, empty index beside the one in use."""

    def used(self, locale: str) -> str | None:
        """The index in use, if there is one."""

    def beside(self, locale: str) -> list[str]:
        """All that were made for this language and are not in use."""

    def swap(self, locale: str, index: str) -> str | None:
        """Use this index from now on, at once; answers the one that was in use, which stays."""

    def drop(self, index: str) -> None:
        """Delete an index that is not in use."""
