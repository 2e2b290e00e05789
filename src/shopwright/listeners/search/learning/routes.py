from shopwright.kit import clock
from shopwright.kit.access import Anyone
from shopwright.kit.http import Routes
from shopwright.listeners.search.learning import journal
from shopwright.listeners.search.learning.journal import Told
from shopwright.listeners.search.learning.schemas import EventsTaken, TellSearchEvents

routes = Routes("search_events")


@routes.command("POST", "/search/events", access=Anyone, status=202, is_idempotent=False)
def tell_search_events(body: TellSearchEvents) -> EventsTaken:
    """Tell which hits of a search were clicked, and which were put into a cart.

    Each is counted once by search and product, however often it is told. They appear in the insights within a minute.
    """
    now = clock.now()
    journal.note(
        *(
            Told(
                search_id=each.search_id, kind=each.kind, product_id=each.product_id, place=each.place,
                cart_id=each.cart_id, at=now,
            )
            for each in body.events
        )
    )  # fmt: skip
    return EventsTaken(taken=len(body.events))
