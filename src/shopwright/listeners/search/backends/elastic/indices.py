"""Indexes by language: named for how they are made and when, and used through an alias."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from shopwright.kit import clock
from shopwright.listeners.search.aliased import Unfilled
from shopwright.listeners.search.backends.elastic.mapping import definition, fingerprint

Vocabulary = Callable[[str], Sequence[str]]


def own_alias(index: str) -> str:
    """What an index is written by while it is not in use: a write by an alias never makes an index that was dropped."""
    return f"{index}-own"


class Indices:
    """`vocabulary` answers with the catalogue's words in a language, for the compounds of those that have them."""

    def __init__(self, client: Elasticsearch, prefix: str, vocabulary: Vocabulary) -> None:
        self.client, self.prefix, self.vocabulary = client, prefix, vocabulary

    def alias(self, locale: str) -> str:
        return f"{self.prefix}products-{locale.lower()}"

    def prepare(self, locale: str) -> Unfilled:
        """Two that do so at once make the same index, since the first one's name holds no time."""
        name = f"{self.alias(locale)}-{fingerprint(locale)}-first"
        try:
            self._make(name, locale)
        except BadRequestError as fault:
            if fault.error != "resource_already_exists_exception":
                raise
            return Unfilled(name, is_new=False)
        return Unfilled(name, is_new=True)

    def create(self, locale: str) -> str:
        name = f"{self.alias(locale)}-{fingerprint(locale)}-{clock.now():%Y%m%d%H%M%S%f}"
        self._make(name, locale)
        return name

    def _make(self, name: str, locale: str) -> None:
        body = definition(locale, self.vocabulary(locale))
        self.client.indices.create(
            index=name, settings=body["settings"], mappings=body["mappings"], aliases={own_alias(name): {}}
        )

    def used(self, locale: str) -> str | None:
        """The index behind the alias."""
        try:
            found = self.client.indices.get_alias(name=self.alias(locale))
        except NotFoundError:
            return None
        return next(iter(found), None)

    def beside(self, locale: str) -> list[str]:
        alias = self.alias(locale)
        # `products-en-*` alone would match those of `en-gb` too.
        is_ours = re.compile(f"{re.escape(alias)}-[0-9a-f]{{8}}-(first|[0-9]+)")
        found = self.client.indices.get_alias(index=f"{alias}-*")
        return sorted(name for name, said in found.items() if is_ours.fullmatch(name) and alias not in said["aliases"])

    def swap(self, locale: str, index: str) -> str | None:
        """In one step, so that no question falls between."""
        alias, before = self.alias(locale), self.used(locale)
        actions: list[dict[str, Any]] = [{"add": {"index": index, "alias": alias, "is_write_index": True}}]
        if before is not None and before != index:
            actions.insert(0, {"remove": {"index": before, "alias": alias}})
            # Those of earlier versions have none yet.
            actions.append({"add": {"index": before, "alias": own_alias(before)}})
        self.client.indices.update_aliases(actions=actions)
        return before

    def drop(self, index: str) -> None:
        self.client.indices.delete(index=index, ignore_unavailable=True)
