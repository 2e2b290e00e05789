"""What a kilogram or a litre of it costs (Directive 98/6/EC, article 3)."""

from msgspec import Struct

from shopwright.commerce.catalog.measures import BaseMeasure, Measure
from shopwright.kit.money import Money, share

#: JSON carries no whole number beyond it.
MOST = 2**53 - 1


class UnitPrice(Struct, frozen=True, kw_only=True):
    price: Money
    per: BaseMeasure


def unit_price(price: Money, measure: Measure | None) -> UnitPrice | None:
    """Of something that costs this, rounded half up in minor units; None without a measure, or if nobody could read it."""
    if measure is None:
        return None
    amount = share(price.amount, measure.base.size, measure.size)
    return None if amount > MOST else UnitPrice(price=Money(amount, price.currency), per=measure.base)
