"""What a merchant has search do beside what the texts say, as data: synonyms, rules and weights. It acts on queries and
changes no index."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, cast
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from shopwright.kit.locale import LocaleTag
from shopwright.listeners.search.curation.errors import CurationIllegible

LONGEST_TEXT = 100
Phrase = Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT, examples=["hair dryer"])]
Url = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"^(/[^/\\]|/$|https://)", examples=["/sale"])]
Moment = Annotated[datetime, Meta(tz=True)]
Share = Annotated[float, Meta(ge=0, le=0.3)]
Products = Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=50)]


class _Tagged(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    pass


class Synonyms(_Tagged, frozen=True, kw_only=True, tag="synonyms"):
    """All of `words` mean the same; or, where there is `finds`, who says one of `words` is also shown what has one of
    those, and not the other way round. Each may be several words."""

    locale: LocaleTag
    words: Annotated[tuple[Phrase, ...], Meta(min_length=1, max_length=50)]
    finds: Annotated[tuple[Phrase, ...], Meta(max_length=50)] = ()


class Match(StrEnum):
    EXACT = "exact"
    """The query is these words and no others, in any order."""
    CONTAINS = "contains"
    """The query has all of these words."""


class When(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a rule acts: all that is said must hold. `query` may be left out where there is a `category_id`, which is the
    category that is looked at, not one that products lie in."""

    query: Phrase | None = None
    match: Match = Match.EXACT
    category_id: UUID | None = None
    channel_id: UUID | None = None
    locale: LocaleTag | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class Pin(_Tagged, frozen=True, kw_only=True, tag="pin"):
    """These stand first, in this order, whatever they match, as long as the shopper's filters hold for them."""

    product_ids: Products


class Hide(_Tagged, frozen=True, kw_only=True, tag="hide"):
    product_ids: Products


class Boost(_Tagged, frozen=True, kw_only=True, tag="boost"):
    """These score so many times as much, or less than 1 to bury them: among what matches as well as they do."""

    factor: Annotated[float, Meta(gt=0, le=10)]
    brand_id: UUID | None = None
    category_id: UUID | None = None
    product_ids: Annotated[tuple[UUID, ...], Meta(max_length=50)] = ()


class Filter(_Tagged, frozen=True, kw_only=True, tag="filter"):
    """Only these are found."""

    brand_id: UUID | None = None
    category_id: UUID | None = None


class Redirect(_Tagged, frozen=True, kw_only=True, tag="redirect"):
    """The storefront leads there instead of showing a list."""

    url: Url


class Banner(_Tagged, frozen=True, kw_only=True, tag="banner"):
    """Shown above the list: plain text, which the storefront escapes."""

    text: Annotated[str, Meta(min_length=1, max_length=500)]
    url: Url | None = None


class Replace(_Tagged, frozen=True, kw_only=True, tag="replace"):
    """Something else is searched for."""

    query: Phrase


Action = Pin | Hide | Boost | Filter | Redirect | Banner | Replace


class Rule(_Tagged, frozen=True, kw_only=True, tag="rule"):
    """Its query is met in the other number, too: `shoe` by "shoes"; but not where another rule is met by the same words as they
    are written. Of several that act, those met as they are written come first, and among these the one with the lower
    priority: its pins, its redirect, its replacement."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    when: When
    actions: Annotated[tuple[Action, ...], Meta(min_length=1, max_length=10)]
    priority: Annotated[int, Meta(ge=0, le=1000)] = 100
    is_active: bool = True


class Weighting(_Tagged, frozen=True, kw_only=True, tag="weights"):
    """How much each signal counts in a channel, as a share of how well a text matches; together 0.3 at most. What is not
    said counts for nothing."""

    channel_id: UUID
    popularity: Share = 0
    margin: Share = 0
    newness: Share = 0
    stock: Share = 0


Body = Synonyms | Rule | Weighting


class Kind(StrEnum):
    SYNONYMS = "synonyms"
    RULE = "rule"
    WEIGHTS = "weights"


KIND_OF: dict[type[Body], Kind] = {Synonyms: Kind.SYNONYMS, Rule: Kind.RULE, Weighting: Kind.WEIGHTS}


def read(plain: object) -> Body:
    """What was stored of one. Raises `CurationIllegible`."""
    try:
        return cast(Body, msgspec.convert(plain, Body))
    except msgspec.ValidationError as fault:
        raise CurationIllegible() from fault
