"""The engine that the settings name."""

from collections.abc import Sequence

from sqlalchemy import text

from shopwright.kit.db import session
from shopwright.kit.transaction import reading
from shopwright.listeners.search.backend import SearchBackend
from shopwright.listeners.search.backends.postgres.writing import known_words
from shopwright.settings import Settings

_WORDS = text("SELECT word FROM search_words WHERE locale = :locale")


def chosen(settings: Settings, *, is_patient: bool = False) -> SearchBackend | None:
    """Not asked before the first search. None: PostgreSQL does it. `is_patient`: nobody waits, so a search may take long."""
    if not settings.elasticsearch_url and not settings.opensearch_url:
        return None
    # The client takes a fifth of a second to import, which a shop without an engine need not wait for.
    from shopwright.listeners.search.backends.elastic.adapter import ElasticBackend, OpenSearchBackend
    from shopwright.listeners.search.backends.elastic.node import PATIENT_SECONDS, READ_SECONDS

    seconds = PATIENT_SECONDS if is_patient else READ_SECONDS
    if settings.elasticsearch_url:
        return ElasticBackend.at(settings.elasticsearch_url, settings.search_prefix, vocabulary, seconds, known_words)
    return OpenSearchBackend.at(settings.opensearch_url, settings.search_prefix, vocabulary, seconds, known_words)


def vocabulary(locale: str) -> Sequence[str]:
    """The words that the catalogue is known to use."""
    with reading():
        return [*session.scalars(_WORDS, {"locale": locale})]
