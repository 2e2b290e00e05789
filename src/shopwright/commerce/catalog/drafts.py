"""What is to be sold, written down before it is a row: the same for staff, importers and the demo shop."""

from collections.abc import Iterator, Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from stdnum import ean

from shopwright.commerce.catalog import measures
from shopwright.commerce.catalog.measures import Measure
from shopwright.commerce.catalog.models import MAX_OPTIONS, MAX_VARIANTS
from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.locale import LocaleTag
from shopwright.kit.validation import Fault, faults_in
from shopwright.kit.wire import In

# A bare `$` would let a line break stand behind it.
END = r"$(?!\n)"

Title = Annotated[str, Meta(min_length=1, max_length=200, examples=["Clay Plant Pot"])]
Html = Annotated[
    str,
    Meta(
        max_length=50_000,
        examples=["<p>Thrown by hand.</p>"],
        description="HTML; what could run or restyle a page is removed",
    ),
]
SlugText = Annotated[str, Meta(pattern=rf"^[a-z0-9]+(-[a-z0-9]+)*{END}", max_length=200, examples=["clay-plant-pot"])]
SeoTitle = Annotated[str, Meta(max_length=200, examples=["Clay plant pots"])]
SeoText = Annotated[str, Meta(max_length=500, examples=["Plant pots of clay, thrown by hand in Delft."])]
Tag = Annotated[str, Meta(min_length=1, max_length=60, examples=["garden"])]
Tags = Annotated[list[Tag], Meta(max_length=100, examples=[["garden", "clay"]])]
Sku = Annotated[str, Meta(min_length=1, max_length=100, examples=["CLAY-PLANT-POT-LARGE"])]
Barcode = Annotated[
    str, Meta(min_length=8, max_length=20, examples=["4006381333931"], description="GTIN-8, -12, -13 or -14")
]
Grams = Annotated[int, Meta(ge=0, le=10_000_000, examples=[850])]
TaxClass = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}" + END, examples=["standard"])]
OptionName = Annotated[str, Meta(min_length=1, max_length=100, examples=["Size"])]
OptionValue = Annotated[str, Meta(min_length=1, max_length=100, examples=["Large"])]
OptionValues = Annotated[list[OptionValue], Meta(max_length=MAX_OPTIONS, examples=[["Large"]])]
# Bounded so that no key is longer than the storage takes (255).
_FOLDERS, _FILE = "([A-Za-z0-9_-][A-Za-z0-9._-]{0,39}/){0,3}", "[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}"
Source = Annotated[
    str,
    Meta(
        pattern=rf"^(https?://[^\s]{{1,1990}}|{_FOLDERS}{_FILE}){END}",
        max_length=2000,
        examples=["https://shop.example/pot.jpg"],
        description="an absolute URL, or a key of the shop's own storage",
    ),
]
Alt = Annotated[str, Meta(max_length=500, examples=["A pot with a fern in it"])]
AttributeCode = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}" + END, examples=["material"])]
Answer = str | bool | int | float
Answers = Annotated[
    dict[AttributeCode, Answer],
    Meta(max_length=100, examples=[{"material": "clay"}], description="By code, for the product type's attributes"),
]
Label = Annotated[str, Meta(min_length=1, max_length=100, examples=["Größe"])]
CategoryIds = Annotated[list[UUID], Meta(max_length=50, description="The first one leads the breadcrumb")]


class OptionLabels(In, frozen=True, kw_only=True):
    """An option in another language; `values` maps each value to its label."""

    name: Label | None = None
    values: Annotated[dict[OptionValue, Label], Meta(max_length=MAX_VARIANTS)] = {}


class OptionDraft(In, frozen=True, kw_only=True):
    """`values` gives their order; those that only variants name are added behind."""

    name: OptionName
    values: Annotated[list[OptionValue], Meta(max_length=MAX_VARIANTS, examples=[["Regular", "Large"]])] = []
    labels: Annotated[dict[LocaleTag, OptionLabels], Meta(max_length=50)] = {}


Options = Annotated[list[OptionDraft], Meta(max_length=MAX_OPTIONS)]


class VariantDraft(In, frozen=True, kw_only=True):
    """One value for each option, in their order. Without a SKU one is derived."""

    option_values: OptionValues = []
    sku: Sku | None = None
    barcode: Barcode | None = None
    weight_grams: Grams | None = None
    tax_class: TaxClass | None = None
    requires_shipping: bool | None = None
    image: Source | None = None
    measure: Measure | None = None


class MediaDraft(In, frozen=True, kw_only=True):
    source: Source
    alt: Alt = ""
    alts: Annotated[dict[LocaleTag, Alt], Meta(max_length=50)] = {}


Gallery = Annotated[list[MediaDraft], Meta(max_length=250)]


class TranslationDraft(In, frozen=True, kw_only=True):
    title: Title | None = None
    slug: SlugText | None = None
    description: Html | None = None
    seo_title: SeoTitle | None = None
    seo_description: SeoText | None = None


Translations = Annotated[dict[LocaleTag, TranslationDraft], Meta(max_length=50)]


class ProductDraft(In, frozen=True, kw_only=True):
    """A whole product. Without variants it gets one; without a slug one is made from the title."""

    title: Title
    slug: SlugText | None = None
    description: Html = ""
    seo_title: SeoTitle = ""
    seo_description: SeoText = ""
    brand: Annotated[str, Meta(min_length=1, max_length=100, examples=["Delft & Sons"])] | None = None
    product_type_id: UUID | None = None
    attributes: Answers = {}
    tags: Tags = []
    is_gift_card: bool = False
    category_ids: CategoryIds = []
    options: Options = []
    variants: Annotated[list[VariantDraft], Meta(max_length=MAX_VARIANTS)] = []
    media: Gallery = []
    translations: Translations = {}
    is_published: bool = False


class ChoiceDraft(In, frozen=True, kw_only=True):
    code: AttributeCode
    label: Label
    labels: Annotated[dict[LocaleTag, Label], Meta(max_length=50)] = {}


class AttributeDraft(In, frozen=True, kw_only=True):
    """`choices` are for the kind `choice` alone. What is facetable, shoppers may filter by."""

    code: AttributeCode
    label: Label
    kind: AttributeKind
    is_facetable: bool = False
    choices: Annotated[list[ChoiceDraft], Meta(max_length=200)] = []
    labels: Annotated[dict[LocaleTag, Label], Meta(max_length=50)] = {}


Attributes = Annotated[list[AttributeDraft], Meta(max_length=100)]


def check(draft: ProductDraft) -> None:
    """Raises `ValidationFailed` with every fault, shapes included: what was made in Python was never checked."""
    faults = faults_in(msgspec.to_builtins(draft), ProductDraft) or [*_faults_between(draft)]
    if faults:
        raise ValidationFailed(faults)


def gtin(barcode: str | None, pointer: str = "/barcode") -> str | None:
    """The barcode's digits. Raises `ValidationFailed` for a wrong check digit (GS1 General Specifications §7.9)."""
    if barcode is None:
        return None
    if not ean.is_valid(barcode):
        raise ValidationFailed([{"pointer": pointer, "detail": "Not a GTIN: the check digit does not fit."}])
    return str(ean.compact(barcode))


def _faults_between(draft: ProductDraft) -> Iterator[Fault]:
    names = [option.name for option in draft.options]
    yield from _twice(names, "/options/{}/name")
    variants = draft.variants or [VariantDraft()]
    for index, variant in enumerate(variants):
        if len(variant.option_values) != len(names):
            detail = f"Expected {len(names)} values, one for each option."
            yield {"pointer": f"/variants/{index}/option_values", "detail": detail}
        if variant.barcode is not None and not ean.is_valid(variant.barcode):
            detail = "Not a GTIN: the check digit does not fit."
            yield {"pointer": f"/variants/{index}/barcode", "detail": detail}
        if variant.measure is not None:
            yield from measures.faults(variant.measure, f"/variants/{index}/measure")
    yield from _twice([tuple(variant.option_values) for variant in variants], "/variants/{}/option_values")
    yield from _twice([variant.sku for variant in variants], "/variants/{}/sku")


def _twice(values: Sequence[object], pointer: str) -> Iterator[Fault]:
    seen: set[object] = set()
    for index, value in enumerate(values):
        if value is not None and value in seen:
            yield {"pointer": pointer.format(index), "detail": "The same was said before."}
        seen.add(value)
