"""Writing an order down: in one statement, with its lines and the first line of its timeline."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import to_builtins
from sqlalchemy import Select, Table, Text, bindparam, cast, column, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB

from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind
from shopwright.commerce.orders import queries, service
from shopwright.commerce.orders.events import OrderPlaced
from shopwright.commerce.orders.models import Order, OrderEvent, OrderLine, State
from shopwright.commerce.orders.pay import mark_paid
from shopwright.commerce.pricing.quotes import Quote, QuoteLine
from shopwright.kit import clock, ids, principal
from shopwright.kit.db import session, table_of
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


class Placed(NamedTuple):
    """An order, and what its timeline says so far."""

    order: Order
    timeline: list[OrderEvent]


def _from_json(table: Table, parameter: str) -> Select[*tuple[Any, ...]]:
    """Rows of the table, sent as one JSON array, so that any number of them is one statement."""
    sent = func.jsonb_to_recordset(cast(bindparam(parameter, type_=Text), JSONB))
    columns = [column(each.name, each.type) for each in table.columns]
    return select(sent.table_valued(*columns, name=parameter).render_derived(with_types=True))


_orders, _lines, _events = table_of(Order), table_of(OrderLine), table_of(OrderEvent)
_WRITE = select(
    insert(_orders)
    .values(
        {
            each.name: cast(bindparam(each.name, type_=Text), JSONB)
            if isinstance(each.type, JSONB)
            else bindparam(each.name)
            for each in _orders.columns
            if each.name != "number"
        }
    )
    .returning(_orders.c.number)
    .cte("placed")
).add_cte(
    insert(_lines).from_select(_lines.columns.keys(), _from_json(_lines, "lines"), include_defaults=False).cte("lined"),
    insert(_events)
    .from_select(_events.columns.keys(), _from_json(_events, "events"), include_defaults=False)
    .cte("noted"),
)


def create(order_id: UUID, cart_id: UUID, buyer: Buyer, quote: Quote, expires_at: datetime) -> Placed:
    """Write the order down as it was quoted; payment is awaited until `expires_at`."""
    now = clock.now()
    of_order = _values(order_id, cart_id, buyer, quote) | {"placed_at": now, "expires_at": expires_at}
    lines = [_line(order_id, position, line) for position, line in enumerate(quote.lines, start=1)]
    events = [
        {
            "id": ids.new(), "order_id": order_id, "at": now, "kind": "placed",
            "actor_kind": str(principal.current().kind), "facts": {},
        }
    ]  # fmt: skip
    sent = of_order | {name: _json(of_order[name]) for name in ("shipping_address", "billing_address", "quote")}
    number = session.scalar(_WRITE, sent | {"lines": _json(lines), "events": _json(events)})
    _book(order_id, quote)
    emit(OrderPlaced(order_id=order_id))
    if quote.total.amount == 0:
        # No provider takes a payment of nothing, so there is none to wait for.
        order = service.lock(order_id)
        mark_paid(order, order.total)
        return Placed(order, queries.timeline(order_id))
    written = Order(**of_order, number=number, lines=[OrderLine(**line) for line in lines])
    return Placed(written, [OrderEvent(**event) for event in events])


def _values(order_id: UUID, cart_id: UUID, buyer: Buyer, quote: Quote) -> dict[str, Any]:
    return {
        "id": order_id, "cart_id": cart_id, "channel_id": buyer.channel_id, "customer_id": buyer.customer_id,
        "token_hash": buyer.token_hash, "state": str(State.OPEN), "locale": buyer.locale, "email": buyer.email,
        "shipping_address": to_builtins(buyer.shipping_address), "billing_address": to_builtins(buyer.billing_address),
        "currency": quote.currency, "subtotal_amount": quote.subtotal.amount, "discount_amount": quote.discount.amount,
        "shipping_amount": quote.shipping_total.amount, "tax_amount": quote.tax.amount,
        "total_amount": quote.total.amount, "paid_amount": 0, "refunded_amount": 0, "quote": to_builtins(quote),
        "paid_at": None, "version": 1,
    }  # fmt: skip


def _line(order_id: UUID, position: int, line: QuoteLine) -> dict[str, Any]:
    return {
        "id": ids.new(), "order_id": order_id, "position": position, "variant_id": line.variant_id,
        "product_id": line.product_id, "sku": line.sku, "title": line.title, "variant_title": line.variant_title,
        "options": line.options, "image_url": line.image_url, "quantity": line.quantity,
        "unit_amount": line.unit_price.amount, "net_amount": line.net.amount, "tax_amount": line.tax.amount,
        "gross_amount": line.gross.amount, "tax_rate_ppm": line.tax_rate_ppm, "tax_name": line.tax_name,
        "requires_shipping": line.requires_shipping, "shipped_quantity": 0,
    }  # fmt: skip


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _book(order_id: UUID, quote: Quote) -> None:
    """The buyer owes the total; what it is for is earned, or owed to the tax office."""
    shipping = quote.shipping.net.amount if quote.shipping else 0
    sales = quote.total.amount + quote.discount.amount - shipping - quote.tax.amount
    books.post(
        Kind.PLACED, order_id, quote.currency,
        {
            Account.RECEIVABLE: quote.total.amount, Account.DISCOUNTS: quote.discount.amount,
            Account.SALES: -sales, Account.SHIPPING: -shipping, Account.TAX: -quote.tax.amount,
        },
        order_id=order_id,
    )  # fmt: skip
