from uuid import UUID

from msgspec import Struct

from shopwright.commerce.cart import held
from shopwright.commerce.cart.held import HeldCart
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.quotes import Quote
from shopwright.commerce.shipping import queries as shipping
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.kit.money import Money


class Notice(Struct, frozen=True, kw_only=True):
    """What the shopper should know before they order: a stable `code`, and the facts of it."""

    code: str
    item_id: UUID
    previous: Money | None = None
    current: Money | None = None
    available: int | None = None


class PricedCart(Struct, frozen=True, kw_only=True):
    cart: HeldCart
    quote: Quote
    notices: list[Notice]


def show(cart_id: UUID) -> PricedCart:
    """The caller's cart with today's prices. Raises `CartNotFound`."""
    return priced(held.to_show(cart_id))


def priced(cart: HeldCart, quote: Quote | None = None) -> PricedCart:
    """With today's prices; or with this quote, which is of the cart as it is."""
    quote = quote or pricing.quote(cart.basket)
    return PricedCart(cart=cart, quote=quote, notices=_notices(cart, quote))


def _notices(cart: HeldCart, quote: Quote) -> list[Notice]:
    available = {each.variant_id: each.available for each in cart.stock}
    by_line = {line.line_id: line for line in quote.lines}
    notices: list[Notice] = []
    for line in cart.lines:
        priced_line = by_line.get(line.line_id)
        if priced_line is None:
            notices.append(Notice(code="not-for-sale", item_id=line.line_id))
            continue
        if priced_line.unit_price.amount != line.seen_amount:
            seen, now = Money(line.seen_amount, quote.currency), priced_line.unit_price
            notices.append(Notice(code="price-changed", item_id=line.line_id, previous=seen, current=now))
        left = available.get(line.variant_id, 0)
        if left < line.quantity:
            notices.append(Notice(code="insufficient-stock", item_id=line.line_id, available=max(left, 0)))
    return notices


def shipping_offers(cart_id: UUID) -> list[ShippingOffer]:
    """How the caller's cart may be shipped, to its address or else within the channel's first country.

    Raises `CartNotFound`.
    """
    cart = held.to_show(cart_id)
    quote = pricing.quote(cart.basket)
    if not quote.needs_shipping:
        return []
    return shipping.offers(
        cart.channel_id, quote.country, quote.region, quote.shipping_weight, quote.subtotal, cart.locale
    )
