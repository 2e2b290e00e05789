from celery import shared_task

from shopwright.commerce.taxes import answers
from shopwright.kit.transaction import transaction


@shared_task(name="shopwright.commerce.taxes.tasks.sweep_tax_answers")
def sweep_tax_answers() -> None:
    """Forget what a tax service said so long ago that it no longer holds."""
    with transaction():
        answers.sweep()
