"""Writing an order down."""

from datetime import datetime
from uuid import UUID

import msgspec

from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.orders.close import book_placing
from shopwright.commerce.orders.events import OrderPlaced
from shopwright.commerce.orders.models import Order, OrderLine
from shopwright.commerce.orders.pay import accept_free
from shopwright.commerce.orders.service import note
from shopwright.commerce.pricing.quotes import Quote, QuoteLine
from shopwright.kit import ids
from shopwright.kit.db import session
from shopwright.kit.events import emit


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """Who orders, and where it goes. A guest holds the order by a token, kept hashed."""

    channel_id: UUID
    customer_id: UUID | None
    token_hash: bytes | None
    locale: str
    email: str
    shipping_address: Address | None
    billing_address: Address | None


def create(order_id: UUID, cart_id: UUID, buyer: Buyer, quote: Quote, expires_at: datetime) -> Order:
    """Write the order down as it was quoted; payment is awaited until `expires_at`."""
    order = Order(
        id=order_id, cart_id=cart_id, channel_id=buyer.channel_id, customer_id=buyer.customer_id,
        token_hash=buyer.token_hash, locale=buyer.locale, email=buyer.email,
        shipping_address=msgspec.to_builtins(buyer.shipping_address),
        billing_address=msgspec.to_builtins(buyer.billing_address),
        currency=quote.currency, subtotal_amount=quote.subtotal.amount, discount_amount=quote.discount.amount,
        shipping_amount=quote.shipping_total.amount, tax_amount=quote.tax.amount, total_amount=quote.total.amount,
        quote=msgspec.to_builtins(quote), expires_at=expires_at, lines=[],
    )  # fmt: skip
    session.add(order)
    session.flush()
    order.lines.extend(_line(order_id, position, line) for position, line in enumerate(quote.lines, start=1))
    note(order, "placed")
    session.flush()
    book_placing(order)
    emit(OrderPlaced(order_id=order.id))
    if order.total_amount == 0:
        accept_free(order)
    return order


def _line(order_id: UUID, position: int, line: QuoteLine) -> OrderLine:
    return OrderLine(
        id=ids.new(), order_id=order_id, position=position, variant_id=line.variant_id, product_id=line.product_id,
        sku=line.sku, title=line.title, variant_title=line.variant_title, options=line.options,
        image_url=line.image_url, quantity=line.quantity, unit_amount=line.unit_price.amount,
        net_amount=line.net.amount, tax_amount=line.tax.amount, gross_amount=line.gross.amount,
        tax_rate_ppm=line.tax_rate_ppm, tax_name=line.tax_name, requires_shipping=line.requires_shipping,
        shipped_quantity=0,
    )  # fmt: skip
