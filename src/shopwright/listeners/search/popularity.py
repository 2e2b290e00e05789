"""What sells is followed by the clock and not by each order: else what sells best would be indexed all the time."""

from sqlalchemy import func, select

from shopwright.commerce.orders.models import Order, OrderLine, State
from shopwright.kit import clock
from shopwright.kit.batches import batched
from shopwright.kit.db import session
from shopwright.listeners.search import states
from shopwright.listeners.search.backends.postgres.models import SearchDocument
from shopwright.listeners.search.sources import POPULAR_FOR

CHUNK = 5_000


def follow_sales() -> int:
    """Have those indexed anew whose units ordered of late are not what their documents say; answers how many they are."""
    sold = (
        select(OrderLine.product_id, func.sum(OrderLine.quantity).label("units"))
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.placed_at >= clock.now() - POPULAR_FOR, Order.state.not_in((State.CANCELED, State.EXPIRED)))
        .group_by(OrderLine.product_id)
        .subquery()
    )
    outdated = (
        select(SearchDocument.product_id)
        .join(sold, sold.c.product_id == SearchDocument.product_id, isouter=True)
        .where(SearchDocument.is_found, SearchDocument.popularity != func.coalesce(sold.c.units, 0))
        .distinct()
    )
    product_ids = sorted(session.scalars(outdated))
    for chunk in batched(product_ids, CHUNK):
        states.touch(chunk)
    return len(product_ids)
