"""The feed over HTTP, for the systems of the merchant."""

from urllib.parse import urlencode

from shopwright.kit import feed
from shopwright.kit.access import requires
from shopwright.kit.feed import EventTypes, FeedPage, FeedQuery
from shopwright.kit.http import Answered, Routes

routes = Routes("events", prefix="/v1/admin")

#: The rooms' permissions lie above the kit, which can only name this one.
MAY_READ = requires("events:read")


@routes.query("/events", access=MAY_READ)
def read_events(query: FeedQuery) -> Answered[FeedPage]:
    """Read the facts of the shop, oldest first, from any position on.

    Complete: nothing can appear below a position that you have read, and the facts of one aggregate stand in the order in
    which they happened. Keep `next_after` together with what you did about the page, and go on from there.
    """
    found = feed.page(query.after, query.limit, query.type)
    if not found.has_more:
        return Answered(found, {})
    again = urlencode({"after": found.next_after, "limit": query.limit, "type": query.type}, doseq=True)
    return Answered(found, {"Link": f'</v1/admin/events?{again}>; rel="next"'})


@routes.query("/events/types", access=MAY_READ)
def list_event_types() -> EventTypes:
    """List the kinds of facts, with their versions and the JSON Schema of their data."""
    return EventTypes(items=feed.types())
