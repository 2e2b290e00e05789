"""The shop's own search, asked as a shopper asks it: understood, with its merchant's synonyms, by the engine that is in use."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from shopwright.commerce.storefront import queries as storefront
from shopwright.kit.transaction import reading
from shopwright.listeners.search import answering, engines
from shopwright.listeners.search.backend import EngineAway
from shopwright.listeners.search.curation import bodies, curated
from shopwright.listeners.search.golden.evaluation import Search
from shopwright.listeners.search.golden.frame import CODE
from shopwright.listeners.search.golden.synonyms import synonyms
from shopwright.listeners.search.golden.terms import LOCALES
from shopwright.listeners.search.schemas import Search as Wanted

#: Beside them nothing is curated, and nothing of it is saved.
NOBODY = UUID(int=0)


def engine() -> str:
    """The one that is judged, once it finds all that was written to it."""
    judged = engines.written()[-1]
    for locale in LOCALES:
        judged.refresh(locale)
    return judged.name


def search() -> Search:
    """Of the channel that `load-golden` makes. Raises `EngineAway` where another engine answers than the one that is judged."""
    curation = curated.compiled((NOBODY, each) for each in _synonyms())

    def found(query: str, locale: str, k: int) -> Sequence[str]:
        with reading():
            where = storefront.market(CODE, locale)
            wanted = Wanted(q=query, channel=CODE, locale=locale, limit=k)
            # What is counted beside a page, and marked in it, changes nothing in what is found.
            _, answered = answering.answer(wanted, where, 0, curation, is_bare=True)
        if answered.is_degraded:
            raise EngineAway("PostgreSQL answered in its place")
        return [str(hit.product_id) for hit in answered.found.hits]

    return found


def _synonyms() -> Iterator[bodies.Synonyms]:
    for each in synonyms():
        said, others = (each.words[:1], each.words[1:]) if each.is_one_way else (each.words, ())
        yield bodies.Synonyms(locale=each.locale, words=said, finds=others)
