"""Which channel and language a shopper is in, and at what variants are offered there."""

from collections.abc import Collection, Mapping
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Uuid, bindparam, func, select

from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.channels.queries import KnownChannel
from shopwright.commerce.inventory import queries as inventory
from shopwright.commerce.pricing.history import ShownPrice
from shopwright.commerce.storefront.models import ANYBODY, ShelvedListing
from shopwright.kit.db import as_object
from shopwright.kit.locale import negotiate
from shopwright.kit.money import Money
from shopwright.kit.prepared import Prepared


class _Found(Struct, frozen=True):
    channel: KnownChannel | None


_CHANNEL = Prepared(select(as_object(channel=channels.CHOSEN)))
_decoder = msgspec.json.Decoder(_Found)


class Market(NamedTuple):
    """Where a shopper is: `locale` is one that the channel speaks."""

    channel: KnownChannel
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
    # Not kept: pages are made by it, and one that is made by an old copy would be kept as new.
    found = _CHANNEL.first({"channel": channel})
    return market_in(_decoder.decode(found[0]).channel if found else None, locale)


def market_in(channel: KnownChannel | None, locale: str | None) -> Market:
    """As `market`, of the channel that was found."""
    if channel is None:
        raise UnknownChannel()
    return Market(channel, negotiate(locale, channel.locales, channel.default_locale))


def offers(channel_id: UUID, shown: Mapping[UUID, ShownPrice]) -> dict[UUID, Offer]:
    """The variants that have a price in the channel, at what they are shown for."""
    return offered(shown, inventory.available(channel_id, shown))


def offered(shown: Mapping[UUID, ShownPrice], available: Mapping[UUID, int]) -> dict[UUID, Offer]:
    return {id_: Offer(*price, available.get(id_, 0) > 0) for id_, price in shown.items()}


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


_COUNTS = Prepared(
    select(ShelvedListing.category_id, func.count())
    .where(ShelvedListing.channel_id == bindparam("channel_id", type_=Uuid()), ShelvedListing.group_id == ANYBODY)
    .group_by(ShelvedListing.category_id)
)


def products_by_category(channel_id: UUID) -> dict[UUID, int]:
    """How many products of the channel lie in each category or below it; an empty one is absent."""
    return dict(_COUNTS.all({"channel_id": channel_id}))
