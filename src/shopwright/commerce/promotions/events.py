from uuid import UUID

from shopwright.kit.events import Event


class PromotionChanged(Event):
    """Other prices may hold now. `is_catalog`: those that listings show, too."""

    promotion_id: UUID
    is_catalog: bool
