"""The kit's own work for the clock."""

from datetime import timedelta

from celery import shared_task

from shopwright.kit import idempotency
from shopwright.kit.transaction import transaction
from shopwright.settings import current


@shared_task(name="shopwright.kit.tasks.sweep_idempotency_keys")
def sweep_idempotency_keys() -> None:
    with transaction():
        idempotency.sweep(timedelta(hours=current().idempotency_hours))
