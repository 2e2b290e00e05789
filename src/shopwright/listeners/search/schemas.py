from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shopwright.commerce.storefront.schemas import Channel, Facets, Locale, MinorUnits, ProductCard, Slug
from shopwright.kit.money import Money
from shopwright.kit.paging import PageQuery
from shopwright.kit.wire import In, Out
from shopwright.listeners.search.backend import Level, Suggested
from shopwright.listeners.search.models import SearchDeadLetter

Text = Annotated[str, Meta(max_length=500, examples=["blue mug under 20"])]
Slugs = Annotated[list[Slug], Meta(max_length=20, description="Slug of a brand. Repeated: any of them")]
Options = Annotated[
    list[Annotated[str, Meta(pattern="^[^:]{1,100}:.", max_length=400, examples=["color:Blue"])]],
    Meta(
        max_length=20, description="`name:value` of an option, the name in lower case. One variant must have them all"
    ),
]


class SearchSort(StrEnum):
    RELEVANCE = "relevance"
    CHEAPEST = "price"
    DEAREST = "-price"
    NEWEST = "newest"
    POPULAR = "popularity"
    TITLE = "title"
    RATING = "rating"


class Search(PageQuery, frozen=True, kw_only=True):
    q: Annotated[Text, Meta(description="What the shopper typed; empty for all that the filters leave")] = ""
    channel: Channel | None = None
    locale: Locale | None = None
    category: Annotated[Slug, Meta(description="Slug of a category; what lies below it is included")] | None = None
    brand: Slugs = []
    price_min: MinorUnits | None = None
    price_max: MinorUnits | None = None
    available: Annotated[bool, Meta(description="A variant that can be had now, or one that cannot")] | None = None
    attribute: Facets = []
    option: Options = []
    sort: Annotated[SearchSort, Meta(description="`rating` is refused as long as there are no reviews")] = (
        SearchSort.RELEVANCE
    )


class AskSuggestions(In, frozen=True, kw_only=True):
    q: Text
    channel: Channel | None = None
    locale: Locale | None = None
    limit: Annotated[int, Meta(ge=1, le=20)] = 8


class QueryView(Out, frozen=True, kw_only=True):
    """The query as it was understood. `level` is how the best hits were found; `dropped` are words that they do without,
    `corrected` words with what the best of them has in their place; `did_you_mean` finds something. Prices were said in words."""

    text: str
    level: Level
    dropped: list[str]
    corrected: dict[str, str]
    did_you_mean: str | None
    excluded: list[str]
    price_min: MinorUnits | None
    price_max: MinorUnits | None


class FittingVariant(Out, frozen=True, kw_only=True):
    """The variant that the filters fit: one that can be had before one that cannot, then the cheapest."""

    id: UUID
    sku: str
    title: str
    image_url: str | None
    price: Money
    compare_at_price: Money | None


class FoundProduct(ProductCard, frozen=True, kw_only=True):
    """A card, and the variant to show. `highlights` are safe HTML, in which `<mark>` stands around what matched."""

    variant: FittingVariant | None
    highlights: dict[str, str]


class FacetValue(Out, frozen=True, kw_only=True):
    """`value` is what to filter by: a slug, `true`, or the value itself. Only a category has something below it."""

    value: str
    label: str
    count: int
    is_selected: bool
    children: "list[FacetValue]" = []


class FacetRange(Out, frozen=True, kw_only=True):
    """Products whose cheapest fitting variant costs from `low` up to `high`, but not it."""

    low: MinorUnits
    high: MinorUnits | None
    count: int


class FacetView(Out, frozen=True, kw_only=True):
    """What could be chosen, counted with every other choice. `parameter` names the filter that it is chosen with."""

    name: str
    parameter: str
    label: str
    values: list[FacetValue]
    ranges: list[FacetRange]
    low: MinorUnits | None
    high: MinorUnits | None
    is_exact: bool


class BannerView(Out, frozen=True, kw_only=True):
    """Plain text, to be escaped."""

    text: str
    url: str | None


class SearchResult(Out, frozen=True, kw_only=True):
    """`search_id` names this answer: clicks and orders are told with it. `degraded`: by PostgreSQL in the engine's place.

    `rules` are those of the merchant's that acted. Where one says `redirect`, lead the shopper there: nothing was searched.
    """

    search_id: UUID
    query: QueryView
    items: list[FoundProduct]
    next_cursor: str | None
    total: int
    is_total_exact: bool
    facets: list[FacetView]
    degraded: bool
    rules: list[UUID]
    redirect: str | None
    banners: list[BannerView]


class SuggestionView(Out, frozen=True, kw_only=True):
    """`slug` leads to the product, category or brand; a query has none: search for its `text`."""

    kind: Suggested
    text: str
    slug: str | None


class Suggestions(Out, frozen=True, kw_only=True):
    items: list[SuggestionView]


class DeadLetterOut(Out, frozen=True, kw_only=True):
    """`locale` is missing where the product could not be indexed in any language; `at` is when it was refused last."""

    product_id: UUID
    locale: str | None
    reason: str
    at: datetime

    @classmethod
    def of(cls, letter: SearchDeadLetter) -> "DeadLetterOut":
        return cls(product_id=letter.product_id, locale=letter.locale or None, reason=letter.reason, at=letter.at)
