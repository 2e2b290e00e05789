from celery import shared_task

from shopwright.commerce.orders import service
from shopwright.kit.transaction import atomically

BATCH = 100


@shared_task(name="shopwright.commerce.orders.tasks.expire_orders")
def expire_orders() -> None:
    """Close what was not paid in time."""
    expired = BATCH
    while expired == BATCH:
        expired = atomically(lambda: service.expire_due(BATCH))
