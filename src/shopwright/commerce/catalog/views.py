"""What the rooms above get to see of the catalog: frozen, in one language, without prices and stock."""

from datetime import datetime
from uuid import UUID

import msgspec

from shopwright.commerce.catalog.measures import Measure


class Sellable(msgspec.Struct, frozen=True, kw_only=True):
    """A variant that may be sold now. `options` maps labels to values; `category_ids` includes all ancestors;
    `attributes` are spelled as facets are. These, categories and collections are empty where nobody asked."""

    variant_id: UUID
    product_id: UUID
    sku: str
    title: str
    variant_title: str
    options: dict[str, str]
    slug: str
    image_url: str | None
    weight_grams: int
    tax_class: str
    requires_shipping: bool
    brand_id: UUID | None
    category_ids: list[UUID]
    collection_ids: list[UUID]
    attributes: dict[str, str]
    is_gift_card: bool = False
    measure: Measure | None = None


class Crumb(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    slug: str
    title: str


class OptionValueView(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    label: str


class OptionView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    label: str
    values: list[OptionValueView]


class VariantView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    sku: str
    title: str
    barcode: str | None
    option_values: list[str]
    weight_grams: int
    requires_shipping: bool
    media_id: UUID | None
    measure: Measure | None


class MediaView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    url: str
    alt: str


class AttributeView(msgspec.Struct, frozen=True, kw_only=True):
    """`value` is as stored, `text` what to show (of a choice its label)."""

    code: str
    label: str
    kind: str
    value: str | bool | int | float
    text: str
    is_facetable: bool


class BrandView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    slug: str


class ProductView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on a product's page but price and stock. `slugs` has the slug in each locale that has its own."""

    id: UUID
    title: str
    slug: str
    slugs: dict[str, str]
    description: str
    seo_title: str
    seo_description: str
    brand: BrandView | None
    product_type: str | None
    tags: list[str]
    is_gift_card: bool
    options: list[OptionView]
    variants: list[VariantView]
    media: list[MediaView]
    attributes: list[AttributeView]
    breadcrumb: list[Crumb]
    published_at: datetime
    version: int


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A product in a list."""

    product_id: UUID
    title: str
    slug: str
    image_url: str | None
    image_alt: str
    brand: str | None


class CategoryNode(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    slug: str
    title: str
    children: list["CategoryNode"]


class CategoryView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    slug: str
    title: str
    description: str
    breadcrumb: list[Crumb]


class CollectionView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    slug: str
    title: str
    description: str


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute that shoppers may filter by. `choices` maps codes to labels, for a choice only."""

    code: str
    label: str
    kind: str
    choices: dict[str, str]
