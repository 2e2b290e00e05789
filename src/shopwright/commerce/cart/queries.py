from uuid import UUID

from msgspec import Struct, convert
from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import selectinload

from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.cart.errors import CartNotFound
from shopwright.commerce.cart.models import Cart
from shopwright.commerce.inventory import queries as inventory
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.quotes import Basket, BasketLine, Quote
from shopwright.commerce.promotions import buyers
from shopwright.commerce.shipping import queries as shipping
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.kit import principal
from shopwright.kit.db import session
from shopwright.kit.money import Money


class Notice(Struct, frozen=True, kw_only=True):
    """What the shopper should know before they order: a stable `code`, and the facts of it."""

    code: str
    item_id: UUID
    previous: Money | None = None
    current: Money | None = None
    available: int | None = None


class PricedCart(Struct, frozen=True, kw_only=True):
    cart: Cart
    quote: Quote
    notices: list[Notice]


def is_mine() -> ColumnElement[bool]:
    """A guest's cart by its token, a customer's by who they are; there are no others."""
    who = principal.current()
    owned: list[ColumnElement[bool]] = [false()]
    if who.cart_token is not None:
        owned.append(and_(Cart.customer_id.is_(None), Cart.token_hash == who.cart_token))
    if who.customer_id is not None:
        owned.append(Cart.customer_id == who.customer_id)
    return or_(*owned)


def mine(cart_id: UUID) -> Select[Cart]:
    return select(Cart).where(Cart.id == cart_id, is_mine()).options(selectinload(Cart.lines))


def anyones(cart_id: UUID) -> Cart:
    """For staff, whose permission was asked. Raises `CartNotFound`."""
    cart = session.scalar(select(Cart).where(Cart.id == cart_id).options(selectinload(Cart.lines)))
    if cart is None:
        raise CartNotFound()
    return cart


def show(cart_id: UUID) -> PricedCart:
    """The caller's cart with today's prices. Raises `CartNotFound`."""
    cart = session.scalar(mine(cart_id))
    if cart is None:
        raise CartNotFound()
    return priced(cart)


def basket_of(cart: Cart) -> Basket:
    address = shipping_address_of(cart)
    return Basket(
        channel_id=cart.channel_id,
        locale=cart.locale,
        lines=tuple(BasketLine(line_id=line.id, variant_id=line.variant_id, quantity=line.quantity) for line in cart.lines),
        country=address.country_code if address else None,
        region=(address.country_area or None) if address else None,
        city=address.city if address else None,
        postal_code=address.postal_code if address else None,
        vat_id=cart.vat_id,
        shipping_method_id=cart.shipping_method_id,
        customer_id=cart.customer_id,
        buyer_keys=buyers.keys_of(cart.customer_id, cart.email, address),
        codes=tuple(cart.codes),
        chosen_gifts=tuple(cart.chosen_gifts),
    )  # fmt: skip


def shipping_address_of(cart: Cart) -> Address | None:
    return convert(cart.shipping_address, Address) if cart.shipping_address else None


def priced(cart: Cart) -> PricedCart:
    quote = pricing.quote(basket_of(cart))
    return PricedCart(cart=cart, quote=quote, notices=_notices(cart, quote))


def _notices(cart: Cart, quote: Quote) -> list[Notice]:
    if not cart.lines:
        return []
    available = inventory.available(cart.channel_id, [line.variant_id for line in cart.lines])
    by_line = {line.line_id: line for line in quote.lines}
    notices: list[Notice] = []
    for line in cart.lines:
        priced_line = by_line.get(line.id)
        if priced_line is None:
            notices.append(Notice(code="not-for-sale", item_id=line.id))
            continue
        if priced_line.unit_price.amount != line.seen_amount:
            seen = Money(line.seen_amount, quote.currency)
            notices.append(Notice(code="price-changed", item_id=line.id, previous=seen, current=priced_line.unit_price))
        left = available.get(line.variant_id, 0)
        if left < line.quantity:
            notices.append(Notice(code="insufficient-stock", item_id=line.id, available=max(left, 0)))
    return notices


def shipping_offers(cart: Cart) -> list[ShippingOffer]:
    """How this cart may be shipped, to its address or else within the channel's first country."""
    quote = pricing.quote(basket_of(cart))
    if not quote.needs_shipping:
        return []
    return shipping.offers(
        cart.channel_id, quote.country, quote.region, quote.shipping_weight, quote.subtotal, cart.locale
    )
