from uuid import UUID

from shopwright.kit.events import Event


class PriceChanged(Event):
    """In some channel this variant costs something else than before, or is priced no more."""

    variant_id: UUID
