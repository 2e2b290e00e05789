from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.kit.access import Anyone
from shopwright.kit.http import Routes
from shopwright.kit.paging import InvalidCursor
from shopwright.listeners.search import service, suggestions
from shopwright.listeners.search.errors import NothingRated
from shopwright.listeners.search.schemas import AskSuggestions, Search, SearchResult, Suggestions

routes = Routes("search")


@routes.query("/search", access=Anyone, errors=(UnknownChannel, InvalidCursor, NothingRated))
def search(query: Search) -> SearchResult:
    """Search products.

    An article's number, a GTIN, prices ("under 50") and "without" are understood. What has all words stands first: as
    spelled, then as inflected, then by synonyms, then nearly spelled so; if nothing has all of them, what has most.
    All filters must hold, those of price, availability and options for one and the same variant. Each facet is counted
    with every other choice. `search_id` names the answer.
    """
    return service.search(query)


@routes.query("/search/suggestions", access=Anyone, errors=(UnknownChannel,))
def suggest(query: AskSuggestions) -> Suggestions:
    """Suggest what may be meant while somebody types.

    First what others searched for (at least five within a week, all words of which a product of the channel has), then
    categories, brands and products, of which only those are named that the channel offers.
    """
    return suggestions.suggest(query)
