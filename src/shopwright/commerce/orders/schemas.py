from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, convert

from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.orders.models import FulfillmentStatus, Order, OrderEvent, OrderLine, PaymentStatus, State
from shopwright.commerce.pricing.quotes import Step
from shopwright.kit.counting import CountedQuery
from shopwright.kit.money import Money, zero
from shopwright.kit.wire import In, Out

Reason = Annotated[str, Meta(min_length=1, max_length=500, examples=["The customer asked for it."])]


class OrderLineOut(Out):
    """As it was quoted; `steps` say how its price was made."""

    id: UUID
    variant_id: UUID
    product_id: UUID
    sku: str
    title: str
    variant_title: str
    options: dict[str, str]
    image_url: str | None
    quantity: int
    unit_price: Money
    net: Money
    tax: Money
    gross: Money
    tax_rate_ppm: int
    tax_name: str
    shipped_quantity: int
    is_gift: bool
    steps: list[Step]

    @classmethod
    def of(cls, line: OrderLine, currency: str, quoted: dict[str, Any]) -> "OrderLineOut":
        return cls(
            id=line.id, variant_id=line.variant_id, product_id=line.product_id, sku=line.sku, title=line.title,
            variant_title=line.variant_title, options=line.options, image_url=line.image_url, quantity=line.quantity,
            unit_price=Money(line.unit_amount, currency), net=Money(line.net_amount, currency),
            tax=Money(line.tax_amount, currency), gross=Money(line.gross_amount, currency),
            tax_rate_ppm=line.tax_rate_ppm, tax_name=line.tax_name, shipped_quantity=line.shipped_quantity,
            is_gift=quoted.get("is_gift", False), steps=convert(quoted["steps"], list[Step]),
        )  # fmt: skip


class TimelineEntry(Out):
    at: datetime
    kind: str
    by: str
    facts: dict[str, Any]


class OrderOut(Out):
    """`token` is told to the guest who placed the order; with it as `Order-Token` they read it again.

    With `reverse_charge` the buyer owes the tax in their own country, and the invoice must say "Reverse charge" and name
    `vat_id`; `tax_exemption` is the certificate of who is exempt. `tax_removed` is what was tax in the prices of either.
    """

    id: UUID
    number: str
    state: State
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    channel_id: UUID
    cart_id: UUID
    email: str
    shipping_address: Address | None
    billing_address: Address | None
    lines: list[OrderLineOut]
    shipping_method: str | None
    shipping_steps: list[Step]
    subtotal: Money
    discount: Money
    shipping_total: Money
    tax: Money
    tax_removed: Money
    vat_id: str | None
    reverse_charge: bool
    tax_exemption: str | None
    total: Money
    authorized: Money
    paid: Money
    refunded: Money
    placed_at: datetime
    expires_at: datetime | None
    paid_at: datetime | None
    version: int
    timeline: list[TimelineEntry]
    token: str | None = None

    @classmethod
    def of(cls, order: Order, timeline: list[OrderEvent], token: str | None = None) -> "OrderOut":
        shipping, exemption = order.quote.get("shipping"), order.quote.get("exemption")
        removed = order.quote.get("tax_removed")
        return cls(
            id=order.id, number=str(order.number), state=State(order.state), payment_status=order.payment_status,
            fulfillment_status=order.fulfillment_status, channel_id=order.channel_id, cart_id=order.cart_id,
            email=order.email, shipping_address=convert(order.shipping_address, Address | None),
            billing_address=convert(order.billing_address, Address | None),
            lines=[
                OrderLineOut.of(line, order.currency, quoted)
                for line, quoted in zip(order.lines, order.quote["lines"], strict=True)
            ],
            shipping_method=shipping["name"] if shipping else None,
            shipping_steps=convert(shipping["steps"] if shipping else [], list[Step]),
            subtotal=Money(order.subtotal_amount, order.currency),
            discount=Money(order.discount_amount, order.currency),
            shipping_total=Money(order.shipping_amount, order.currency), tax=Money(order.tax_amount, order.currency),
            tax_removed=convert(removed, Money) if removed else zero(order.currency), vat_id=order.quote.get("vat_id"),
            reverse_charge=order.quote.get("reverse_charge", False),
            tax_exemption=exemption["certificate"] if exemption else None,
            total=order.total, authorized=Money(order.authorized_amount, order.currency),
            paid=Money(order.paid_amount, order.currency),
            refunded=Money(order.refunded_amount, order.currency), placed_at=order.placed_at,
            expires_at=order.expires_at, paid_at=order.paid_at, version=order.version,
            timeline=[TimelineEntry(at=e.at, kind=e.kind, by=e.actor_kind, facts=e.facts) for e in timeline],
            token=token,
        )  # fmt: skip


class OrderSummary(Out):
    id: UUID
    number: str
    state: State
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    email: str
    total: Money
    pieces: int
    placed_at: datetime

    @classmethod
    def of(cls, order: Order) -> "OrderSummary":
        return cls(
            id=order.id, number=str(order.number), state=State(order.state), payment_status=order.payment_status,
            fulfillment_status=order.fulfillment_status, email=order.email, total=order.total,
            pieces=sum(line.quantity for line in order.lines), placed_at=order.placed_at,
        )  # fmt: skip


class ListOrders(CountedQuery, frozen=True, kw_only=True):
    state: State | None = None
    number: Annotated[int, Meta(ge=1, le=2**53)] | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None


class CancelOrder(In):
    reason: Reason
