from datetime import timedelta
from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.storefront import queries as storefront
from shopwright.kit import clock
from shopwright.kit.access import requires
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.http import Routes
from shopwright.kit.money import Money
from shopwright.listeners.search.curation.errors import CurationNotSensible, TooManyCurations
from shopwright.listeners.search.curation.schemas import CurationOut
from shopwright.listeners.search.learning import insights, proposals
from shopwright.listeners.search.learning.errors import UnknownProposal
from shopwright.listeners.search.learning.insights import Span
from shopwright.listeners.search.learning.schemas import (
    InsightOrder,
    InsightQuery,
    Insights,
    QueryInsight,
    QueryInsights,
    SynonymProposals,
)

routes = Routes("search_insights", prefix="/v1/admin/search")

READ, WRITE = requires(Permission.SEARCH_READ), requires(Permission.SEARCH_WRITE)
BY_DEFAULT = timedelta(days=30)


@routes.query("/insights", access=READ, errors=(UnknownChannel,))
def show_insights(query: InsightQuery) -> Insights:
    """Show what searches lead to: how many find nothing, are clicked, end in a cart, and what they bring in."""
    channel = storefront.market(query.channel, query.locale).channel
    found = insights.totals(_span(query, channel.id))
    return Insights(
        searches=found.searches,
        no_result_rate=found.no_result_rate,
        ctr=found.ctr,
        mrr=found.mrr,
        add_to_cart_rate=found.add_to_cart_rate,
        refinement_rate=found.refinement_rate,
        revenue=Money(found.revenue, channel.currency),
        revenue_per_search=Money(found.revenue // max(1, found.searches), channel.currency),
    )


@routes.query("/insights/queries", access=READ, errors=(UnknownChannel,))
def list_query_insights(query: InsightOrder) -> QueryInsights:
    """List what is searched for most, or most in vain."""
    channel = storefront.market(query.channel, query.locale).channel
    found = insights.queries(_span(query, channel.id), query.limit, only_without_results=query.only_without_results)
    return QueryInsights(items=[QueryInsight(**each._asdict()) for each in found])


def _span(query: InsightQuery, channel_id: UUID) -> Span:
    said = {"since": query.since, "until": query.until}
    far = [name for name, moment in said.items() if moment is not None and not clock.is_near(moment)]
    if far:
        raise ValidationFailed(
            [{"pointer": f"/{name}", "detail": "Say a date between the years 2000 and 3000."} for name in far]
        )
    until = query.until or clock.now()
    return Span(channel_id, query.locale, query.since or until - BY_DEFAULT, until)


@routes.query("/proposals", access=READ)
def list_proposals() -> SynonymProposals:
    """List synonyms that shoppers teach.

    At least three of them in 90 days clicked nothing of what the one found, if anything, and within five minutes put
    something that the other found into a cart that they bought and paid for.
    """
    return SynonymProposals(items=proposals.proposals())


@routes.command(
    "POST", "/proposals/<uuid:proposal_id>/accept", access=WRITE, status=201,
    errors=(UnknownProposal, CurationNotSensible, TooManyCurations),
)  # fmt: skip
def accept_proposal(proposal_id: UUID) -> CurationOut:
    """Make a proposal a synonym, one way. It is undone as any other."""
    return CurationOut.of(proposals.accept(proposal_id))
