from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.catalog.errors import UnknownVariant
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.pricing import explaining, list_queries, lists
from shopwright.commerce.pricing.errors import UnknownPriceList
from shopwright.commerce.pricing.history_models import PriceAnnouncement, PriceEntry
from shopwright.commerce.pricing.list_models import PriceList, PriceTier
from shopwright.commerce.pricing.list_schemas import (
    AnnouncementOut,
    ChangePriceList,
    CreatePriceList,
    ExplainQuery,
    ExplanationOut,
    HistoryQuery,
    PriceEntryOut,
    PriceListOut,
    PriceListQuery,
    SetTiers,
    TierOut,
)  # fmt: skip
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page, PageQuery
from shopwright.kit.wire import changes_in

routes = Routes("price_lists", prefix="/v1/admin")

READ, WRITE = requires(Permission.PRICES_READ), requires(Permission.PRICES_WRITE)


@routes.query("/price-lists", access=READ, errors=(InvalidCursor,))
def list_price_lists(query: PriceListQuery) -> Page[PriceListOut]:
    """List the price lists of all channels or of one, the newest first."""
    purpose = f"price lists of {query.channel_id}"
    found = paging.keyset(
        list_queries.everything(query.channel_id), [(PriceList.id, False)],
        purpose=purpose, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip
    rows, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda row: [row.id]
    )
    return Page(items=[PriceListOut.of(row) for row in rows], next_cursor=cursor)


@routes.query("/price-lists/<uuid:price_list_id>", access=READ, errors=(UnknownPriceList,))
def show_price_list(price_list_id: UUID) -> PriceListOut:
    """Show a price list without its prices."""
    return PriceListOut.of(list_queries.get(price_list_id))


@routes.command("POST", "/price-lists", access=WRITE, status=201, errors=(UnknownChannel,))
def create_price_list(body: CreatePriceList) -> PriceListOut:
    """Create a price list.

    It is in the currency of its channel. A list that is for somebody goes before one that is for anybody; then the lower
    priority goes first. One that cannot be right is refused, with a pointer to each fault.
    """
    return PriceListOut.of(lists.create_list(body.channel_id, body.terms()))


@routes.command(
    "PATCH", "/price-lists/<uuid:price_list_id>", access=WRITE, if_match=IfMatch.REQUIRED, errors=(UnknownPriceList,)
)  # fmt: skip
def change_price_list(price_list_id: UUID, body: ChangePriceList) -> PriceListOut:
    """Change a price list.

    It holds in its new form at once. Orders keep what they were placed with. To end it, set `ends_at` or `is_active`.
    """
    return PriceListOut.of(lists.change_list(price_list_id, changes_in(body)))


@routes.query("/price-lists/<uuid:price_list_id>/prices", access=READ, errors=(UnknownPriceList, InvalidCursor))
def list_tiers(price_list_id: UUID, query: PageQuery) -> Page[TierOut]:
    """List the prices that a list has of its own."""
    purpose = f"prices of list {price_list_id}"
    found = paging.keyset(
        list_queries.tiers_of(price_list_id), [(PriceTier.variant_id, True), (PriceTier.min_quantity, True)],
        purpose=purpose, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip
    rows, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit,
        values=lambda row: [row.variant_id, row.min_quantity],
    )  # fmt: skip
    currency = list_queries.get(price_list_id).currency
    return Page(items=[TierOut.of(row, currency) for row in rows], next_cursor=cursor)


@routes.command(
    "POST", "/price-lists/<uuid:price_list_id>/prices", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownPriceList,),
)  # fmt: skip
def set_tiers(price_list_id: UUID, body: SetTiers) -> PriceListOut:
    """Set what a list says of up to 1000 variants.

    All tiers of each named variant are replaced; what is not named stays. All pieces of a variant in a cart together
    choose the tier.
    """
    return PriceListOut.of(lists.set_tiers(price_list_id, body.of_variants()))


@routes.query("/variants/<uuid:variant_id>/price-history", access=READ, errors=(InvalidCursor,))
def list_price_history(variant_id: UUID, query: HistoryQuery) -> Page[PriceEntryOut]:
    """List what a variant cost in a channel, by itself and by price lists, the newest first. Nothing of it is ever changed."""
    purpose = f"price history of {variant_id} in {query.channel_id}"
    found = paging.keyset(
        list_queries.history_of(variant_id, query.channel_id), [(PriceEntry.at, False), (PriceEntry.id, False)],
        purpose=purpose, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip
    rows, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda row: [row.at, row.id]
    )
    return Page(items=[PriceEntryOut.of(row) for row in rows], next_cursor=cursor)


@routes.query("/variants/<uuid:variant_id>/price-announcements", access=READ, errors=(UnknownChannel, InvalidCursor))
def list_price_announcements(variant_id: UUID, query: HistoryQuery) -> Page[AnnouncementOut]:
    """List what anybody was shown of a variant's price in a channel, the newest first: the evidence for every strike price."""
    purpose = f"announcements of {variant_id} in {query.channel_id}"
    found = paging.keyset(
        list_queries.announcements_of(variant_id, query.channel_id), [(PriceAnnouncement.number, False)],
        purpose=purpose, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip
    rows, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda row: [row.number]
    )
    return Page(items=[AnnouncementOut.of(row) for row in rows], next_cursor=cursor)


@routes.query("/variants/<uuid:variant_id>/price-explanation", access=READ, errors=(UnknownVariant, UnknownChannel))
def explain_price(variant_id: UUID, query: ExplainQuery) -> ExplanationOut:
    """Explain why so many pieces of a variant cost what they cost, for anybody or for one customer, at any moment."""
    found = explaining.explain(
        variant_id, query.channel_id, customer_id=query.customer_id, quantity=query.quantity, at=query.at
    )
    return ExplanationOut(
        at=found.at, line=found.line, price_lists=list(found.lists), refusals=list(found.refusals)
    )  # fmt: skip
