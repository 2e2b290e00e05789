from uuid import UUID

from shopwright.kit.events import Event


class StockChanged(Event):
    """The variant began or ceased to be available at some location, or staff changed what is on hand."""

    variant_id: UUID


class LocationChanged(Event):
    """What is available in the channels that sell from there may have changed."""

    location_id: UUID
