"""The synonyms of the golden catalog as its merchant would enter them, who has never seen the queries."""

from collections.abc import Iterator
from dataclasses import dataclass

from shopwright.listeners.search.golden import terms


@dataclass(frozen=True)
class Synonym:
    """Each of `words` finds what any other finds; one way, only the first finds what the others find."""

    locale: str
    is_one_way: bool
    words: tuple[str, ...]


def synonyms() -> Iterator[Synonym]:
    for row in terms.rows("synonyms.csv"):
        yield Synonym(row["locale"], row["way"] == "one", tuple(row["words"].split("|")))
