"""Search in Elasticsearch, and in OpenSearch by the same code."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from elasticsearch import Elasticsearch
from msgspec.structs import replace

from shopwright.listeners.search import ladder
from shopwright.listeners.search.aliased import Unfilled
from shopwright.listeners.search.backend import (
    Ask,
    Capabilities,
    Document,
    EngineAway,
    FacetFound,
    Found,
    Gone,
    Level,
    Outcome,
    SuggestAsk,
    Suggestion,
    Written,
)
from shopwright.listeners.search.backends.elastic import (
    answers,
    asking,
    compounds,
    facets,
    matching,
    reading,
    storing,
    suggesting,
)
from shopwright.listeners.search.backends.elastic.answers import Answer
from shopwright.listeners.search.backends.elastic.bounds import bounded
from shopwright.listeners.search.backends.elastic.compounds import Known
from shopwright.listeners.search.backends.elastic.indices import Indices, Vocabulary, own_alias
from shopwright.listeners.search.backends.elastic.matching import Rung
from shopwright.listeners.search.backends.elastic.node import (
    BULK_SECONDS,
    PATIENT_SECONDS,
    READ_SECONDS,
    CompatNode,
    Node,
    client,
    refusal,
    spoken,
)
from shopwright.listeners.search.backends.elastic.spreads import Spreads

Body = dict[str, Any]


def no_words(_locale: str) -> Sequence[str]:
    return ()


def none_known(_locale: str, _words: Iterable[str]) -> set[str]:
    return set()


class Climbed(NamedTuple):
    """What a rung of the ladder found; `best` are its first hits of all, whatever page was asked for."""

    rung: Rung
    told: Answer
    best: Sequence[answers.Found]


class ElasticBackend:
    """`prefix` keeps shops apart that share a cluster. See `Indices` for `vocabulary`; `known` is asked in a search's read."""

    name = "elasticsearch"
    node: type[Node] = Node
    capabilities = Capabilities()

    def __init__(
        self, engine: Elasticsearch, prefix: str = "", vocabulary: Vocabulary = no_words, known: Known = none_known
    ) -> None:
        self.client = engine
        self.known = known
        self.patient = engine.options(request_timeout=PATIENT_SECONDS, max_retries=3)
        self.writer = engine.options(request_timeout=BULK_SECONDS, max_retries=3)
        self.spreads = Spreads()
        self.indices = Indices(self.patient, prefix, vocabulary)

    @classmethod
    def at(
        cls, url: str, prefix: str = "", vocabulary: Vocabulary = no_words, seconds: float = READ_SECONDS,
        known: Known = none_known,
    ) -> "ElasticBackend":  # fmt: skip
        """`seconds`: how long a search waits for its answer."""
        return cls(client(url, cls.node, seconds), prefix, vocabulary, known)

    def search(self, ask: Ask) -> Found:
        ask = bounded(ask)
        # How far to go is told by what matches; pins are found whatever they match.
        rung, told, best = self._climb(replace(ask, pins=()))
        level = reading.level(ask, best)
        if ask.pins:
            ((_, told, _),) = self._rungs(ask, [rung])
        return Found(
            level=level,
            hits=reading.hits(told),
            total=reading.total(told),
            dropped=reading.dropped(ask, best) if level is Level.PARTIAL else (),
            corrected=reading.corrected(ask, best) if level is Level.FUZZY else {},
            facets=self._facets(ask, rung, told),
        )

    def _climb(self, ask: Ask) -> Climbed:
        """The first rung that finds enough. The likely ones are asked at once; the costly ones only after too little."""
        likely = [matching.by_code(ask.code)] if ask.code is not None else []
        if ask.terms:
            likely.append(matching.by_words(ask))
        found = self._rungs(ask, likely or [matching.everything()])
        if ask.code is not None and (reading.total(found[0].told) or not ask.terms):
            return found[0]
        if not ask.terms or reading.total(found[-1].told) >= ladder.enough(ask):
            return found[-1]
        return self._climb_on(ask)

    def _climb_on(self, ask: Ask) -> Climbed:
        """The first two rungs at once, since the first one alone is seldom enough."""
        ask = bounded(replace(ask, terms=compounds.taken_apart(ask.terms, ask.locale, self.known)))
        needed = ladder.fewer(ask)
        rungs = [matching.by_some_words(ask, count) for count in needed]
        answer, *second = self._rungs(ask, [matching.nearly_by_words(ask), *rungs[:1]])
        for count, rung in zip(needed, rungs, strict=True):
            if not ladder.goes_on(ask, reading.total(answer.told), count):
                break
            answer = second.pop() if second else self._rungs(ask, [rung])[0]
        return answer

    def _rungs(self, ask: Ask, rungs: Sequence[Rung]) -> list[Climbed]:
        bodies = [asking.body(ask, rung) for rung in rungs]
        if ask.facets.price and (spread := self.spreads.known(ask)):
            for body in bodies:
                body["aggs"]["ranges"] = facets.price_ranges(ask, spread)
        begins = asking.begins_with_best(ask)
        bodies += [] if begins else [asking.best(ask, rung) for rung in rungs]
        told = self._ask(ask.locale, bodies)
        pages, best = told[: len(rungs)], told if begins else told[len(rungs) :]
        return [Climbed(rung, page, first.hits.hits) for rung, page, first in zip(rungs, pages, best, strict=True)]

    def _facets(self, ask: Ask, rung: Rung, told: Answer) -> tuple[FacetFound, ...]:
        if not facets.names(ask):
            return ()
        counted = told.aggregations
        spread = facets.spread(ask, counted)
        if spread is None:
            return facets.read(ask, counted, None)
        if facets.has_ranges(counted, spread):
            return facets.read(ask, counted, counted["ranges"])
        body = asking.counting(ask, rung) | {"aggs": {"ranges": facets.price_ranges(ask, spread)}}
        (second,) = self._ask(ask.locale, [body])
        self.spreads.learn(ask, spread)
        return facets.read(ask, counted, second.aggregations["ranges"])

    def _ask(self, locale: str, bodies: Sequence[Body]) -> list[Answer]:
        searches: list[Body] = []
        for body in bodies:
            searches += ({"allow_partial_search_results": False}, body)
        with spoken():
            told: Any = self.client.msearch(index=self.indices.alias(locale), searches=searches)
        found: list[Answer] = told.body.responses
        for each in found:
            if each.error is not None:
                raise refusal(each.status, each.error)
        return found

    def suggest(self, ask: SuggestAsk) -> list[Suggestion]:
        if not ask.words:
            return []
        (told,) = self._ask(ask.locale, [suggesting.body(ask)])
        return suggesting.read(told)

    def correct(self, ask: Ask) -> tuple[str, ...] | None:
        if not ask.terms:
            return None
        (told,) = self._ask(ask.locale, [suggesting.spellings(ask)])
        tried = suggesting.spelled(ask, told)
        if not tried:
            return None
        checked = self._ask(ask.locale, [suggesting.check(ask, words) for words in tried])
        return next((words for words, each in zip(tried, checked, strict=True) if reading.total(each)), None)

    def prepare(self, locales: Sequence[str]) -> dict[str, Unfilled]:
        with spoken():
            # Asked as impatiently as a search: nobody waits half a minute for an engine that does not say that it is there.
            missing = [each for each in locales if not self.client.indices.exists_alias(name=self.indices.alias(each))]
            return {locale: self.indices.prepare(locale) for locale in missing}

    def write(self, locale: str, documents: Sequence[Document], index: str | None = None) -> list[Outcome]:
        return self._store(locale, map(storing.stored, documents), index)

    def delete(self, locale: str, gone: Sequence[Gone], index: str | None = None) -> list[Outcome]:
        return self._store(locale, map(storing.tombstone, gone), index)

    def sweep(self, locale: str, before: int, most: int, index: str | None = None) -> int:
        with spoken():
            told = self.patient.delete_by_query(
                index=index or self.indices.alias(locale),
                query=storing.gone_before(before),
                max_docs=most,
                # What is written anew meanwhile stays.
                conflicts="proceed",
                # Else what is deleted is found, and deleted, again.
                refresh=True,
                # One that was kept beside may be dropped meanwhile.
                ignore_unavailable=True,
            )
        return int(told["deleted"])

    def _store(self, locale: str, sources: Iterable[Body], index: str | None) -> list[Outcome]:
        found: list[Outcome] = []
        for bulk in storing.bulks(sources):
            try:
                with spoken():
                    # Without an alias the engine would make an index of its own, with whatever fields it likes.
                    told = self.writer.bulk(
                        index=own_alias(index) if index else self.indices.alias(locale),
                        operations=storing.operations(bulk),
                        require_alias=True,
                    )
            except EngineAway as away:
                if not found:
                    raise
                found += [Outcome(UUID(each.product_id), Written.LATER, str(away)) for each in bulk]
            else:
                found += storing.outcomes(told["items"], is_in_use=index is None)
        return found

    def versions(self, locale: str, after: UUID | None, count: int, index: str | None = None) -> list[tuple[UUID, int]]:
        """Without a point in time: whoever asks goes on from the last id, and ids neither change nor come again."""
        body: Body = {
            "query": {"term": {"is_found": True}}, "sort": [{"product_id": "asc"}], "size": count, "_source": False,
            "docvalue_fields": ["product_id", "version"], "track_total_hits": False,
        }  # fmt: skip
        if after is not None:
            body["search_after"] = [str(after)]
        with spoken():
            told = self.patient.search(index=index or self.indices.alias(locale), **body)
        fields = [hit["fields"] for hit in told["hits"]["hits"]]
        return [(UUID(each["product_id"][0]), each["version"][0]) for each in fields]

    def refresh(self, locale: str, index: str | None = None) -> None:
        with spoken():
            self.patient.indices.refresh(index=index or self.indices.alias(locale))

    def create(self, locale: str) -> str:
        with spoken():
            return self.indices.create(locale)

    def used(self, locale: str) -> str | None:
        with spoken():
            return self.indices.used(locale)

    def beside(self, locale: str) -> list[str]:
        with spoken():
            return self.indices.beside(locale)

    def swap(self, locale: str, index: str) -> str | None:
        with spoken():
            return self.indices.swap(locale, index)

    def drop(self, index: str) -> None:
        with spoken():
            self.indices.drop(index)


class OpenSearchBackend(ElasticBackend):
    name = "opensearch"
    node = CompatNode
