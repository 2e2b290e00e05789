"""What an index is: its settings and fields. Strict, so that nothing is stored that nobody thought of."""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from shopwright.listeners.search.backends.elastic.languages import SHORTEST_PART, analysis, language
from shopwright.listeners.search.splitting import COMPOUNDING

#: An engine holds them in memory. The shortest are taken, since compounds are made of them.
MOST_WORDS = 20_000
LONGEST_PART = 15
#: `offset + size` beyond which an engine does not go.
DEEPEST = 10_000
#: What is copied into `words`.
SAID = ["in_title", "in_brand", "in_category", "in_attributes"]
KEYWORD, LONG, DOUBLE, BOOLEAN = {"type": "keyword"}, {"type": "long"}, {"type": "double"}, {"type": "boolean"}


def definition(locale: str, vocabulary: Iterable[str] = ()) -> dict[str, Any]:
    """The body that an index of this language is created with."""
    own = sorted(
        {word for word in vocabulary if SHORTEST_PART <= len(word) <= LONGEST_PART and word.isalpha()}
        if language(locale) in COMPOUNDING
        else (),
        key=lambda word: (len(word), word),
    )
    return {
        "settings": {
            # One shard is exact, and enough for millions of products.
            "number_of_shards": 1,
            # A copy as soon as there is a second node to hold it.
            "auto_expand_replicas": "0-1",
            "refresh_interval": "1s",
            # When all prices change at once, what is replaced need not be cleared away at once.
            "index.merge.policy.deletes_pct_allowed": 33,
            # How long a deleted document's version is remembered. Tombstones are kept for longer.
            "index.gc_deletes": "1h",
            "index.max_result_window": DEEPEST,
            # How long a title is matters less than how long a text is.
            "similarity": {"titles": {"type": "BM25", "k1": 0.4, "b": 0.35}},
            "analysis": analysis(locale, own[:MOST_WORDS]),
        },
        "mappings": {"dynamic": "strict", "properties": _fields()},
    }


def fingerprint(locale: str) -> str:
    """Tells indexes apart that are made otherwise; the catalogue's words are not part of it."""
    return hashlib.sha256(msgspec.json.encode(definition(locale), order="sorted")).hexdigest()[:8]


def _fields() -> dict[str, Any]:
    return {
        "product_id": KEYWORD, "version": LONG, "is_found": BOOLEAN, "channels": KEYWORD,
        # With its words' places, so that what matched is marked without analysing each title again.
        "title": {"type": "text", "analyzer": "shown", "term_vector": "with_positions_offsets"}, "title_key": KEYWORD,
        "in_title": _words("words", "all", similarity="titles") | {"fields": {
            "plain": {"type": "text", "analyzer": "plain", "similarity": "titles"},
            "beginnings": {"type": "text", "analyzer": "beginnings", "search_analyzer": "plain"},
        }},
        "in_brand": _words("words", "all"),
        "in_category": _words("words", "all"),
        "in_attributes": _words("words", "all"),
        "in_description": _words("all"),
        # What is said anywhere but in the description, as it is spelled; and all that is said, stemmed.
        "words": {"type": "text", "analyzer": "plain", "fields": {
            "pairs": {"type": "text", "analyzer": "pairs"}, "joined": {"type": "text", "analyzer": "joined"},
            "stemmed": {"type": "text", "analyzer": "stored", "search_analyzer": "asked"},
        }},
        "all": {"type": "text", "analyzer": "stored", "search_analyzer": "asked"},
        "brand_id": KEYWORD,
        # Id and name in one, so that the names of brands can be counted.
        "brand": KEYWORD,
        "category_ids": KEYWORD,
        # `code:value` of each: one field for any number of attributes.
        "facets": KEYWORD,
        "codes": KEYWORD,
        "published_at": {"type": "date"}, "popularity": DOUBLE,
        # From 0 to 1, so that weights say what they mean.
        "popular": DOUBLE, "margin": DOUBLE,
        "offers": {"type": "nested", "properties": {
            "channel_id": KEYWORD, "variant_id": KEYWORD, "position": {"type": "integer"}, "price": LONG,
            "in_stock": BOOLEAN, "options": KEYWORD,
        }},
    }  # fmt: skip


def _words(*also_in: str, **more: str) -> dict[str, Any]:
    return {"type": "text", "analyzer": "stored", "search_analyzer": "asked", "copy_to": list(also_in), **more}
