"""How products are told apart and put in order: brands, types with their attributes, categories, collections."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, relationship

from shopwright.kit import ids
from shopwright.kit.db import Base
from shopwright.kit.privacy import public

MAX_DEPTH = 10


class Brand(Base):
    __tablename__ = "brands"

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    name: Mapped[str] = public(String(100), unique=True)
    slug: Mapped[str] = public(String(100), unique=True)
    version: Mapped[int] = public()

    __mapper_args__ = {"version_id_col": version}


class AttributeKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"


class ProductType(Base):
    __tablename__ = "product_types"

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    name: Mapped[str] = public(String(100), unique=True)
    version: Mapped[int] = public()

    __mapper_args__ = {"version_id_col": version}

    attributes: Mapped[list["Attribute"]] = relationship(
        lazy="raise", order_by="Attribute.position", cascade="all, delete-orphan"
    )


class Attribute(Base):
    """A question that every product of a type answers. `labels`: by locale, `{"label": …, "choices": {code: …}}`."""

    __tablename__ = "product_attributes"

    product_type_id: Mapped[UUID] = public(ForeignKey("product_types.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = public(String(40), primary_key=True)
    position: Mapped[int] = public()
    label: Mapped[str] = public(String(100))
    kind: Mapped[AttributeKind] = public(String(10))
    is_facetable: Mapped[bool] = public(default=False)
    # Codes of the choices with their labels in the first language, in the order in which they are offered.
    choices: Mapped[dict[str, Any]] = public(JSONB, default=dict)
    labels: Mapped[dict[str, Any]] = public(JSONB, default=dict)


class Category(Base):
    """A place in the tree. `path` leads from the root to the category itself, so that no read has to climb."""

    __tablename__ = "categories"
    __table_args__ = (
        CheckConstraint("path[cardinality(path)] = id", name="path_ends_here"),
        CheckConstraint("parent_id IS NOT DISTINCT FROM path[cardinality(path) - 1]", name="path_passes_the_parent"),
        CheckConstraint(f"cardinality(path) <= {MAX_DEPTH}", name="not_too_deep"),
        UniqueConstraint("parent_id", "title", postgresql_nulls_not_distinct=True),
        Index("ix_categories_path", "path", postgresql_using="gin"),
    )

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    parent_id: Mapped[UUID | None] = public(ForeignKey("categories.id"), index=True)
    path: Mapped[list[UUID]] = public(ARRAY(Uuid(as_uuid=True)))
    slug: Mapped[str] = public(String(200), unique=True)
    title: Mapped[str] = public(String(200))
    description: Mapped[str] = public(Text, default="")
    # By locale: {"title": …, "description": …}.
    translations: Mapped[dict[str, Any]] = public(JSONB, default=dict)
    position: Mapped[int] = public(default=0)
    version: Mapped[int] = public()

    __mapper_args__ = {"version_id_col": version}


class Collection(Base):
    """Products picked by hand, in the order in which they are to be shown."""

    __tablename__ = "collections"

    id: Mapped[UUID] = public(primary_key=True, default=ids.new)
    slug: Mapped[str] = public(String(200), unique=True)
    title: Mapped[str] = public(String(200))
    description: Mapped[str] = public(Text, default="")
    translations: Mapped[dict[str, Any]] = public(JSONB, default=dict)
    is_published: Mapped[bool] = public(default=True)
    version: Mapped[int] = public()

    __mapper_args__ = {"version_id_col": version}

    items: Mapped[list["CollectionItem"]] = relationship(
        lazy="raise", order_by="CollectionItem.position", cascade="all, delete-orphan"
    )


class CollectionItem(Base):
    __tablename__ = "collection_items"
    __table_args__ = (UniqueConstraint("collection_id", "product_id"),)

    collection_id: Mapped[UUID] = public(ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = public(primary_key=True)
    product_id: Mapped[UUID] = public(ForeignKey("products.id", ondelete="CASCADE"), index=True)
