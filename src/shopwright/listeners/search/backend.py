"""The port: what the shop asks of a search engine, and what it is told. Every engine is an adapter of this, and nothing else.

An engine answers with ids; what shoppers see of a product is read from the shop's own tables.
"""

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from shopwright.listeners.search.document import Document as Document
from shopwright.listeners.search.document import Gone as Gone
from shopwright.listeners.search.document import Offer as Offer
from shopwright.listeners.search.document import Signals as Signals
from shopwright.listeners.search.errors import EngineAway as EngineAway

#: Around what matched in a highlighted text. They are in no text of a product, so they can be told from its own markup.
MARK, UNMARK = "\ue000", "\ue001"
#: How much signals add at most, and how many times boosts multiply.
MOST, MOST_BOOST = 0.3, 10.0


class Level(StrEnum):
    """How a hit was found, the best first: business signals reorder within a level only."""

    CODE = "code"
    EXACT = "exact"
    STEMMED = "stemmed"
    SYNONYMS = "synonyms"
    FUZZY = "fuzzy"
    PARTIAL = "partial"
    #: Nothing was asked in words: the filters alone decide.
    EVERYTHING = "everything"
    NONE = "none"


class Order(StrEnum):
    RELEVANCE = "relevance"
    CHEAPEST = "price"
    DEAREST = "-price"
    NEWEST = "newest"
    POPULAR = "popularity"
    TITLE = "title"


class Tier(IntEnum):
    """`Level` as a number that rises as hits get worse."""

    CODE = 0
    EXACT = 1
    STEMMED = 2
    SYNONYMS = 3
    FUZZY = 4
    PARTIAL = 5
    EVERYTHING = 6


class Term(Struct, frozen=True):
    """A word of the query, or several that belong together; `alternatives` mean the same, each in one or several words."""

    words: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        return " ".join(self.words)


class Chosen(Struct, frozen=True):
    """Any of the values of one attribute or option."""

    code: str
    values: tuple[str, ...]


class Filters(Struct, frozen=True, kw_only=True):
    """All must hold. What is said of price, availability and options must hold of one and the same variant."""

    category_id: UUID | None = None
    brand_ids: tuple[UUID, ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    is_available: bool | None = None
    attributes: tuple[Chosen, ...] = ()
    options: tuple[Chosen, ...] = ()


class Boost(Struct, frozen=True, kw_only=True):
    """Hits of this brand, category or these products score so many times as much within their tier; `MOST_BOOST` in all."""

    factor: float
    brand_id: UUID | None = None
    category_id: UUID | None = None
    product_ids: tuple[UUID, ...] = ()


class Weights(Struct, frozen=True, kw_only=True):
    """How much each signal counts, as a share of a hit's text score. Together they move it by `MOST` at most."""

    popularity: float = 0.15
    margin: float = 0.03
    newness: float = 0.05
    stock: float = 0.07


class Facets(Struct, frozen=True, kw_only=True):
    """What is to be counted. `attributes` and `options` are codes."""

    category: bool = False
    brand: bool = False
    price: bool = False
    available: bool = False
    attributes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


class Ask(Struct, frozen=True, kw_only=True):
    """A query as understood. Without `terms` and `code` the filters alone decide.

    `code` is an article's number as `words.code` spells it: tried before the words, which are tried if no product has it.
    `pins` stand first in this order, whatever they match, as long as the filters hold for them; `hides` are never found.
    """

    channel_id: UUID
    locale: str
    terms: tuple[Term, ...] = ()
    #: What a hit must not have in its title, brand, categories and attributes.
    excluded: tuple[Term, ...] = ()
    code: str | None = None
    filters: Filters = Filters()
    facets: Facets = Facets()
    order: Order = Order.RELEVANCE
    offset: int = 0
    size: int = 24
    weights: Weights = Weights()
    pins: tuple[UUID, ...] = ()
    hides: tuple[UUID, ...] = ()
    boosts: tuple[Boost, ...] = ()
    #: The end of the ladder: without it a query whose words no product has all of finds nothing.
    may_drop_words: bool = True
    #: Whether to mark what matched, which costs an engine more than to find it.
    has_highlights: bool = True


class Hit(Struct, frozen=True, kw_only=True):
    """`variant_id` is the one that the filters fit and that is shown: one that can be had before one that cannot, then the
    cheapest. `highlights` by field (`title`): the whole text as it is in the document, what matched between `MARK` and
    `UNMARK`; it is not escaped."""

    product_id: UUID
    variant_id: UUID | None
    score: float
    tier: Tier
    highlights: dict[str, str] = {}


class FacetCount(Struct, frozen=True):
    """`value` is an id for categories and brands, `true` or `false` for availability."""

    value: str
    count: int


class PriceRange(Struct, frozen=True):
    """From `low`, and up to `high`, but not it; the last one is open."""

    low: int
    high: int | None
    count: int


class FacetFound(Struct, frozen=True, kw_only=True):
    """`name` is `category`, `brand`, `price`, `available`, `attribute:code` or `option:code`.

    Counted with every other selection, but not with its own. Of prices `low` and `high` say where they lie; a product
    counts in the range of its cheapest variant that fits, so the ranges' sum is the number of products.
    """

    name: str
    counts: tuple[FacetCount, ...] = ()
    ranges: tuple[PriceRange, ...] = ()
    low: int | None = None
    high: int | None = None
    is_exact: bool = True


class Found(Struct, frozen=True, kw_only=True):
    """`dropped` are the words that a partial answer does without; `corrected` maps words to those that the best hit, pins left
    aside, has in their place."""

    level: Level
    hits: tuple[Hit, ...]
    total: int
    is_exact: bool = True
    dropped: tuple[str, ...] = ()
    corrected: dict[str, str] = {}
    facets: tuple[FacetFound, ...] = ()


class Suggested(StrEnum):
    #: What others searched for.
    QUERY = "query"
    PRODUCT = "product"
    BRAND = "brand"
    CATEGORY = "category"


class Suggestion(Struct, frozen=True):
    """What may be meant; `id` of a product, brand or category."""

    kind: Suggested
    text: str
    id: UUID | None = None


class SuggestAsk(Struct, frozen=True, kw_only=True):
    """The words typed so far, folded; the last may be the beginning of one."""

    channel_id: UUID
    locale: str
    words: tuple[str, ...]
    size: int = 8


class Written(StrEnum):
    """`STALE`: a newer version was there already, which is as good. `REFUSED`: this document cannot be stored as it is.
    `DROPPED`: the named index is not there any more."""

    DONE = "done"
    STALE = "stale"
    REFUSED = "refused"
    DROPPED = "dropped"
    #: Not now: too busy, or away. Try again later.
    LATER = "later"


class Outcome(Struct, frozen=True):
    product_id: UUID
    written: Written
    reason: str = ""


class Capabilities(Struct, frozen=True, kw_only=True):
    """Where engines differ, so that the contract's tests and the rooms above can ask instead of knowing names."""

    #: Written in the transaction of who writes, so it is found with its commit and `refresh` does nothing.
    is_transactional: bool = False
    #: Up to how many matches totals and counts are exact; None is always.
    exact_up_to: int | None = None


class SearchBackend(Protocol):
    """All but `search` and `suggest` are called by the worker and the command line. Any of them may raise `EngineAway`."""

    name: str
    capabilities: Capabilities

    def search(self, ask: Ask) -> Found: ...

    def suggest(self, ask: SuggestAsk) -> list[Suggestion]:
        """Products; categories and brands are the catalog's to name."""

    def correct(self, ask: Ask) -> tuple[str, ...] | None:
        """The words that may have been meant instead, if something of this channel is found by all of them."""

    def write(self, locale: str, documents: Sequence[Document], index: str | None = None) -> list[Outcome]:
        """Store these, each whole, into the index in use or the named one; never an older version over a newer one."""

    def delete(self, locale: str, gone: Sequence[Gone], index: str | None = None) -> list[Outcome]:
        """As `write`, that these are found no more."""

    def sweep(self, locale: str, before: int, most: int, index: str | None = None) -> int:
        """Forget of so many at most that they are gone, if their version is lower than `before`; answers of how many. Fewer
        than `most`: there are no more."""

    def versions(self, locale: str, after: UUID | None, count: int, index: str | None = None) -> list[tuple[UUID, int]]:
        """So many products that can be found in the index in use or the named one, by the order of their ids."""

    def refresh(self, locale: str, index: str | None = None) -> None:
        """Return once all that was written is found."""
