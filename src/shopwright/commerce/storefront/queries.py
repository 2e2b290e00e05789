"""Which channel and language a shopper is in, and which products a list of theirs holds, in which order."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select

from shopwright.commerce.catalog.taxonomy import Brand, Category, CollectionItem
from shopwright.commerce.catalog.taxonomy import Collection as HandPicked
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory import queries as inventory
from shopwright.commerce.pricing.history import ShownPrice
from shopwright.commerce.storefront.models import ANYBODY, Listing, ShelvedListing, TitledListing
from shopwright.commerce.storefront.schemas import ListProducts, Sort
from shopwright.kit.db import session
from shopwright.kit.locale import negotiate
from shopwright.kit.money import Money
from shopwright.kit.paging import Key

CARD = (
    Listing.product_id,
    Listing.currency,
    Listing.lowest_amount,
    Listing.compare_at_amount,
    Listing.lowest_before_amount,
    Listing.highest_amount,
    Listing.is_available,
)


KEY = ("product_id", "channel_id", "group_id")
#: Where a list begins to look.
Place = type[Listing] | type[ShelvedListing]


class Market(NamedTuple):
    """Where a shopper is: `locale` is one that the channel speaks."""

    channel: Channel
    locale: str


class Offer(NamedTuple):
    """A variant's public price in a channel, and whether it can be had there now."""

    price: Money
    compare_at: Money | None
    lowest_30_days: Money | None
    is_available: bool


P = TypeVar("P", Offer, ShownPrice)


def market(channel: str | None, locale: str | None) -> Market:
    """The channel with this code, or the first one; the nearest language that it speaks. Raises `UnknownChannel`."""
    found = channels.by_code(channel) if channel else session.scalar(channels.active().limit(1))
    if found is None:
        raise UnknownChannel()
    return Market(found, negotiate(locale, found.locales, found.default_locale))


def offers(channel: Channel, shown: Mapping[UUID, ShownPrice]) -> dict[UUID, Offer]:
    """The variants that have a price in the channel, at what they are shown for."""
    available = inventory.available(channel.id, shown)
    return {variant_id: Offer(*price, available[variant_id] > 0) for variant_id, price in shown.items()}


def cheapest(offered: Collection[P]) -> P:
    return min(offered, key=lambda offer: offer.price.amount)


def dearest(offered: Collection[P]) -> P:
    return max(offered, key=lambda offer: offer.price.amount)


def amounts(offered: Collection[Offer]) -> dict[str, int | None]:
    """What a listing says of prices, and whether it can be had; there is one at least."""
    lowest = cheapest(offered)
    return {
        "lowest_amount": lowest.price.amount,
        "compare_at_amount": lowest.compare_at.amount if lowest.compare_at else None,
        "lowest_before_amount": lowest.lowest_30_days.amount if lowest.lowest_30_days else None,
        "highest_amount": dearest(offered).price.amount,
        "is_available": any(offer.is_available for offer in offered),
    }


def matching(wanted: ListProducts, where: Market, group_id: UUID = ANYBODY) -> tuple[Select[Any], Sequence[Key]]:
    """The listings that were asked for, their columns being `CARD` and the keys of the order; and these keys.

    A name that does not exist matches nothing.
    """
    # What is of a category stands on its shelf in the order that is asked for.
    place: Place = Listing if wanted.category is None else ShelvedListing
    keys = _order(wanted, where.locale, place)
    columns: list[Any] = [column.label(f"key_{position}") for position, (column, _) in enumerate(keys)]
    found = select(*CARD, *columns).where(
        place.channel_id == where.channel.id, place.group_id == group_id, *_filters(wanted, place)
    )
    if place is not Listing:
        found = found.join(place, and_(*(getattr(place, name) == getattr(Listing, name) for name in KEY)))
    if _is_read_by_title(wanted):
        named = (TitledListing.channel_id == where.channel.id, TitledListing.locale == where.locale)
        found = found.join(TitledListing, TitledListing.product_id == Listing.product_id).where(*named)
    if wanted.collection is not None:
        # By its id, so that the items are met in their order.
        picked = select(HandPicked.id).where(HandPicked.slug == wanted.collection, HandPicked.is_published)
        found = found.join(CollectionItem, CollectionItem.product_id == Listing.product_id).where(
            CollectionItem.collection_id == picked.scalar_subquery()
        )
    return found, keys


def _is_read_by_title(wanted: ListProducts) -> bool:
    """Most categories are small: what lies in one is sorted, rather than looked for among all titles."""
    return wanted.sort is Sort.TITLE and wanted.category is None


def _order(wanted: ListProducts, locale: str, place: Place) -> Sequence[Key]:
    if wanted.sort is None and wanted.collection is not None:
        return ((CollectionItem.position, True), (CollectionItem.product_id, True))
    if _is_read_by_title(wanted):
        return ((TitledListing.title_key, True), (TitledListing.product_id, True))
    if wanted.sort is Sort.TITLE:
        return ((Listing.title_keys[locale].astext.collate("C"), True), (Listing.product_id, True))
    column = place.published_at if wanted.sort in (None, Sort.NEWEST) else place.lowest_amount
    rises = wanted.sort is Sort.CHEAPEST
    # Both rise or both fall, so that one index gives the order.
    return ((column, rises), (place.product_id, rises))


def _filters(wanted: ListProducts, place: Place) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if wanted.category is not None:
        named = select(Category.id).where(Category.slug == wanted.category).scalar_subquery()
        filters.append(ShelvedListing.category_id == named)
    if wanted.brand is not None:
        filters.append(place.brand_id == select(Brand.id).where(Brand.slug == wanted.brand).scalar_subquery())
    if wanted.price_min is not None:
        filters.append(place.lowest_amount >= wanted.price_min)
    if wanted.price_max is not None:
        filters.append(place.lowest_amount <= wanted.price_max)
    if wanted.available is not None:
        filters.append(place.is_available.is_(wanted.available))
    filters.extend(place.facets.overlap(values) for values in _by_code(wanted.attribute).values())
    return filters


def _by_code(facets: Sequence[str]) -> Mapping[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for facet in facets:
        grouped.setdefault(facet.partition(":")[0], []).append(facet)
    return grouped


def published_collections() -> Select[HandPicked]:
    return select(HandPicked).where(HandPicked.is_published)


def products_by_category(channel_id: UUID) -> dict[UUID, int]:
    """How many products of the channel lie in each category or below it; an empty one is absent."""
    counted = (
        select(ShelvedListing.category_id, func.count())
        .where(ShelvedListing.channel_id == channel_id, ShelvedListing.group_id == ANYBODY)
        .group_by(ShelvedListing.category_id)
    )
    return {row.category_id: row[1] for row in session.execute(counted)}
