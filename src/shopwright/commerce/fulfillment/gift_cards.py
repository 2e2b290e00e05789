"""The gift cards of an order: made when it is paid, void when all of it is given back, shown to its buyer once."""

from collections.abc import Iterator
from uuid import UUID

from shopwright.commerce.channels import queries as channels
from shopwright.commerce.credit import queries as cards
from shopwright.commerce.credit import service as credit
from shopwright.commerce.credit.models import CreditAccount
from shopwright.commerce.fulfillment.errors import GiftCardNotPaid
from shopwright.commerce.orders import queries as orders
from shopwright.commerce.orders.models import Order, OrderLine, PaymentStatus
from shopwright.kit.db import session
from shopwright.kit.money import Money


def issue(order: Order) -> int:
    """Make a card for each piece that a paid order has of them, once; answers how many were made now.

    Its line was noted as shipped when it was paid.
    """
    if not order.gift_card_amount or not order.is_paid:
        return 0
    country = channels.get(order.channel_id).countries[0]
    return sum(
        credit.issue(order.id, line.id, place, Money(amount, order.currency), country)
        for place, (line, amount) in enumerate(_pieces(order), start=1)
    )


def _pieces(order: Order) -> Iterator[tuple[OrderLine, int]]:
    """Every card with its worth: all of them together what was paid for them, to the minor unit."""
    for line in order.lines:
        if line.is_gift_card and line.gross_amount:
            share, rest = divmod(line.gross_amount, line.quantity)
            yield from ((line, share + (piece < rest)) for piece in range(line.quantity))


def mine(order_id: UUID) -> list[CreditAccount]:
    """The cards of an order that is the caller's, by their place. Raises `OrderNotFound`."""
    orders.show(order_id, orders.mine())
    return list(session.scalars(cards.gift_cards(order_id).order_by(CreditAccount.place)))


def reveal(order_id: UUID, place: int) -> tuple[CreditAccount, str]:
    """Make the code of the caller's `place`th card, to be shown this once.

    Raises `OrderNotFound`, `GiftCardNotPaid`, `UnknownGiftCard`, `GiftCardShown`.
    """
    order = orders.show(order_id, orders.mine())
    if not order.is_paid:
        raise GiftCardNotPaid()
    # The fact that it was paid may not have been heard yet.
    issue(order)
    return credit.reveal(order_id, place)


def void_if_refunded(order: Order) -> None:
    """Take what is left of the cards of an order whose whole price went back, so that nobody has both."""
    if order.payment_status is not PaymentStatus.REFUNDED:
        return
    for card in session.scalars(cards.gift_cards(order.id).order_by(CreditAccount.id)).all():
        if card.balance_amount:
            credit.revoke(card.id, None, "The order that bought it was refunded.")
