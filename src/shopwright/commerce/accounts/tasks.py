from celery import shared_task

from shopwright.commerce.accounts import sign_ins
from shopwright.kit.transaction import transaction


@shared_task(name="shopwright.commerce.accounts.tasks.sweep_sign_ins")
def sweep_sign_ins() -> None:
    """Forget the sign-ins that have expired."""
    with transaction():
        sign_ins.sweep()
