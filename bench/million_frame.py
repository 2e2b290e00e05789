"""What a catalog of any size stands in, made by the shop's own services: channels, price lists, categories, brands, types."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from shopwright.commerce.accounts import groups
from shopwright.commerce.catalog import brands, categories, collections, product_types
from shopwright.commerce.catalog.drafts import AttributeDraft, ChoiceDraft
from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import Channel, TaxDisplay
from shopwright.commerce.inventory import locations
from shopwright.commerce.pricing import lists
from shopwright.commerce.storefront import tasks as storefront
from shopwright.kit import outbox
from shopwright.kit.transaction import transaction

COLORS = ["black", "blue", "brown", "gray", "green", "orange", "pink", "purple", "red", "turquoise", "white", "yellow"]
MATERIALS = ["clay", "cotton", "glass", "leather", "linen", "steel", "wood", "wool"]
RESELLERS_PPM = -100_000
TYPES, COLLECTIONS = 3, 10


@dataclass(frozen=True)
class Channels:
    eu: Channel
    uk: Channel
    us: Channel


@dataclass(frozen=True)
class Frame:
    """`leaves` are categories with nothing below; each stands with the number of the root that it lies under. Of the three
    price lists `sale` is for anybody in the EU, the others are for groups in the UK and the US."""

    channels: Channels
    near: UUID
    far: UUID
    resellers: UUID
    club: UUID
    sale: UUID
    resale: UUID
    member_prices: UUID
    leaves: list[tuple[UUID, int]]
    roots: int
    brands: list[UUID]
    types: list[UUID]
    collections: list[UUID]


def make(products: int) -> Frame:
    """For so many products: a category for every hundred of them (20 at least), a brand for every four hundred (5)."""
    with transaction():
        sold = Channels(*_channels())
        near, far = (locations.open_location(code=code, name=code.title(), country="DE").id for code in ("near", "far"))
        locations.sell_from(sold.eu.id, [near, far])
        locations.sell_from(sold.uk.id, [far])
        locations.sell_from(sold.us.id, [near])
        resellers, club = (groups.create_group(name).id for name in ("Resellers", "Club"))
        sale = lists.create_list(sold.eu.id, _terms("Sale"))
        resale = lists.create_list(sold.uk.id, _terms("Resale", group_id=resellers, adjust_ppm=RESELLERS_PPM))
        member_prices = lists.create_list(sold.us.id, _terms("Member prices", group_id=club))
        count = max(20, products // 100)
        frame = Frame(
            sold, near, far, resellers, club, sale.id, resale.id, member_prices.id, [*_leaves(count)], _roots(count),
            [brands.create_brand(f"Brand {number}").id for number in range(max(5, products // 400))],
            [product_types.create_product_type(f"Type {number}", _questions()).id for number in range(TYPES)],
            [collections.create_collection(title=f"Collection {number}").id for number in range(COLLECTIONS)],
        )  # fmt: skip
    outbox.drain()
    # A walk through no products, which admits the groups.
    storefront.follow_promotions()
    return frame


def _channels() -> Iterator[Channel]:
    for code, currency, countries, spoken in (
        ("eu", "EUR", ["DE", "FR"], ["en", "de"]), ("uk", "GBP", ["GB"], ["en"]), ("us", "USD", ["US"], ["en"]),
    ):  # fmt: skip
        yield channels.open_channel(
            code=code, name=code.upper(), currency=currency, countries=countries, locales=spoken,
            tax_display=TaxDisplay.GROSS,
        )  # fmt: skip


def _terms(name: str, group_id: UUID | None = None, adjust_ppm: int | None = None) -> dict[str, object]:
    return {"name": name, "priority": 100, "is_active": True, "group_id": group_id, "adjust_ppm": adjust_ppm}


def _roots(count: int) -> int:
    return max(2, count // 100)


def _leaves(count: int) -> Iterator[tuple[UUID, int]]:
    """Three levels: a hundredth of the categories stands above a tenth, and that above all others."""
    roots = [categories.create_category(title=f"Aisle {number}").id for number in range(_roots(count))]
    middle: list[tuple[UUID, int]] = []
    for number in range(count // 10):
        root = number % len(roots)
        made = categories.create_category(title=f"Shelf {number}", parent_id=roots[root])
        middle.append((made.id, root))
    for number in range(count - len(roots) - len(middle)):
        parent_id, root = middle[number % len(middle)]
        yield categories.create_category(title=f"Box {number}", parent_id=parent_id).id, root


def _questions() -> list[AttributeDraft]:
    return [
        _choice("color", COLORS),
        _choice("material", MATERIALS),
        AttributeDraft(code="organic", label="Organic", kind=AttributeKind.BOOLEAN, is_facetable=True),
        AttributeDraft(code="note", label="Note", kind=AttributeKind.TEXT),
    ]


def _choice(code: str, values: list[str]) -> AttributeDraft:
    choices = [ChoiceDraft(code=each, label=each.title()) for each in values]
    return AttributeDraft(code=code, label=code.title(), kind=AttributeKind.CHOICE, is_facetable=True, choices=choices)
