from uuid import UUID

from celery import shared_task

from shopwright.commerce.storefront import service
from shopwright.kit.transaction import transaction


@shared_task(name="shopwright.commerce.storefront.tasks.rebuild")
def rebuild() -> None:
    """Make all listings anew, a few at a time, while the shop goes on."""
    after: UUID | None = UUID(int=0)
    while after is not None:
        with transaction():
            after = service.relist_next(after)
