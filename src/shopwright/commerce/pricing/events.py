from uuid import UUID

from shopwright.kit.events import Event


class PriceChanged(Event):
    """In some channel this variant costs something else than before, or is priced no more."""

    variant_id: UUID


class PriceListChanged(Event):
    """This list has other terms than before. What anybody pays may be something else where `is_public`: it is for
    everybody, or one that is for everybody is based on it."""

    price_list_id: UUID
    is_public: bool
