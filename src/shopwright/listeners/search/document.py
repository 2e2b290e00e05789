"""What an engine is given: a product in one language, with all that it is found, filtered and sorted by."""

from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from shopwright.listeners.search.words import stored


class Offer(Struct, frozen=True, kw_only=True):
    """One variant in one channel. Amounts are whole minor units, as shown to anybody."""

    channel_id: UUID
    variant_id: UUID
    #: Where it stands among the product's variants.
    position: int
    price: int
    compare_at: int | None
    in_stock: bool
    #: As shoppers filter by them: `{"color": "Blue"}`, by the option's name in lower case.
    options: dict[str, str]


class Signals(Struct, frozen=True, kw_only=True):
    """What the business would have stand higher, each from 0. `margin` is the share of the price that is left, 0 to 1;
    `popularity` counts units ordered in 30 days; `rating` is 0 as long as there are no reviews."""

    popularity: float = 0
    margin: float = 0
    stock: int = 0
    rating: float = 0


class Said(NamedTuple):
    """What a document says in its words as they are compared, between spaces."""

    title: str
    brand: str
    category: str
    attributes: str
    description: str


class Document(Struct, frozen=True, kw_only=True, dict=True):
    """A product in one language, with what it is offered for in each channel that speaks it.

    `category_paths` holds the ids from the root to each category that it lies in, joined with `>`; `category_ids` each of
    them once. `attributes` are those that shoppers may filter by, as they ask for them; `attribute_text` is all of them and
    the options in words. `codes` are normalised by `words.code`.
    """

    product_id: UUID
    version: int
    locale: str
    title: str
    brand_id: UUID | None
    brand: str
    category_paths: list[str]
    category_ids: list[UUID]
    category_text: str
    attributes: dict[str, list[str]]
    attribute_text: str
    description: str
    codes: list[str]
    published_at: datetime
    signals: Signals
    offers: list[Offer]

    @cached_property
    def said(self) -> Said:
        """The same for every engine, so it is found out once."""
        texts = self.title, self.brand, self.category_text, self.attribute_text, self.description
        return Said(*(stored(text, self.locale) for text in texts))


class Gone(Struct, frozen=True):
    """That a product is to be found no more. It is kept with its version, so that no late write brings it back."""

    product_id: UUID
    version: int
