"""What is sold: a product, its options, variants, pictures and texts. One version covers all of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, attributes, relationship

from shopwright.commerce.catalog.measures import KINDS, BaseMeasure, Measure, Unit
from shopwright.commerce.catalog.taxonomy import Brand, ProductType
from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.privacy import business, public

MAX_OPTIONS = 3
MAX_VARIANTS = 250


_ALIKE = ["('" + "', '".join(kind) + "')" for kind in KINDS]
#: A litre cannot be told per kilogram.
SAME_KIND = " OR ".join(f"measure_unit IN {units} AND base_measure_unit IN {units}" for units in _ALIKE)


class Status(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Product(Base):
    """Its own texts are those of the shop's first language; `translations` lay others over them."""

    __tablename__ = "products"
    __table_args__ = (
        Index("ix_products_tags", "tags", postgresql_using="gin"),
        # What staff look for, in the order of their lists.
        Index("ix_products_drafts", "id", postgresql_where=text("published_at IS NULL AND archived_at IS NULL")),
        Index("ix_products_published", "id", postgresql_where=text("published_at IS NOT NULL AND archived_at IS NULL")),
        Index("ix_products_archived", "id", postgresql_where=text("archived_at IS NOT NULL")),
        Index("ix_products_title_parts", "title", postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}),
    )

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    # Where an import found it ("shopify:clay-plant-pot"), so that the next import knows it again.
    external_reference: Mapped[str | None] = business(String(300), unique=True)
    title: Mapped[str] = public(String(200))
    slug: Mapped[str] = public(String(200), unique=True)
    description: Mapped[str] = public(Text, default="")
    seo_title: Mapped[str] = public(String(200), default="")
    seo_description: Mapped[str] = public(String(500), default="")
    brand_id: Mapped[UUID | None] = public(ForeignKey("brands.id"), index=True)
    product_type_id: Mapped[UUID | None] = public(ForeignKey("product_types.id"), index=True)
    attributes: Mapped[dict[str, Any]] = public(JSONB, default=dict)
    tags: Mapped[list[str]] = public(ARRAY(String(60)), default=list)
    # Then its price is what the card is worth; it bears no tax and is not shipped, whatever its variants say.
    is_gift_card: Mapped[bool] = public(server_default="false", default=False)
    published_at: Mapped[datetime | None] = public()
    archived_at: Mapped[datetime | None] = business()
    created_at: Mapped[datetime] = business(default=clock.now)
    updated_at: Mapped[datetime] = business(default=clock.now)
    version: Mapped[int] = public()

    __mapper_args__ = {"version_id_col": version}

    brand: Mapped[Brand | None] = relationship(lazy="raise")
    product_type: Mapped[ProductType | None] = relationship(lazy="raise")
    options: Mapped[list["Option"]] = relationship(
        lazy="raise", order_by="Option.position", cascade="all, delete-orphan"
    )
    variants: Mapped[list["Variant"]] = relationship(
        lazy="raise", order_by="Variant.position", cascade="all, delete-orphan"
    )
    media: Mapped[list["Media"]] = relationship(lazy="raise", order_by="Media.position", cascade="all, delete-orphan")
    translations: Mapped[list["Translation"]] = relationship(
        lazy="raise", order_by="Translation.locale", cascade="all, delete-orphan"
    )
    shelves: Mapped[list["ProductCategory"]] = relationship(
        lazy="raise", order_by="ProductCategory.position", cascade="all, delete-orphan"
    )

    @property
    def status(self) -> Status:
        if self.archived_at:
            return Status.ARCHIVED
        return Status.PUBLISHED if self.published_at else Status.DRAFT

    @property
    def variants_on_offer(self) -> list["Variant"]:
        return [variant for variant in self.variants if variant.archived_at is None]

    def touch(self) -> None:
        """Make the version go up with the next flush: something of the product or of its parts was changed."""
        self.updated_at = clock.now()
        # Said aloud, since under a clock that stands still the value would be the same.
        attributes.flag_modified(self, "updated_at")


class Option(Base):
    """What a buyer chooses by (Size) and from (S, M, L). `labels`: by locale, `{"name": …, "values": {value: …}}`."""

    __tablename__ = "product_options"
    __table_args__ = (CheckConstraint(f"position BETWEEN 0 AND {MAX_OPTIONS - 1}", name="few"),)

    product_id: Mapped[UUID] = public(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = public(primary_key=True)
    name: Mapped[str] = public(String(100))
    values: Mapped[list[str]] = public(ARRAY(String(100)), default=list)
    labels: Mapped[dict[str, Any]] = public(JSONB, default=dict)


class Variant(Base):
    """What lies in the cart. `option_values` has one value for each option of the product, in their order."""

    __tablename__ = "variants"
    __table_args__ = (
        UniqueConstraint("product_id", "option_values"),
        CheckConstraint("weight_grams >= 0", name="weighs_something"),
        CheckConstraint(
            "num_nulls(measure_amount, measure_unit, base_measure_amount, base_measure_unit) IN (0, 4)",
            name="measured_or_not",
        ),
        CheckConstraint("measure_amount > 0 AND base_measure_amount > 0", name="measures_something"),
        CheckConstraint(SAME_KIND, name="measured_alike"),
        # The unique index serves no prefix search: it is ordered by the database's language.
        Index("ix_variants_sku_prefix", "sku", postgresql_ops={"sku": "text_pattern_ops"}),
    )

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    product_id: Mapped[UUID] = public(ForeignKey("products.id", ondelete="CASCADE"))
    position: Mapped[int] = public()
    sku: Mapped[str] = public(String(100), unique=True)
    barcode: Mapped[str | None] = public(String(14), index=True)
    weight_grams: Mapped[int] = public(default=0)
    tax_class: Mapped[str] = public(String(40), default="standard")
    requires_shipping: Mapped[bool] = public(default=True)
    option_values: Mapped[list[str]] = public(ARRAY(String(100)), default=list)
    media_id: Mapped[UUID | None] = public(ForeignKey("product_media.id", ondelete="SET NULL"), index=True)
    archived_at: Mapped[datetime | None] = business()
    measure_amount: Mapped[int | None] = public()
    measure_unit: Mapped[str | None] = public(String(10))
    base_measure_amount: Mapped[int | None] = public()
    base_measure_unit: Mapped[str | None] = public(String(10))

    picture: Mapped["Media | None"] = relationship(lazy="raise")

    @property
    def measure(self) -> Measure | None:
        return measured(self)

    @measure.setter
    def measure(self, measure: Measure | None) -> None:
        self.measure_amount = measure.amount if measure else None
        self.measure_unit = measure.unit if measure else None
        self.base_measure_amount = measure.base.amount if measure else None
        self.base_measure_unit = measure.base.unit if measure else None


def measured(row: Any) -> Measure | None:
    """What the four columns say that begin with `measure` and `base_measure`."""
    if row.measure_amount is None:
        return None
    base = BaseMeasure(amount=row.base_measure_amount, unit=Unit(row.base_measure_unit))
    return Measure(amount=row.measure_amount, unit=Unit(row.measure_unit), per=base)


class Media(Base):
    """A picture, of one variant or of many. `source` is an absolute URL, or a key of the shop's own storage."""

    __tablename__ = "product_media"
    __table_args__ = (UniqueConstraint("product_id", "source"),)

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    product_id: Mapped[UUID] = public(ForeignKey("products.id", ondelete="CASCADE"))
    position: Mapped[int] = public()
    source: Mapped[str] = public(String(2000))
    alt: Mapped[str] = public(String(500), default="")
    alts: Mapped[dict[str, Any]] = public(JSONB, default=dict)


class Translation(Base):
    """The product's texts in another locale. What is empty here is shown in the first language."""

    __tablename__ = "product_translations"
    __table_args__ = (UniqueConstraint("locale", "slug"),)

    product_id: Mapped[UUID] = public(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    locale: Mapped[str] = public(String(20), primary_key=True)
    title: Mapped[str | None] = public(String(200))
    slug: Mapped[str | None] = public(String(200))
    description: Mapped[str | None] = public(Text)
    seo_title: Mapped[str | None] = public(String(200))
    seo_description: Mapped[str | None] = public(String(500))


class Slug(Base):
    """Every slug that a product has or had, in any locale. It stays that product's, so no old link leads astray."""

    __tablename__ = "product_slugs"

    slug: Mapped[str] = public(String(200), primary_key=True)
    product_id: Mapped[UUID] = public(ForeignKey("products.id", ondelete="CASCADE"), index=True)


class ProductCategory(Base):
    """That a product lies in a category; the first one is where its breadcrumb leads."""

    __tablename__ = "product_categories"

    product_id: Mapped[UUID] = public(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    category_id: Mapped[UUID] = public(ForeignKey("categories.id"), primary_key=True, index=True)
    position: Mapped[int] = public(default=0)


IS_PUBLISHED = Product.published_at.is_not(None) & Product.archived_at.is_(None)
