from celery import shared_task

from shopwright.commerce.inventory import service
from shopwright.kit.transaction import transaction

BATCH = 200


@shared_task(name="shopwright.commerce.inventory.tasks.sweep_expired_reservations")
def sweep_expired_reservations() -> None:
    """Give back what was held beyond its time."""
    found = BATCH
    while found == BATCH:
        with transaction():
            found = service.sweep_expired(BATCH)
