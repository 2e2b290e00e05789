"""A subscriber runs in a transaction, so it writes intents; the completer asks the provider."""

from shopwright.commerce.orders.events import OrderCanceled, OrderExpired
from shopwright.commerce.payments import inbox, settling
from shopwright.commerce.payments.events import WebhookReceived
from shopwright.kit.events import subscriber


@subscriber(OrderCanceled)
def give_back_what_was_paid(fact: OrderCanceled) -> None:
    settling.close(fact.order_id)


@subscriber(OrderExpired)
def give_back_what_came_of_it(fact: OrderExpired) -> None:
    settling.close(fact.order_id)


@subscriber(WebhookReceived)
def work_off(fact: WebhookReceived) -> None:
    inbox.process(fact.webhook_id)
