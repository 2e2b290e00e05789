from uuid import UUID

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.catalog.errors import UnknownProduct, UnknownVariant
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.pricing import queries, service
from shopwright.commerce.pricing.errors import CompareAtTooLow, PriceInForeignCurrency, UnknownPrice
from shopwright.commerce.pricing.models import Price
from shopwright.commerce.pricing.schemas import PriceOut, PriceQuery, SetPrice
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page

routes = Routes("pricing", prefix="/v1/admin")

KEY = (Price.variant_id, Price.channel_id, Price.currency)


@routes.query(
    "/products/<uuid:product_id>/prices",
    access=requires(Permission.PRICES_READ),
    errors=(UnknownProduct, InvalidCursor),
)
def list_prices(product_id: UUID, query: PriceQuery) -> Page[PriceOut]:
    """List the prices of a product's variants, of all channels or of one."""
    purpose = f"prices of {product_id} in {query.channel_id}"
    found = paging.keyset(
        queries.of_product(product_id, query.channel_id), [(column, True) for column in KEY],
        purpose=purpose, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip
    prices, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit,
        values=lambda price: [price.variant_id, price.channel_id, price.currency],
    )  # fmt: skip
    return Page(items=[PriceOut.of(price) for price in prices], next_cursor=cursor)


@routes.query(
    "/variants/<uuid:variant_id>/prices/<uuid:channel_id>", access=requires(Permission.PRICES_READ),
    errors=(UnknownVariant, UnknownChannel),
)  # fmt: skip
def show_price(variant_id: UUID, channel_id: UUID) -> PriceOut:
    """Show what a variant costs in a channel.

    Also a price that is not set has an ETag: send it in If-Match to set the price, and nobody else's is overwritten.
    """
    price = queries.price_in(channel_id, variant_id)
    return PriceOut.of(price) if price else PriceOut.unset(variant_id, channel_id)


@routes.command(
    "PUT", "/variants/<uuid:variant_id>/prices/<uuid:channel_id>", access=requires(Permission.PRICES_WRITE),
    if_match=IfMatch.REQUIRED, errors=(UnknownVariant, UnknownChannel, PriceInForeignCurrency, CompareAtTooLow),
)  # fmt: skip
def set_price(variant_id: UUID, channel_id: UUID, body: SetPrice) -> PriceOut:
    """Set what a variant costs in a channel.

    Net or gross, as the channel shows its prices. If-Match: `*` sets it whatever it was, or if it was not.
    """
    return PriceOut.of(
        service.set_price(variant_id, channel_id, body.price, compare_at=body.compare_at, cost=body.cost)
    )


@routes.command(
    "DELETE", "/variants/<uuid:variant_id>/prices/<uuid:channel_id>", access=requires(Permission.PRICES_WRITE),
    if_match=IfMatch.REQUIRED, errors=(UnknownPrice, UnknownChannel),
)  # fmt: skip
def remove_price(variant_id: UUID, channel_id: UUID) -> None:
    """Sell a variant in a channel no more."""
    service.remove_price(variant_id, channel_id)
