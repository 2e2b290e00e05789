"""The shop around the goods: where it sells, what taxes are due, how it ships; and how all of it is put in place."""

from uuid import UUID

from msgspec import Struct, structs
from sqlalchemy import exists, select

from shopwright.commerce.catalog import categories, collections, product_types
from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.models import Product, Variant
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import Channel, TaxDisplay
from shopwright.commerce.inventory import locations, stock
from shopwright.commerce.inventory.models import Location, Reason
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.service import PriceTag
from shopwright.commerce.taxes import rates
from shopwright.commerce.taxes import service as taxes
from shopwright.commerce.taxes.rates import Rate
from shopwright.kit import storage
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.principal import SYSTEM, acting_as
from shopwright.kit.transaction import reading, transaction
from shopwright.surfaces.transfer.demo import assortment, delivery, offers
from shopwright.surfaces.transfer.demo.goods.good import Good, Shelf

SOURCE = "demo"
GIFT_LIMIT = 3000

#: By country: the standard rate, and the one for books.
VAT = {
    "DE": ("Germany", "0.19", "0.07"), "AT": ("Austria", "0.20", "0.10"), "FR": ("France", "0.20", "0.055"),
    "NL": ("Netherlands", "0.21", "0.09"), "BE": ("Belgium", "0.21", "0.06"), "IT": ("Italy", "0.22", "0.04"),
    "ES": ("Spain", "0.21", "0.04"),
}  # fmt: skip
#: By state; for New York it is that of the city.
SALES_TAX = {
    "NY": ("New York", "0.08875"), "NJ": ("New Jersey", "0.06625"), "CA": ("California", "0.0725"),
    "TX": ("Texas", "0.0625"), "WA": ("Washington", "0.065"), "MA": ("Massachusetts", "0.0625"),
}  # fmt: skip


class Place(Struct, frozen=True):
    """A channel, and the location that it takes from first."""

    channel: Channel
    location: Location


def seed(*, if_empty: bool = False) -> bool:
    """Put the demo shop in place, all of it or nothing. Answers whether that was done.

    It is never done twice, and with `if_empty` not in a shop that has products of its own. Raises
    `ChannelCodeTaken` and its like where a shop uses the same codes already. Delivering the facts (`outbox.drain`)
    is the caller's.
    """
    with reading():
        if _is_seeded() or (if_empty and _has_products()):
            return False
    # The pictures first: files know no transaction, and one that no product shows harms nobody.
    for shelf in assortment.SHELVES:
        for good in shelf.goods:
            for key, svg in assortment.pictures_of(good):
                storage.put(key, svg, "image/svg+xml")
    with transaction(), acting_as(SYSTEM):
        _open()
    return True


def _is_seeded() -> bool:
    return bool(session.scalar(select(exists().where(Product.external_reference.startswith(f"{SOURCE}:")))))


def _has_products() -> bool:
    return bool(session.scalar(select(exists(select(Product.id)))))


def _open() -> None:
    _tax()
    places = _places()
    delivery.offer(*(place.channel.id for place in places))
    first_barcode = 1
    sold: list[tuple[Good, Product]] = []
    for position, shelf in enumerate(assortment.SHELVES):
        for good, product in _fill(shelf, position, first_barcode):
            sold.append((good, product))
            first_barcode += len(product.variants)
    _price_and_stock(sold, places)
    _collect(sold)
    offers.promote()


def _tax() -> None:
    taxes.add_class("standard", "Standard")
    taxes.add_class("reduced", "Books")
    for country, (name, standard, books) in VAT.items():
        levied = {"standard": _rate("VAT", standard), "reduced": _rate("VAT", books)}
        taxes.open_zone(name, [(country, None)], levied)
    for state, (name, share) in SALES_TAX.items():
        rate = _rate("Sales tax", share)
        taxes.open_zone(name, [("US", state)], {"standard": rate, "reduced": rate})


def _rate(name: str, share: str) -> Rate:
    ppm = rates.from_decimal(share)
    return Rate(ppm, f"{name} {ppm / 10_000:g} %")


def _places() -> tuple[Place, Place]:
    europe = channels.open_channel(
        code="eu", name="Europe", currency="EUR", countries=[*VAT], locales=["en", "de"], tax_display=TaxDisplay.GROSS
    )
    states = channels.open_channel(
        code="us", name="United States", currency="USD", countries=["US"], locales=["en"], tax_display=TaxDisplay.NET
    )
    berlin = locations.open_location(code="berlin", name="Berlin", country="DE")
    newark = locations.open_location(code="newark", name="Newark", country="US")
    locations.sell_from(europe.id, [berlin.id])
    locations.sell_from(states.id, [newark.id])
    return Place(europe, berlin), Place(states, newark)


def _fill(shelf: Shelf, position: int, first_barcode: int) -> list[tuple[Good, Product]]:
    kind = product_types.create_product_type(shelf.title[0], [assortment.attribute(each) for each in shelf.questions])
    category = categories.create_category(
        title=shelf.title[0], slug=shelf.slug, description=shelf.text[0], position=position,
        translations={"de": {"title": shelf.title[1], "description": shelf.text[1]}},
    )  # fmt: skip
    filled = []
    for good in shelf.goods:
        product = _offer(good, kind.id, category.id, first_barcode)
        first_barcode += len(product.variants)
        filled.append((good, product))
    return filled


def _offer(good: Good, type_id: UUID, category_id: UUID, first_barcode: int) -> Product:
    draft = assortment.draft(good, first_barcode)
    draft = structs.replace(draft, product_type_id=type_id, category_ids=[category_id])
    return catalog.upsert_product(SOURCE, assortment.slug_of(good), draft)[0]


def _price_and_stock(sold: list[tuple[Good, Product]], places: tuple[Place, Place]) -> None:
    tags: list[PriceTag] = []
    counts: dict[tuple[UUID, UUID], int] = {}
    for good, product in sold:
        for variant, piece in zip(product.variants, assortment.pieces(good), strict=True):
            for side, place in enumerate(places):
                tags.append(_tag(variant, piece, side, place.channel))
                counts[variant.id, place.location.id] = piece.stock[side]
    pricing.set_prices(tags)
    stock.set_counts(counts, Reason.RECEIPT, "First delivery")


def _tag(variant: Variant, piece: assortment.Piece, side: int, channel: Channel) -> PriceTag:
    return PriceTag(
        variant_id=variant.id, channel_id=channel.id, price=Money(piece.price[side], channel.currency),
        compare_at=Money(piece.was[side], channel.currency) if piece.was else None,
        cost=None if (cost := piece.cost(side)) is None else Money(cost, channel.currency),
    )  # fmt: skip


def _collect(sold: list[tuple[Good, Product]]) -> None:
    new = collections.create_collection(
        title="New in", slug="new-in", description="Just unpacked.",
        translations={"de": {"title": "Neu", "description": "Gerade ausgepackt."}},
    )  # fmt: skip
    collections.pick(new.id, [product.id for good, product in sold if good.is_new])
    gifts = collections.create_collection(
        title="Gifts under 30", slug="gifts-under-30", description="Small things that are kept for long.",
        translations={"de": {"title": "Geschenke unter 30", "description": "Kleines, das lange bleibt."}},
    )  # fmt: skip
    small = [product.id for good, product in sold if "gift" in good.tags and max(good.price) < GIFT_LIMIT]
    collections.pick(gifts.id, small)
