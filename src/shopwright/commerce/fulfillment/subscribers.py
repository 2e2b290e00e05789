from shopwright.commerce.fulfillment import gift_cards
from shopwright.commerce.orders import queries as orders
from shopwright.commerce.orders.events import GiftCardsPaid, OrderRefunded
from shopwright.kit.events import subscriber


@subscriber(GiftCardsPaid)
def issue_gift_cards(fact: GiftCardsPaid) -> None:
    gift_cards.issue(orders.show(fact.order_id, orders.everyones()))


@subscriber(OrderRefunded)
def void_gift_cards(fact: OrderRefunded) -> None:
    gift_cards.void_if_refunded(orders.show(fact.order_id, orders.everyones()))
