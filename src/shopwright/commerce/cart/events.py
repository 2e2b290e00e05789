from uuid import UUID

from shopwright.kit.events import Event


class CartMerged(Event):
    cart_id: UUID
    into_cart_id: UUID
