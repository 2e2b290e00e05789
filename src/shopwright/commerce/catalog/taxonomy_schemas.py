"""Brands, product types, categories and collections on the wire."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from shopwright.commerce.catalog.drafts import END, Attributes, Html, SlugText, Title
from shopwright.commerce.catalog.taxonomy import Attribute, AttributeKind, Brand, Category, Collection, ProductType
from shopwright.kit.locale import LocaleTag
from shopwright.kit.wire import In, Out

Name = Annotated[str, Meta(min_length=1, max_length=100, examples=["Delft & Sons"])]
BrandSlug = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*" + END, max_length=100, examples=["delft-sons"])]
Position = Annotated[int, Meta(ge=0, le=1_000_000, examples=[10], description="Smaller ones stand first")]


class BrandOut(Out, frozen=True, kw_only=True):
    id: UUID
    name: str
    slug: str
    version: int

    @classmethod
    def of(cls, brand: Brand) -> "BrandOut":
        return cls(id=brand.id, name=brand.name, slug=brand.slug, version=brand.version)


class CreateBrand(In, frozen=True, kw_only=True):
    name: Name
    slug: BrandSlug | None = None


class ChangeBrand(In, frozen=True, kw_only=True):
    name: Name | UnsetType = UNSET
    slug: BrandSlug | UnsetType = UNSET


class ChoiceOut(Out, frozen=True, kw_only=True):
    code: str
    label: str
    labels: dict[str, str]

    @classmethod
    def of(cls, attribute: Attribute, code: str) -> "ChoiceOut":
        said = {locale: words["choices"].get(code) for locale, words in attribute.labels.items()}
        labels = {locale: label for locale, label in said.items() if label}
        return cls(code=code, label=attribute.choices[code], labels=labels)


class AttributeOut(Out, frozen=True, kw_only=True):
    code: str
    label: str
    kind: AttributeKind
    is_facetable: bool
    choices: list[ChoiceOut]
    labels: dict[str, str]

    @classmethod
    def of(cls, attribute: Attribute) -> "AttributeOut":
        said = {locale: words["label"] for locale, words in attribute.labels.items()}
        return cls(
            code=attribute.code, label=attribute.label, kind=AttributeKind(attribute.kind),
            is_facetable=attribute.is_facetable,
            choices=[ChoiceOut.of(attribute, code) for code in attribute.choices],
            labels={locale: label for locale, label in said.items() if label},
        )  # fmt: skip


class ProductTypeOut(Out, frozen=True, kw_only=True):
    id: UUID
    name: str
    attributes: list[AttributeOut]
    version: int

    @classmethod
    def of(cls, kind: ProductType) -> "ProductTypeOut":
        attributes = [AttributeOut.of(attribute) for attribute in kind.attributes]
        return cls(id=kind.id, name=kind.name, attributes=attributes, version=kind.version)


class ProductTypeList(Out, frozen=True, kw_only=True):
    items: list[ProductTypeOut]


class DefineProductType(In, frozen=True, kw_only=True):
    """Attributes stand in the order in which they are shown; one that is left out is no longer asked."""

    name: Name
    attributes: Attributes = []


class ShelfText(In, frozen=True, kw_only=True):
    """A category or a collection in another language."""

    title: Title | None = None
    description: Html | None = None


ShelfTexts = Annotated[dict[LocaleTag, ShelfText], Meta(max_length=50)]


class CategoryOut(Out, frozen=True, kw_only=True):
    """`path` leads from the root to the category itself."""

    id: UUID
    parent_id: UUID | None
    path: list[UUID]
    slug: str
    title: str
    description: str
    translations: dict[str, Any]
    position: int
    version: int

    @classmethod
    def of(cls, category: Category) -> "CategoryOut":
        return cls(
            id=category.id, parent_id=category.parent_id, path=category.path, slug=category.slug, title=category.title,
            description=category.description, translations=category.translations, position=category.position,
            version=category.version,
        )  # fmt: skip


class CategoryList(Out, frozen=True, kw_only=True):
    items: list[CategoryOut]


class CreateCategory(In, frozen=True, kw_only=True):
    title: Title
    parent_id: UUID | None = None
    slug: SlugText | None = None
    description: Html = ""
    translations: ShelfTexts = {}
    position: Position = 0


class ChangeCategory(In, frozen=True, kw_only=True):
    """A new `parent_id` moves the category with all that lies below it; null makes it a root."""

    title: Title | UnsetType = UNSET
    parent_id: UUID | None | UnsetType = UNSET
    slug: SlugText | UnsetType = UNSET
    description: Html | UnsetType = UNSET
    translations: ShelfTexts | UnsetType = UNSET
    position: Position | UnsetType = UNSET


class CollectionOut(Out, frozen=True, kw_only=True):
    id: UUID
    slug: str
    title: str
    description: str
    translations: dict[str, Any]
    is_published: bool
    product_ids: list[UUID]
    version: int

    @classmethod
    def of(cls, collection: Collection) -> "CollectionOut":
        return cls(
            id=collection.id, slug=collection.slug, title=collection.title, description=collection.description,
            translations=collection.translations, is_published=collection.is_published,
            product_ids=[item.product_id for item in collection.items], version=collection.version,
        )  # fmt: skip


class CollectionRow(Out, frozen=True, kw_only=True):
    id: UUID
    slug: str
    title: str
    is_published: bool


class CreateCollection(In, frozen=True, kw_only=True):
    title: Title
    slug: SlugText | None = None
    description: Html = ""
    translations: ShelfTexts = {}
    is_published: bool = True


class ChangeCollection(In, frozen=True, kw_only=True):
    title: Title | UnsetType = UNSET
    slug: SlugText | UnsetType = UNSET
    description: Html | UnsetType = UNSET
    translations: ShelfTexts | UnsetType = UNSET
    is_published: bool | UnsetType = UNSET


class PickProducts(In, frozen=True, kw_only=True):
    product_ids: Annotated[list[UUID], Meta(max_length=1000, description="In the order in which they are shown")]
