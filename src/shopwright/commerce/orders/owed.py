"""An order as payments see it: what of it is paid, reserved and due, and what they write of it.

These are parts of statements, so that payments read and write their own rows together with the order's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import JSON, BigInteger, DateTime, LargeBinary, Uuid, bindparam, func, insert, or_, select, update

from shopwright.commerce.orders.models import Order, OrderEvent, OrderLine, State
from shopwright.kit import clock, ids, principal
from shopwright.kit.db import as_object, as_written, table_of


class Owed(Struct, frozen=True):
    """What is read of the order. `version_before` is its version when the statement began to wait for its lock."""

    id: UUID
    number: int
    customer_id: UUID | None
    state: State
    currency: str
    total_amount: int
    gift_card_amount: int
    authorized_amount: int
    paid_amount: int
    refunded_amount: int
    placed_at: datetime
    expires_at: datetime | None
    paid_at: datetime | None
    version: int
    version_before: int
    delivers_at_once: bool
    """Whether something of it is delivered as soon as it is paid."""

    @property
    def was_waited_for(self) -> bool:
        """Whether another changed it meanwhile: then what was read beside it is as it was before."""
        return self.version != self.version_before

    def order(self) -> Order:
        """To be looked at, with these columns and no others."""
        return as_written(Order, asdict(self))


orders, _events, _lines = table_of(Order), table_of(OrderEvent), table_of(OrderLine)
_seen = orders.alias("seen")
OWED = as_object(
    **{name: orders.c[name] for name in Owed.__struct_fields__ if name in orders.c},
    version_before=select(_seen.c.version).where(_seen.c.id == orders.c.id).scalar_subquery(),
    delivers_at_once=select(func.bool_or(~_lines.c.requires_shipping))
    .where(_lines.c.order_id == orders.c.id)
    .correlate(orders)
    .scalar_subquery(),
).cast(JSON)

ID = bindparam("order_id", type_=Uuid())
#: A guest's order by its token, a customer's by who they are.
OWN = or_(
    orders.c.token_hash == bindparam("token", type_=LargeBinary),
    orders.c.customer_id == bindparam("customer", type_=Uuid()),
)
UNTIL = bindparam("until", type_=DateTime(timezone=True))
# Each attempt to pay makes another version of it, also one that holds its stock no longer: `Owed.was_waited_for` relies on it.
AWAITED = (
    update(orders)
    .where(orders.c.id == ID)
    .values(expires_at=func.coalesce(UNTIL, orders.c.expires_at), version=orders.c.version + 1)
)
PAID = (
    update(orders)
    .where(orders.c.id == ID)
    .values(
        paid_amount=orders.c.paid_amount + bindparam("taken", type_=BigInteger),
        expires_at=bindparam("expires_at"), paid_at=bindparam("paid_at"), version=orders.c.version + 1,
    )
)  # fmt: skip
NOTED = insert(_events).values(
    {name: bindparam(f"noted_{name}") for name in ("id", "at", "kind", "actor_kind", "facts")} | {"order_id": ID}
)


def asked_of(order_id: UUID) -> dict[str, Any]:
    """The parameters of `ID` and `OWN` for the caller."""
    who = principal.current()
    return {"order_id": order_id, "token": who.order_token, "customer": who.customer_id}


def noted(kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of `NOTED`."""
    return {
        "noted_id": ids.new(), "noted_at": clock.now(), "noted_kind": kind,
        "noted_actor_kind": str(principal.current().kind), "noted_facts": facts,
    }  # fmt: skip
