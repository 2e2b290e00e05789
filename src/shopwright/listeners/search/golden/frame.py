"""What the golden products stand in, made by the shop's own services: a channel, a location, categories, brands, types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from shopwright.commerce.catalog import brands, categories, product_types
from shopwright.commerce.catalog.drafts import AttributeDraft, ChoiceDraft
from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import TaxDisplay
from shopwright.commerce.inventory import locations
from shopwright.kit.principal import SYSTEM, acting_as
from shopwright.kit.transaction import transaction
from shopwright.listeners.search.golden import terms, texts
from shopwright.listeners.search.golden.terms import Shelf, Value
from shopwright.listeners.search.golden.things import Thing

CODE, CURRENCY = "golden", "EUR"


@dataclass(frozen=True)
class Frame:
    """`shelves` are categories by the code of a kind, `types` product types by that of a shelf, `brands` by their names."""

    channel_id: UUID
    location_id: UUID
    shelves: Mapping[str, UUID]
    types: Mapping[str, UUID]
    brands: Mapping[str, UUID]


def make(things: tuple[Thing, ...]) -> Frame:
    """One channel that speaks English and German. Raises `ChannelCodeTaken` where it was made before."""
    with acting_as(SYSTEM), transaction():
        channel = channels.open_channel(
            code=CODE, name="Golden set", currency=CURRENCY, countries=["DE"], locales=[*terms.LOCALES],
            tax_display=TaxDisplay.GROSS,
        )  # fmt: skip
        location = locations.open_location(code=CODE, name="Golden set", country="DE")
        locations.sell_from(channel.id, [location.id])
        return Frame(
            channel_id=channel.id, location_id=location.id,
            shelves=dict(_categories()),
            types={
                shelf.code: product_types.create_product_type(shelf.titles["en"], [*_attributes(shelf)]).id
                for shelf in terms.shelves().values()
            },
            brands={name: brands.create_brand(name).id for name in sorted({texts.brand(thing) for thing in things})},
        )  # fmt: skip


def _categories() -> Iterator[tuple[str, UUID]]:
    for shelf in terms.shelves().values():
        root = categories.create_category(
            title=shelf.titles["en"], translations={"de": {"title": shelf.titles["de"], "description": ""}}
        )
        for kind in shelf.kinds:
            (_, english), (_, german) = kind.names["en"], kind.names["de"]
            made = categories.create_category(
                title=_headed(english), parent_id=root.id, translations={"de": {"title": german, "description": ""}}
            )
            yield kind.code, made.id


def _attributes(shelf: Shelf) -> Iterator[AttributeDraft]:
    for code, question in shelf.questions.items():
        choices = [
            ChoiceDraft(code=value, label=_headed(said.texts["en"]), labels={"de": said.texts["de"]})
            for value, said in question.values.items()
        ]
        yield AttributeDraft(
            code=code, label=question.labels["en"], kind=AttributeKind.CHOICE, is_facetable=True, choices=choices,
            labels={"de": question.labels["de"]},
        )  # fmt: skip
    for code, feature in shelf.features.items():
        yield _attribute(code, feature, AttributeKind.BOOLEAN)
    if shelf.measure:
        yield _attribute(shelf.measure.code, Value(shelf.measure.labels), AttributeKind.NUMBER)


def _attribute(code: str, label: Value, kind: AttributeKind) -> AttributeDraft:
    return AttributeDraft(
        code=code, label=_headed(label.texts["en"]), kind=kind, is_facetable=True,
        labels={"de": _headed(label.texts["de"])},
    )  # fmt: skip


def _headed(text: str) -> str:
    return text[0].upper() + text[1:]
