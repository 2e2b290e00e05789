"""Products on the wire, as staff see and edit them; how a whole one is sent is in `drafts`."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from shopwright.commerce.catalog.drafts import (
    Answer,
    Answers,
    Barcode,
    CategoryIds,
    Gallery,
    Grams,
    Html,
    Options,
    OptionValues,
    SeoText,
    SeoTitle,
    Sku,
    SlugText,
    Source,
    Tags,
    TaxClass,
    Title,
    Translations,
)
from shopwright.commerce.catalog.measures import Measure
from shopwright.commerce.catalog.models import Media, Option, Product, Status, Translation, Variant
from shopwright.commerce.catalog.wording import address
from shopwright.kit.counting import CountedQuery
from shopwright.kit.wire import In, Out


class OptionOut(Out, frozen=True, kw_only=True):
    name: str
    values: list[str]
    labels: dict[str, Any]

    @classmethod
    def of(cls, option: Option) -> "OptionOut":
        return cls(name=option.name, values=option.values, labels=option.labels)


class VariantOut(Out, frozen=True, kw_only=True):
    id: UUID
    sku: str
    barcode: str | None
    option_values: list[str]
    weight_grams: int
    tax_class: str
    requires_shipping: bool
    media_id: UUID | None
    archived_at: datetime | None
    measure: Measure | None

    @classmethod
    def of(cls, variant: Variant) -> "VariantOut":
        return cls(
            id=variant.id, sku=variant.sku, barcode=variant.barcode, option_values=variant.option_values,
            weight_grams=variant.weight_grams, tax_class=variant.tax_class,
            requires_shipping=variant.requires_shipping, media_id=variant.media_id, archived_at=variant.archived_at,
            measure=variant.measure,
        )  # fmt: skip


class MediaOut(Out, frozen=True, kw_only=True):
    """`source` is what was given, `url` where the picture is found."""

    id: UUID
    source: str
    url: str
    alt: str
    alts: dict[str, str]

    @classmethod
    def of(cls, media: Media) -> "MediaOut":
        url = address(media.source) or ""
        return cls(id=media.id, source=media.source, url=url, alt=media.alt, alts=media.alts)


class TranslationOut(Out, frozen=True, kw_only=True):
    title: str | None
    slug: str | None
    description: str | None
    seo_title: str | None
    seo_description: str | None

    @classmethod
    def of(cls, text: Translation) -> "TranslationOut":
        return cls(
            title=text.title, slug=text.slug, description=text.description, seo_title=text.seo_title,
            seo_description=text.seo_description,
        )  # fmt: skip


class ProductOut(Out, frozen=True, kw_only=True):
    """A product with all its parts, archived variants too. Its version covers the parts."""

    id: UUID
    external_reference: str | None
    status: Status
    title: str
    slug: str
    description: str
    seo_title: str
    seo_description: str
    brand_id: UUID | None
    product_type_id: UUID | None
    attributes: dict[str, Answer]
    tags: list[str]
    is_gift_card: bool
    category_ids: list[UUID]
    options: list[OptionOut]
    variants: list[VariantOut]
    media: list[MediaOut]
    translations: dict[str, TranslationOut]
    published_at: datetime | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, product: Product) -> "ProductOut":
        return cls(
            id=product.id, external_reference=product.external_reference, status=product.status,
            title=product.title, slug=product.slug, description=product.description, seo_title=product.seo_title,
            seo_description=product.seo_description, brand_id=product.brand_id,
            product_type_id=product.product_type_id, attributes=product.attributes, tags=product.tags,
            is_gift_card=product.is_gift_card,
            category_ids=[shelf.category_id for shelf in product.shelves],
            options=[OptionOut.of(option) for option in product.options],
            variants=[VariantOut.of(variant) for variant in product.variants],
            media=[MediaOut.of(media) for media in product.media],
            translations={text.locale: TranslationOut.of(text) for text in product.translations},
            published_at=product.published_at, archived_at=product.archived_at, created_at=product.created_at,
            updated_at=product.updated_at, version=product.version,
        )  # fmt: skip


class ProductRow(Out, frozen=True, kw_only=True):
    """A product in a list."""

    id: UUID
    status: Status
    title: str
    slug: str
    brand_id: UUID | None
    product_type_id: UUID | None
    updated_at: datetime

    @classmethod
    def of(cls, product: Product) -> "ProductRow":
        return cls(
            id=product.id, status=product.status, title=product.title, slug=product.slug, brand_id=product.brand_id,
            product_type_id=product.product_type_id, updated_at=product.updated_at,
        )  # fmt: skip


class ProductsQuery(CountedQuery, frozen=True, kw_only=True):
    status: Status | None = None
    q: Annotated[
        str,
        Meta(
            min_length=1, max_length=100,
            description="Part of the title, its beginning if fewer than three signs, or the beginning of a SKU",
        ),
    ] | None = None  # fmt: skip


class ChangeProduct(In, frozen=True, kw_only=True):
    """Lists and `attributes` are replaced as a whole."""

    title: Title | UnsetType = UNSET
    slug: SlugText | UnsetType = UNSET
    description: Html | UnsetType = UNSET
    seo_title: SeoTitle | UnsetType = UNSET
    seo_description: SeoText | UnsetType = UNSET
    brand_id: UUID | None | UnsetType = UNSET
    product_type_id: UUID | None | UnsetType = UNSET
    attributes: Answers | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    is_gift_card: bool | UnsetType = UNSET
    category_ids: CategoryIds | UnsetType = UNSET


class ChangeVariant(In, frozen=True, kw_only=True):
    option_values: OptionValues | UnsetType = UNSET
    sku: Sku | UnsetType = UNSET
    barcode: Barcode | None | UnsetType = UNSET
    weight_grams: Grams | UnsetType = UNSET
    tax_class: TaxClass | UnsetType = UNSET
    requires_shipping: bool | UnsetType = UNSET
    image: Source | None | UnsetType = UNSET
    measure: Measure | None | UnsetType = UNSET


class SetOptions(In, frozen=True, kw_only=True):
    options: Options


class SetMedia(In, frozen=True, kw_only=True):
    media: Gallery


class SetTranslations(In, frozen=True, kw_only=True):
    translations: Translations
