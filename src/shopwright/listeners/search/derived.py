"""What is said of a thing by a verb here and by an adjective there: a table `zum Ausziehen` is `ausziehbar`."""

import re
from collections.abc import Iterator

#: Before the ending, in whatever form it is said. Shorter ones have no adjective of this kind: `eben`.
_ADJECTIVE = re.compile(r"(\w{4,})bar(?:e[mnrs]?)?")
_VERB = re.compile(r"(\w{4,})en")


def others(word: str, locale: str) -> Iterator[str]:
    """The verb of a folded adjective, the adjective of a verb. Not all are words; those that are not occur nowhere."""
    if locale.partition("-")[0] != "de":
        return
    if adjective := _ADJECTIVE.fullmatch(word):
        yield f"{adjective[1]}en"
    elif verb := _VERB.fullmatch(word):
        yield f"{verb[1]}bar"
