from shopwright.kit import clock
from shopwright.kit.access import Anyone
from shopwright.kit.http import Routes
from shopwright.kit.ratelimit import Limit
from shopwright.listeners.search.learning import journal
from shopwright.listeners.search.learning.journal import Told
from shopwright.listeners.search.learning.schemas import EventsTaken, TellSearchEvents
from shopwright.settings import Settings

routes = Routes("search_events")


def telling(settings: Settings) -> Limit:
    """By the address that tells."""
    return Limit("search-events", settings.search_events_per_minute, 60)


@routes.command("POST", "/search/events", access=Anyone, status=202, is_idempotent=False, limit=telling)
def tell_search_events(body: TellSearchEvents) -> EventsTaken:
    """Tell which hits of a search were clicked, and which were put into a cart.

    Each is counted once by search and product, however often it is told, and 100 of a search at most; a product that the
    search's channel does not show is not counted. They appear in the insights within a minute.
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
