from celery import shared_task
from sqlalchemy import select

from shopwright.commerce.orders.models import Order
from shopwright.commerce.orders.models import State as OrderState
from shopwright.commerce.payments import work
from shopwright.commerce.payments.models import Payment, State
from shopwright.kit.db import session
from shopwright.kit.transaction import reading


@shared_task(name="shopwright.commerce.payments.tasks.complete_payments")
def complete_payments() -> None:
    """Finish what a lost answer or a crash left in between."""
    work.complete()


@shared_task(name="shopwright.commerce.payments.tasks.void_leftovers")
def void_leftovers() -> None:
    """Let go of money that is still reserved for orders that were canceled or have expired."""
    leftover = (
        select(Order.id)
        .join(Payment, Payment.order_id == Order.id)
        .where(Order.state.in_((OrderState.CANCELED, OrderState.EXPIRED)))
        .where(Payment.state.in_((State.AUTHORIZED, State.NEEDS_ACTION)))
        .limit(work.BATCH)
    )
    with reading():
        order_ids = session.scalars(leftover).all()
    for order_id in order_ids:
        work.undo(order_id)
