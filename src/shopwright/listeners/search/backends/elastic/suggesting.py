"""What may be meant by the beginning of a word, and by a word that is misspelt."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shopwright.listeners.search.backend import Ask, SuggestAsk, Suggested, Suggestion
from shopwright.listeners.search.backends.elastic import asking, choosing
from shopwright.listeners.search.backends.elastic.answers import Answer
from shopwright.listeners.search.backends.elastic.choosing import Query

#: How many spellings are tried, the likeliest first.
MOST_SPELLINGS = 5


def body(ask: SuggestAsk) -> dict[str, Any]:
    """For products by the beginnings of their titles."""
    *whole, last = ask.words
    begun: list[Query] = [{"match": {"in_title.plain": {"query": word, "operator": "and"}}} for word in whole]
    begun.append({"match": {"in_title.beginnings": {"query": last, "operator": "and"}}})
    liked = {"function_score": {
        "query": {"bool": {"must": begun}}, "boost_mode": "multiply", "score_mode": "sum",
        "functions": [{"weight": 1}, {"weight": 0.3, "field_value_factor": {"field": "popular", "missing": 0}}],
    }}  # fmt: skip
    return {"query": _found(ask, liked), "size": ask.size, "_source": ["product_id", "title"],
            "sort": [{"_score": "desc"}, {"product_id": "asc"}]}  # fmt: skip


def _found(ask: SuggestAsk | Ask, query: Query) -> Query:
    offered = [{"term": {"is_found": True}}, {"term": {"channels": str(ask.channel_id)}}]
    return {"bool": {"filter": offered, "must": [query]}}


def read(told: Answer) -> list[Suggestion]:
    titled = [hit.source for hit in told.hits.hits]
    return [Suggestion(Suggested.PRODUCT, each["title"], UUID(each["product_id"])) for each in titled]


def spellings(ask: Ask) -> dict[str, Any]:
    """A body whose answer holds likely spellings of all the words together."""
    generator = {
        "field": "words", "suggest_mode": "always", "prefix_length": 1, "min_word_length": 4, "max_edits": 2,
    }  # fmt: skip
    phrase = {
        "field": "words.pairs", "gram_size": 2, "max_errors": 2, "confidence": 0.0, "size": MOST_SPELLINGS,
        "direct_generator": [generator], "analyzer": "plain",
    }  # fmt: skip
    text = " ".join(term.text for term in ask.terms)
    return {"size": 0, "suggest": {"text": text, "meant": {"phrase": phrase}}}


def spelled(ask: Ask, told: Answer) -> list[tuple[str, ...]]:
    said = tuple(word for term in ask.terms for word in term.words)
    options = told.suggest["meant"][0]["options"] if told.suggest["meant"] else []
    tried = [tuple(option["text"].split()) for option in options]
    return [words for words in tried if words != said]


def check(ask: Ask, words: Sequence[str]) -> dict[str, Any]:
    """Whether a search with these words would find something that has them all. In our own hands: the suggester's own check
    needs a template language that is no part of every node."""
    chosen = choosing.choices(ask)
    fitting = [*choosing.of_product(chosen), choosing.nested(choosing.of_variant(ask, chosen))]
    said: list[Query] = [{"match": {"words": word}} for word in words]
    every: Query = {"bool": {"filter": [*said, *fitting], "must_not": asking.unwanted(ask)}}
    return {"query": _found(ask, every), "size": 0, "track_total_hits": True}
