from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shopwright.commerce.storefront.schemas import Channel
from shopwright.kit.locale import LocaleTag
from shopwright.kit.money import Money
from shopwright.kit.wire import In, Out
from shopwright.listeners.search.learning.models import Kind

Share = Annotated[float, Meta(ge=0, le=1)]


class SearchEvent(In, frozen=True, kw_only=True):
    """`place` counts from 1 over all pages. With the `cart_id` of an added product, what its order is worth is known."""

    search_id: UUID
    kind: Kind
    product_id: UUID
    place: Annotated[int, Meta(ge=1, le=10_000)]
    cart_id: UUID | None = None


class TellSearchEvents(In, frozen=True, kw_only=True):
    events: Annotated[list[SearchEvent], Meta(min_length=1, max_length=50)]


class EventsTaken(Out, frozen=True, kw_only=True):
    taken: int


class InsightQuery(In, frozen=True, kw_only=True):
    channel: Channel | None = None
    locale: Annotated[LocaleTag, Meta(description="Only searches in this language")] | None = None
    since: Annotated[datetime, Meta(tz=True, description="By default 30 days before `until`")] | None = None
    until: Annotated[datetime, Meta(tz=True, description="By default now")] | None = None


class InsightOrder(InsightQuery, frozen=True, kw_only=True):
    only_without_results: bool = False
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class Insights(Out, frozen=True, kw_only=True):
    """Of searches in words. `ctr` and `add_to_cart_rate` are the shares that led to a click or an added product, `mrr` the mean of
    1 divided by the place of the best click, 0 without one, `refinement_rate` the share that the same shopper followed with
    other words of the same language within five minutes. Who was redirected is counted in `searches` alone. `revenue` is
    what was paid or is owed for products that were added from a list, in the orders of the carts that they were added to;
    of what was given back for an order each line bears its share."""

    searches: int
    no_result_rate: Share
    ctr: Share
    mrr: Share
    add_to_cart_rate: Share
    refinement_rate: Share
    revenue: Money
    revenue_per_search: Money


class QueryInsight(Out, frozen=True, kw_only=True):
    """Words that at least three shoppers searched for within a week."""

    words: str
    locale: str
    searches: int
    no_result_rate: Share
    ctr: Share
    mrr: Share
    add_to_cart_rate: Share


class QueryInsights(Out, frozen=True, kw_only=True):
    items: list[QueryInsight]


class SynonymProposal(Out, frozen=True, kw_only=True):
    """`shoppers` clicked nothing for `words`, and then bought something that they found by `finds`."""

    id: UUID
    locale: str
    words: str
    finds: str
    shoppers: int


class SynonymProposals(Out, frozen=True, kw_only=True):
    items: list[SynonymProposal]
