from shopwright.commerce.channels import queries
from shopwright.commerce.channels.schemas import ChannelList, ChannelOut
from shopwright.kit.access import Anyone
from shopwright.kit.db import session
from shopwright.kit.http import Routes

routes = Routes("channels")


@routes.query("/channels", access=Anyone, cache_control="public, max-age=60")
def list_channels() -> ChannelList:
    """List the sales channels.

    A channel fixes the currency, the countries and the languages that are sold in. Name it in `channel` where a route asks.
    """
    return ChannelList(items=[ChannelOut.of(channel) for channel in session.scalars(queries.active())])
