"""What an engine answers to searches, as far as anybody looks at it: the rest is passed over unread."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct, field


class Total(Struct):
    value: int


class VariantFields(Struct):
    variant_id: list[UUID] = field(name="offers.variant_id")


class VariantFound(Struct):
    fields: VariantFields


class VariantHits(Struct):
    hits: list[VariantFound]


class Shown(Struct):
    hits: VariantHits


class Inside(Struct):
    shown: Shown


class Fields(Struct):
    product_id: list[UUID]


class Highlight(Struct):
    title: list[str] = []


class Found(Struct):
    """What was not asked for is empty."""

    score: float | None = field(name="_score", default=None)
    matched_queries: list[str] = []
    source: dict[str, str] = field(name="_source", default_factory=dict)
    fields: Fields | None = None
    inner_hits: Inside | None = None
    highlight: Highlight | None = None


class Hits(Struct):
    total: Total | None = None
    hits: list[Found] = []


class Answer(Struct):
    """To one of the searches: hits, counts and spellings, or why there are none."""

    hits: Hits = field(default_factory=Hits)
    aggregations: dict[str, Any] = {}
    suggest: dict[str, Any] = {}
    status: int = 200
    error: dict[str, Any] | None = None


class Answers(Struct):
    responses: list[Answer]


decoder = msgspec.json.Decoder(Answers)
