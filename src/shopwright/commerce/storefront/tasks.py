from uuid import UUID

from celery import shared_task

from shopwright.commerce.storefront import service, walks
from shopwright.kit.transaction import transaction


@shared_task(name="shopwright.commerce.storefront.tasks.rebuild")
def rebuild() -> None:
    """Make all listings anew, a few at a time, while the shop goes on."""
    after: UUID | None = UUID(int=0)
    while after is not None:
        with transaction():
            after = service.relist_next(after)


@shared_task(name="shopwright.commerce.storefront.tasks.follow_promotions")
def follow_promotions() -> None:
    """Begin a walk when promotions begin or end, and go on with the one that is under way until it is through."""
    with transaction():
        walks.look()
    is_under_way = True
    while is_under_way:
        with transaction():
            is_under_way = walks.go_on()
