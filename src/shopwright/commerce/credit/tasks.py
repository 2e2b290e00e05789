from celery import shared_task

from shopwright.commerce.credit import service
from shopwright.kit.transaction import transaction

BATCH = 100


@shared_task(name="shopwright.commerce.credit.tasks.expire_credit")
def expire_credit() -> None:
    """Take what is left of what has expired."""
    expired = BATCH
    while expired == BATCH:
        with transaction():
            expired = service.expire_due(BATCH)
