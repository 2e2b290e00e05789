"""Walks through all listings, a few at a time, when a promotion of the catalog or a price list begins, changes or ends.

What shoppers pay follows the rules at once; only what lists are sorted and filtered by has to be walked. A walk that
is overtaken by another change begins anew, and one that is cut off goes on where it was.
"""

from uuid import UUID

from shopwright.commerce.pricing import list_queries as price_lists
from shopwright.commerce.promotions import queries as promotions
from shopwright.commerce.storefront import audiences, keeping, repricing
from shopwright.commerce.storefront.models import ListingClock
from shopwright.kit import clock
from shopwright.kit.db import session

START = UUID(int=0)


def begin() -> None:
    """Have all products repriced. Pages show the prices of now from this commit on.

    A group that has no prices of its own any more sees those of anybody from now on.
    """
    _row().walked_to = START
    audiences.prepare()
    session.flush()
    keeping.outdate()


def look() -> None:
    """Begin a walk if a promotion or a list has begun or ended by its dates since this was last asked."""
    row, now = _row(), clock.now()
    if promotions.begin_or_end(row.looked_until, now) or price_lists.begin_or_end(row.looked_until, now):
        begin()
    row.looked_until = max(row.looked_until, now)
    session.flush()


def go_on() -> bool:
    """Reprice the next products of the walk that is under way; answers whether there is more to do."""
    row = _row()
    if row.walked_to is None:
        return False
    row.walked_to = repricing.reprice_next(row.walked_to)
    if row.walked_to is None:
        audiences.admit()
        keeping.outdate()
    session.flush()
    return row.walked_to is not None


def _row() -> ListingClock:
    found = session.get(ListingClock, 1, with_for_update=True, populate_existing=True)
    assert found is not None, "the migration makes it"
    return found
