from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from shopwright.commerce.channels.errors import ChannelCodeTaken, NoTaxService, UnknownChannel
from shopwright.commerce.channels.events import ChannelChanged
from shopwright.commerce.channels.models import Channel, ShippingTax, TaxDisplay, TaxRounding, TaxSource
from shopwright.kit import conditional
from shopwright.kit.db import session
from shopwright.kit.events import emit
from shopwright.settings import current


def open_channel(
    *,
    code: str,
    name: str,
    currency: str,
    countries: list[str],
    locales: list[str],
    tax_display: TaxDisplay,
    tax_rounding: TaxRounding = TaxRounding.LINE,
    shipping_tax: ShippingTax = ShippingTax.OWN,
    tax_source: TaxSource = TaxSource.RATES,
) -> Channel:
    """Begin to sell somewhere. Raises `ChannelCodeTaken`, `NoTaxService`."""
    _check(tax_source)
    channel = Channel(
        code=code, name=name, currency=currency, countries=countries, locales=locales, tax_display=tax_display,
        tax_rounding=tax_rounding, shipping_tax=shipping_tax, tax_source=tax_source,
    )  # fmt: skip
    session.add(channel)
    try:
        session.flush()
    except IntegrityError as taken:
        raise ChannelCodeTaken() from taken
    emit(ChannelChanged(channel_id=channel.id))
    return channel


def change_channel(channel_id: UUID, changes: Mapping[str, Any]) -> Channel:
    """Change what `changes` names. Raises `UnknownChannel`, `NoTaxService`, and `PreconditionFailed` for a stale edit."""
    channel = session.get(Channel, channel_id, with_for_update=True, populate_existing=True)
    if channel is None:
        raise UnknownChannel()
    conditional.check(channel.version)
    _check(changes.get("tax_source"))
    for name, value in changes.items():
        setattr(channel, name, value)
    session.flush()
    emit(ChannelChanged(channel_id=channel.id))
    return channel


def _check(source: TaxSource | None) -> None:
    if source == TaxSource.SERVICE and not current().tax_service_url:
        raise NoTaxService()
