from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shopwright.commerce.catalog.measures import Measure
from shopwright.commerce.catalog.views import AttributeView, BrandView, CollectionView, Crumb, MediaView, OptionView
from shopwright.commerce.channels.schemas import ChannelCode
from shopwright.commerce.pricing.unit_prices import UnitPrice
from shopwright.kit.locale import LocaleTag
from shopwright.kit.money import Money
from shopwright.kit.paging import Page, PageQuery
from shopwright.kit.wire import In, Out

Channel = Annotated[ChannelCode, Meta(description="Code of the sales channel; by default the first one")]
Locale = Annotated[LocaleTag, Meta(description="Language of the texts; by default the channel's first one")]
Slug = Annotated[str, Meta(min_length=1, max_length=200, examples=["mugs"])]
MinorUnits = Annotated[int, Meta(ge=0, le=2**53 - 1, description="Whole minor units of the channel's currency")]
Facet = Annotated[str, Meta(pattern="^[^:]{1,100}:.", max_length=400, examples=["color:blue"])]
Facets = Annotated[
    list[Facet],
    Meta(
        max_length=20,
        description="`code:value` of a facetable attribute. Repeated: any value of one code, and all codes.",
    ),
]


class Sort(StrEnum):
    NEWEST = "newest"
    CHEAPEST = "price"
    DEAREST = "-price"
    TITLE = "title"


class WhichMarket(In, frozen=True, kw_only=True):
    channel: Channel | None = None
    locale: Locale | None = None


class ListCollections(PageQuery, frozen=True, kw_only=True):
    channel: Channel | None = None
    locale: Locale | None = None


class ListProducts(PageQuery, frozen=True, kw_only=True):
    channel: Channel | None = None
    locale: Locale | None = None
    category: Annotated[Slug, Meta(description="Slug of a category; what lies below it is included")] | None = None
    collection: Annotated[Slug, Meta(description="Slug of a collection")] | None = None
    brand: Annotated[Slug, Meta(description="Slug of a brand")] | None = None
    price_min: MinorUnits | None = None
    price_max: MinorUnits | None = None
    available: Annotated[bool, Meta(description="Only what can be had now, or only what cannot")] | None = None
    attribute: Facets = []
    sort: Sort | None = None


class Reduction(Out, frozen=True, kw_only=True):
    """An announced reduction (Directive 98/6/EC, Art. 6a): the lowest price of the 30 days before it began, and how much
    less is asked now, in whole percent rounded down; 0 where that is nothing."""

    lowest_30_days: Money
    percent: int

    @classmethod
    def of(cls, price: Money, lowest: Money | None) -> "Reduction | None":
        """None where nothing is known of the time before."""
        if lowest is None:
            return None
        return cls(lowest_30_days=lowest, percent=max(0, 100 * (lowest - price).amount // max(1, lowest.amount)))


class ProductCard(Out, frozen=True, kw_only=True):
    """A product in a list. `price` is that of its cheapest variant, as is what it is compared with."""

    id: UUID
    slug: str
    title: str
    brand: str | None
    image_url: str | None
    image_alt: str
    price: Money
    compare_at_price: Money | None
    reduction: Reduction | None
    highest_price: Money
    is_available: bool


class VariantOffer(Out, frozen=True, kw_only=True):
    """`price` is of one piece, `unit_price` of a kilogram, litre, … of what has a measure."""

    id: UUID
    sku: str
    title: str
    barcode: str | None
    option_values: list[str]
    weight_grams: int
    requires_shipping: bool
    media_id: UUID | None
    measure: Measure | None
    price: Money
    compare_at_price: Money | None
    reduction: Reduction | None
    unit_price: UnitPrice | None
    is_available: bool


class ProductPage(Out, frozen=True, kw_only=True):
    """`slugs` has the slug in each language that has its own; `price` is that of the cheapest variant."""

    id: UUID
    slug: str
    slugs: dict[str, str]
    channel: str
    locale: str
    title: str
    description: str
    seo_title: str
    seo_description: str
    brand: BrandView | None
    product_type: str | None
    tags: list[str]
    is_gift_card: bool
    options: list[OptionView]
    variants: list[VariantOffer]
    media: list[MediaView]
    attributes: list[AttributeView]
    breadcrumb: list[Crumb]
    price: Money
    compare_at_price: Money | None
    reduction: Reduction | None
    highest_price: Money
    is_available: bool
    published_at: datetime
    version: int


class CategoryBranch(Out, frozen=True, kw_only=True):
    """A category with all that lies below it; `product_count` counts the products of both."""

    id: UUID
    slug: str
    title: str
    product_count: int
    children: list["CategoryBranch"]


class CategoryTree(Out, frozen=True, kw_only=True):
    items: list[CategoryBranch]


ProductList = Page[ProductCard]
CollectionList = Page[CollectionView]
