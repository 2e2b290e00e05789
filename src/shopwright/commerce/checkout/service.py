import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

from msgspec import to_builtins

from shopwright.commerce.cart import ordering as carts
from shopwright.commerce.cart.errors import CartClosed
from shopwright.commerce.cart.held import HeldCart
from shopwright.commerce.cart.models import State
from shopwright.commerce.catalog.queries import FACTS
from shopwright.commerce.checkout.errors import CartEmpty, CheckoutIncomplete, ItemsUnavailable, PriceChanged, TaxNeeded
from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.orders import place
from shopwright.commerce.orders import queries as order_queries
from shopwright.commerce.orders.place import Buyer, Placed
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.quotes import Quote
from shopwright.commerce.promotions import redeeming
from shopwright.commerce.promotions.redeeming import LimitReached
from shopwright.kit import clock, ids
from shopwright.kit.money import Money
from shopwright.settings import current


def place_order(cart_id: UUID, expected_total: Money) -> Placed:
    """Turn a cart into an order, once: asked again, it answers with the same order.

    Stock is set aside until the order expires. Raises `CartNotFound`, `CartClosed`, `CartEmpty`, `ItemsUnavailable`,
    `CheckoutIncomplete`, `TaxNeeded`, `PriceChanged` and `OutOfStock`; whatever is refused leaves cart and stock as they were.
    Where a promotion's limit was reached meanwhile, `PriceChanged` has the price without it.
    """
    cart = carts.hold(cart_id)
    if cart.state != State.OPEN:
        # The row is locked, so an order exists if and only if the cart says that it became one.
        if placed := order_queries.of_cart(cart.id):
            return Placed(placed, order_queries.timeline(placed.id))
        raise CartClosed()
    if not cart.lines:
        raise CartEmpty()
    basket = cart.basket
    shelves = inventory.approach(cart.channel_id, {line.variant_id for line in cart.lines})
    number = place.draw_number()
    # All that rules could ask for, and those of today do not, is kept for the rules of tomorrow.
    quoted = pricing.quoted(basket, facts=FACTS)
    quote = quoted.quote
    _check_whole(cart, quote)
    if quote.taxes_needed:
        raise TaxNeeded()
    if quote.total != expected_total:
        raise _price_changed(quote)
    order_id = ids.new()
    expires_at = clock.now() + timedelta(minutes=current().order_ttl_minutes)
    # Stock before limits, as whoever ends an order locks them.
    inventory.reserve(order_id, cart.channel_id, quote.wanted(), expires_at, shelves)
    try:
        redeeming.redeem(order_id, quote.redemptions, basket.buyer_keys)
    except LimitReached as late:
        raise _price_changed(pricing.quote(basket, spent=late.spent)) from late
    carts.close(cart)
    return place.create(order_id, number, cart.id, _buyer(order_id, cart), quoted, expires_at)


def _price_changed(quote: Quote) -> PriceChanged | TaxNeeded:
    if quote.taxes_needed:
        # With another discount it is another basket, which nobody has asked the tax service about.
        return TaxNeeded()
    return PriceChanged(total=to_builtins(quote.total), refusals=to_builtins(quote.refusals))


def _check_whole(cart: HeldCart, quote: Quote) -> None:
    if quote.unavailable:
        raise ItemsUnavailable(variants=[str(variant_id) for variant_id in quote.unavailable])
    missing = []
    if not cart.email:
        missing.append("email")
    if quote.needs_shipping and not cart.shipping_address:
        missing.append("shipping_address")
    if quote.needs_shipping and quote.shipping is None:
        missing.append("shipping_method_id")
    if not cart.shipping_address and not cart.billing_address:
        missing.append("billing_address")
    if missing:
        raise CheckoutIncomplete(missing=missing)


def _buyer(order_id: UUID, cart: HeldCart) -> Buyer:
    assert cart.email is not None
    return Buyer(
        channel_id=cart.channel_id,
        customer_id=cart.customer_id,
        token_hash=None if cart.customer_id else ids.hashed(order_token(order_id)),
        locale=cart.locale,
        email=cart.email,
        shipping_address=cart.shipping_address,
        billing_address=cart.billing_address or cart.shipping_address,
    )


def order_token(order_id: UUID) -> str:
    """A guest's token for an order: 256 bits that only this shop can make, so that asking twice tells the same one."""
    return hmac.new(current().secret_key.encode(), b"order-token:" + order_id.bytes, hashlib.sha256).hexdigest()
