from uuid import UUID

from shopwright.kit.events import Event


class PriceChanged(Event):
    """In some channel this variant costs something else than before, or is priced no more."""

    variant_id: UUID


class PriceListChanged(Event):
    """This list has other terms than before. What listings show may be something else where `is_listed`: it is for
    anybody or for a group, or such a list is based on it."""

    price_list_id: UUID
    is_listed: bool
