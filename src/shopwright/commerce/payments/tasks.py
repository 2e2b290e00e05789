from datetime import timedelta

from celery import shared_task

from shopwright.commerce.payments import reconciliation, registry, work
from shopwright.commerce.payments.provider import NoAnswer
from shopwright.kit import clock
from shopwright.kit.logging import get

#: Longer than from one run to the next, so that nothing falls between them.
LOOKS_BACK = timedelta(hours=26)

log = get("payments")


@shared_task(name="shopwright.commerce.payments.tasks.complete_payments")
def complete_payments() -> None:
    """Finish what a lost answer or a crash left in between."""
    work.complete()


@shared_task(name="shopwright.commerce.payments.tasks.reconcile")
def reconcile() -> None:
    """Compare with each provider what moved lately."""
    now = clock.now()
    for name in registry.names():
        try:
            reconciliation.reconcile(name, now - LOOKS_BACK, now)
        except NoAnswer as fault:
            log.warning("not reconciled", provider=name, reason=fault.reason)
