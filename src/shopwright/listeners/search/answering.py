"""An engine's answer; of a query that can be read in two ways, to the reading that finds something."""

from msgspec.structs import replace

from shopwright.commerce.storefront.queries import Market
from shopwright.listeners.search import asking, engines
from shopwright.listeners.search.asking import Asked
from shopwright.listeners.search.backend import Ask, Facets, Found, Level
from shopwright.listeners.search.curation.curated import Curated
from shopwright.listeners.search.engines import Answered
from shopwright.listeners.search.schemas import Search

#: To who is led somewhere else.
_NOTHING = Answered(Found(level=Level.NONE, hits=(), total=0), is_degraded=False)
#: All words stand in a title, a brand, a category or attributes: something is called so.
_NAMED = (Level.CODE, Level.EXACT)


def answer(
    wanted: Search, where: Market, offset: int, curated: Curated, *, is_bare: bool = False
) -> tuple[Asked, Answered]:
    """If it `is_bare`, without facets and marks. Raises what `asking.asked` does."""

    def found(ask: Ask) -> Answered:
        return engines.search(replace(ask, facets=Facets(), has_highlights=False) if is_bare else ask)

    asked = asking.asked(wanted, where, offset, curated)
    if asked.steering.redirect is not None:
        return asked, _NOTHING
    if not asked.understood.is_guessed:
        return asked, found(asked.ask)
    literal = asking.asked(wanted, where, offset, curated, guesses=False)
    named = found(replace(literal.ask, may_drop_words=False))
    if named.found.level in _NAMED:
        return literal, named
    priced = found(asked.ask)
    return (asked, priced) if priced.found.total else (literal, found(literal.ask))
