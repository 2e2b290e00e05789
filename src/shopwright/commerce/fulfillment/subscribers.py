from shopwright.commerce.fulfillment import gift_cards
from shopwright.commerce.orders import queries as orders
from shopwright.commerce.orders.events import OrderPaid, OrderRefunded
from shopwright.kit.events import subscriber


@subscriber(OrderPaid)
def issue_gift_cards(fact: OrderPaid) -> None:
    gift_cards.issue(orders.show(fact.order_id, orders.everyones()))


@subscriber(OrderRefunded)
def void_gift_cards(fact: OrderRefunded) -> None:
    gift_cards.void_if_refunded(orders.show(fact.order_id, orders.everyones()))
