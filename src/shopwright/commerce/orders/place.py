"""Writing an order down: in one statement, with its lines and the first line of its timeline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import to_builtins
from sqlalchemy import Insert, Table, Text, bindparam, cast, column, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB

from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.orders import queries, service
from shopwright.commerce.orders.close import book_placing
from shopwright.commerce.orders.events import OrderPlaced
from shopwright.commerce.orders.models import Order, OrderEvent, OrderLine, State, numbers
from shopwright.commerce.orders.pay import accept_free
from shopwright.commerce.pricing.quotes import Quote, QuoteLine
from shopwright.commerce.pricing.service import Quoted
from shopwright.kit import clock, ids, principal
from shopwright.kit.db import as_written, table_of
from shopwright.kit.events import emit
from shopwright.kit.prepared import Prepared, Promised


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


def _insert(table: Table) -> Insert:
    """A row whose values are parameters, named after table and column."""
    return insert(table).values({each.name: bindparam(f"{table.name}.{each.name}") for each in table.columns})


def _row(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{table.name}.{name}": value for name, value in values.items()}


_orders, _lines, _events = table_of(Order), table_of(OrderLine), table_of(OrderEvent)
# As one JSON text, so that any number of lines is one statement.
_sent_lines = (
    func.jsonb_to_recordset(cast(bindparam("lines", type_=Text), JSONB))
    .table_valued(*(column(each.name, each.type) for each in _lines.columns), name="sent")
    .render_derived(with_types=True)
)
_WRITE = Prepared(
    _insert(_orders).add_cte(
        insert(_lines).from_select(_lines.columns.keys(), select(_sent_lines), include_defaults=False).cte("lined"),
        _insert(_events).cte("noted"),
    )
)
_NUMBER = Prepared(select(numbers.next_value()))


def draw_number() -> Promised:
    """The number of the next order, on its way beside what is asked next. One that is not used is left out."""
    return _NUMBER.soon({})


def create(
    order_id: UUID, number: Promised, cart_id: UUID, buyer: Buyer, quoted: Quoted, expires_at: datetime
) -> Placed:
    """Write the order down as it was quoted; payment is awaited until `expires_at`."""
    now, quote = clock.now(), quoted.quote
    of_order = _order_values(order_id, cart_id, buyer, quote) | {"placed_at": now, "expires_at": expires_at}
    of_order["number"] = number.rows()[0][0]
    lines = [_line(order_id, position, line) for position, line in enumerate(quote.lines, start=1)]
    noted = {
        "id": ids.new(), "order_id": order_id, "at": now, "kind": "placed",
        "actor_kind": str(principal.current().kind), "facts": {},
    }  # fmt: skip
    _WRITE.run(
        {
            **_row(_orders, of_order | {"basis": quoted.basis}),
            **_row(_events, noted),
            "lines": msgspec.json.encode(lines).decode(),
        }
    )
    order = as_written(Order, of_order | {"lines": [as_written(OrderLine, line) for line in lines]})
    book_placing(order)
    emit(OrderPlaced(order_id=order_id))
    if quote.total.amount == 0:
        order = service.lock(order_id)
        accept_free(order)
        return Placed(order, queries.timeline(order_id))
    return Placed(order, [as_written(OrderEvent, noted)])


def _order_values(order_id: UUID, cart_id: UUID, buyer: Buyer, quote: Quote) -> dict[str, Any]:
    return {
        "id": order_id, "cart_id": cart_id, "channel_id": buyer.channel_id, "customer_id": buyer.customer_id,
        "token_hash": buyer.token_hash, "state": str(State.OPEN), "locale": buyer.locale, "email": buyer.email,
        "shipping_address": to_builtins(buyer.shipping_address), "billing_address": to_builtins(buyer.billing_address),
        "currency": quote.currency, "subtotal_amount": quote.subtotal.amount, "discount_amount": quote.discount.amount,
        "shipping_amount": quote.shipping_total.amount, "tax_amount": quote.tax.amount,
        "total_amount": quote.total.amount, "authorized_amount": 0,
        "gift_card_amount": sum(line.gross.amount for line in quote.lines if line.is_gift_card), "paid_amount": 0,
        "refunded_amount": 0, "quote": to_builtins(quote),
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
        "is_gift_card": line.is_gift_card,
    }  # fmt: skip
