from collections.abc import Collection
from typing import Unpack
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from shopwright.commerce.channels import queries as channels
from shopwright.commerce.shipping.errors import (
    DeliveryDaysReversed,
    ForeignCurrency,
    ShippingAreaTaken,
    ShippingCodeTaken,
    TiersRepeated,
    UnknownShippingMethod,
    UnknownShippingZone,
)  # fmt: skip
from shopwright.commerce.shipping.models import ShippingArea, ShippingMethod, ShippingTier, ShippingZone
from shopwright.commerce.shipping.queries import WITH_AREAS, WITH_TIERS
from shopwright.commerce.shipping.terms import Rate, Terms
from shopwright.kit import conditional
from shopwright.kit.db import session
from shopwright.kit.money import Money

Area = tuple[str, str | None]
"""A country and, where only a part of it is meant, its region."""


def open_zone(name: str, areas: Collection[Area]) -> ShippingZone:
    """Deliver to these areas, once a method is added. Raises `ShippingAreaTaken`."""
    zone = ShippingZone(name=name, areas=[])
    session.add(zone)
    _cover(zone, areas)
    return zone


def change_zone(
    zone_id: UUID, *, name: str | UnsetType = UNSET, areas: Collection[Area] | UnsetType = UNSET
) -> ShippingZone:
    """Change what is given; areas are replaced as a whole.

    Raises `UnknownShippingZone`, `ShippingAreaTaken`, and `PreconditionFailed` for a stale edit.
    """
    zone = _locked_zone(zone_id)
    # Its areas are part of what was read: changing only them makes a new version, too.
    flag_modified(zone, "name")
    if name is not UNSET:
        zone.name = name
    if areas is not UNSET:
        _cover(zone, areas)
    session.flush()
    return zone


def remove_zone(zone_id: UUID) -> None:
    """Stop to deliver there: its methods go with it. Raises `UnknownShippingZone`, `PreconditionFailed`."""
    session.delete(_locked_zone(zone_id))
    session.flush()


def add_method(zone_id: UUID, channel_id: UUID, **terms: Unpack[Terms]) -> ShippingMethod:
    """Offer a way to ship into the zone.

    Raises `UnknownShippingZone`, `UnknownChannel`, `ShippingCodeTaken`, `ForeignCurrency`, `TiersRepeated` and
    `DeliveryDaysReversed`.
    """
    # Held, so that the zone cannot go away under its new method.
    if session.get(ShippingZone, zone_id, with_for_update={"read": True, "key_share": True}) is None:
        raise UnknownShippingZone()
    currency = channels.get(channel_id).currency
    method = ShippingMethod(zone_id=zone_id, channel_id=channel_id, currency=currency, tiers=[])
    session.add(method)
    _agree(method, terms)
    return method


def change_method(method_id: UUID, **changes: Unpack[Terms]) -> ShippingMethod:
    """Change what is given. Raises `UnknownShippingMethod`, `PreconditionFailed`, and as `add_method`."""
    method = _locked_method(method_id)
    flag_modified(method, "name")
    _agree(method, changes)
    return method


def remove_method(method_id: UUID) -> None:
    """Offer it no more. Raises `UnknownShippingMethod`, `PreconditionFailed`."""
    session.delete(_locked_method(method_id))
    session.flush()


def _locked_zone(zone_id: UUID) -> ShippingZone:
    zone = session.get(ShippingZone, zone_id, options=WITH_AREAS, with_for_update=True, populate_existing=True)
    if zone is None:
        raise UnknownShippingZone()
    conditional.check(zone.version)
    return zone


def _locked_method(method_id: UUID) -> ShippingMethod:
    method = session.get(ShippingMethod, method_id, options=WITH_TIERS, with_for_update=True, populate_existing=True)
    if method is None:
        raise UnknownShippingMethod()
    conditional.check(method.version)
    return method


def _cover(zone: ShippingZone, areas: Collection[Area]) -> None:
    zone.areas.clear()
    # The old areas must be gone before the new ones come: they may be the same.
    session.flush()
    distinct = {(country, region and region.upper()) for country, region in areas}
    in_order = sorted(distinct, key=lambda area: (area[0], area[1] is None, area[1] or ""))
    zone.areas.extend(ShippingArea(country=country, region=region) for country, region in in_order)
    try:
        session.flush()
    except IntegrityError as taken:
        raise ShippingAreaTaken() from taken


def _agree(method: ShippingMethod, terms: Terms) -> None:
    for name, value in terms.items():
        if name not in ("rate", "free_from"):
            setattr(method, name, value)
    if method.min_days is not None and method.max_days is not None and method.min_days > method.max_days:
        raise DeliveryDaysReversed()
    if "free_from" in terms:
        free_from = terms["free_from"]
        method.free_from_amount = None if free_from is None else _amount(free_from, method.currency)
    if "rate" in terms:
        method.rate_kind = terms["rate"].kind
    try:
        session.flush()
    except IntegrityError as taken:
        raise ShippingCodeTaken() from taken
    if "rate" in terms:
        _charge(method, terms["rate"])


def _charge(method: ShippingMethod, rate: Rate) -> None:
    amounts = {_place(begin, method.currency): _amount(price, method.currency) for begin, price in rate.tiers}
    if len(amounts) < len(rate.tiers):
        raise TiersRepeated()
    method.tiers.clear()
    session.flush()
    method.tiers.extend(ShippingTier(threshold=place, amount=amounts[place]) for place in sorted(amounts))
    session.flush()


def _place(threshold: int | Money, currency: str) -> int:
    return threshold if isinstance(threshold, int) else _amount(threshold, currency)


def _amount(money: Money, currency: str) -> int:
    if money.currency != currency:
        raise ForeignCurrency(currency=currency)
    return money.amount
