from uuid import UUID

from shopwright.commerce.credit.errors import GiftCardShown, UnknownGiftCard
from shopwright.commerce.fulfillment import gift_cards, queries
from shopwright.commerce.fulfillment.errors import GiftCardNotPaid
from shopwright.commerce.fulfillment.schemas import (
    GiftCardList,
    GiftCardOut,
    RevealedCard,
    ShipmentList,
    ShipmentOut,
)
from shopwright.commerce.orders import queries as orders
from shopwright.commerce.orders.errors import OrderNotFound
from shopwright.kit.access import Anyone
from shopwright.kit.db import session
from shopwright.kit.http import Routes

routes = Routes("fulfillment")


@routes.query("/orders/<uuid:order_id>/shipments", access=Anyone, errors=(OrderNotFound,))
def list_shipments(order_id: UUID) -> ShipmentList:
    """List the shipments of an order, with their tracking."""
    orders.show(order_id, orders.mine())
    return ShipmentList(items=[ShipmentOut.of(shipment) for shipment in session.scalars(queries.of_order(order_id))])


@routes.query("/orders/<uuid:order_id>/gift-cards", access=Anyone, errors=(OrderNotFound,))
def list_gift_cards_of_order(order_id: UUID) -> GiftCardList:
    """List the gift cards that an order bought, once it is paid."""
    return GiftCardList(items=[GiftCardOut.of(card) for card in gift_cards.mine(order_id)])


@routes.command(
    "POST", "/orders/<uuid:order_id>/gift-cards/<int(max=99999):number>/reveal", access=Anyone, tells_secret=True,
    errors=(OrderNotFound, GiftCardNotPaid, UnknownGiftCard, GiftCardShown),
)  # fmt: skip
def reveal_gift_card(order_id: UUID, number: int) -> RevealedCard:
    """Have the code of a gift card shown.

    It is made now, and shown this once; the same request repeated with its key shows it again. Whoever knows the code
    can spend the card.
    """
    card, code = gift_cards.reveal(order_id, number)
    return RevealedCard(code=code, balance=card.balance, expires_at=card.expires_at)
