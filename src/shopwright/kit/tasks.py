"""The kit's own work for the clock."""

from datetime import timedelta

from celery import shared_task

from shopwright.kit import idempotency, verification, verification_runs
from shopwright.kit.principal import SYSTEM, acting_as
from shopwright.kit.transaction import transaction
from shopwright.settings import current


@shared_task(name="shopwright.kit.tasks.sweep_idempotency_keys")
def sweep_idempotency_keys() -> None:
    with transaction():
        idempotency.sweep(timedelta(hours=current().idempotency_hours))


@shared_task(name="shopwright.kit.tasks.verify")
def verify() -> None:
    """Look for drifts; mending them is left to who reads of them."""
    report = verification.examine()
    with acting_as(SYSTEM), transaction():
        verification_runs.keep(report)
