"""The statements of the way that nearly all payments go, built once: the order is locked before the payment, and each
phase reads once and writes once."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import JSON, LargeBinary, String, Uuid, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from shopwright.commerce.inventory.statements import extending
from shopwright.commerce.orders import owed
from shopwright.commerce.orders.errors import OrderNotFound
from shopwright.commerce.orders.owed import Owed
from shopwright.commerce.payments.models import Payment, State, Webhook
from shopwright.commerce.payments.provider import Outcome
from shopwright.kit.db import as_json, as_object, table_of
from shopwright.kit.money import Money
from shopwright.kit.prepared import Prepared


class Live(Struct, frozen=True):
    """A payment of the order that may still take money of the buyer."""

    id: UUID
    state: State
    amount: int


class Before(Struct, frozen=True):
    """An order that is to be paid, locked; what was tried before, and what this request began before, if it did."""

    order: Owed
    tried: int
    live: list[Live]
    begun: UUID | None


class KnownPayment(Struct, frozen=True, kw_only=True):
    """A payment but for what only the provider is told: its secrets."""

    id: UUID
    order_id: UUID
    provider: str
    method_id: UUID | None
    saves_method: bool
    captures_at_once: bool
    state: State
    currency: str
    amount: int
    authorized_amount: int
    secured_amount: int
    capture_asked_amount: int
    captured_amount: int
    refund_asked_amount: int
    refunded_amount: int
    provider_ref: str
    decline_code: str | None
    action_url: str | None
    client_secret: str | None
    asked_at: datetime
    settled_at: datetime | None


class Answered(Struct, frozen=True):
    """An order and its payment, both locked."""

    order: Owed
    payment: KnownPayment


_payments = table_of(Payment)
_of_order = _payments.c.order_id == owed.ID
_SCOPE, _ID = bindparam("scope", type_=LargeBinary), bindparam("payment_id", type_=Uuid())
_live = select(*(_payments.c[name] for name in Live.__struct_fields__)).where(
    _of_order, or_(_payments.c.state == State.PENDING, _payments.c.state == State.NEEDS_ACTION)
)
_BEFORE = Prepared(
    select(
        as_object(
            order=owed.OWED,
            tried=select(func.count()).where(_of_order).scalar_subquery(),
            live=as_json(_live.order_by(_payments.c.id)),
            begun=select(_payments.c.id).where(_payments.c.request_scope == _SCOPE).scalar_subquery(),
        )
    )
    .where(owed.orders.c.id == owed.ID, owed.OWN)
    .with_for_update(of=owed.orders)
)
_known = {name: _payments.c[name] for name in KnownPayment.__struct_fields__}
_ANSWERED = Prepared(
    select(as_object(order=owed.OWED, payment=as_object(**_known).cast(JSON)))
    .join_from(owed.orders, _payments, _payments.c.order_id == owed.orders.c.id)
    .where(_payments.c.id == _ID)
    .with_for_update(of=[owed.orders, _payments])
)

_ids = {"id": _ID, "order_id": owed.ID}
BEGIN = Prepared(
    insert(_payments)
    .values({each.name: bindparam(each.name) for each in _payments.c if each.name not in _ids} | _ids)
    .add_cte(
        owed.AWAITED.cte("awaited"), extending(owed.ID, owed.UNTIL).cte("held_longer"), owed.NOTED.cte("noted"),
    )
)  # fmt: skip
CAPTURED = Prepared(
    update(_payments)
    .where(_payments.c.id == _ID)
    .values(
        state=State.CAPTURED, provider_ref=bindparam("provider_ref"), settled_at=bindparam("settled_at"),
        authorized_amount=_payments.c.amount, capture_asked_amount=_payments.c.amount, captured_amount=_payments.c.amount,
        decline_code=None, action_url=None, client_secret=None,
    )
    .add_cte(owed.PAID.cte("paid"), owed.NOTED.cte("noted"))
)  # fmt: skip

_TOLD = Prepared(
    select(
        _payments.c.state, _payments.c.amount, _payments.c.currency, _payments.c.authorized_amount,
        _payments.c.captured_amount, _payments.c.provider_ref,
    ).where(_payments.c.id == _ID, _payments.c.provider == bindparam("provider", type_=String))
)  # fmt: skip
_webhooks = table_of(Webhook)
KEEP = Prepared(
    pg_insert(_webhooks)
    .values({each.name: bindparam(each.name) for each in _webhooks.c})
    .on_conflict_do_nothing()
    .returning(_webhooks.c.id)
)

_before, _answered = msgspec.json.Decoder(Before), msgspec.json.Decoder(Answered)


def before(order_id: UUID, scope: bytes | None) -> Before:
    """The caller's order, locked. Raises `OrderNotFound`."""
    asked = owed.asked_of(order_id) | {"scope": scope}
    found = _before.decode(_seen(_BEFORE.first(asked)))
    # The lock may have been waited for. Whoever began a payment meanwhile made another version of the order; one that was
    # under way may have come to its end without.
    return _before.decode(_seen(_BEFORE.first(asked))) if found.order.was_waited_for or found.live else found


def _seen(found: tuple[Any, ...] | None) -> str:
    if found is None:
        raise OrderNotFound()
    return str(found[0])


def answered(payment_id: UUID) -> Answered | None:
    """The payment and its order, both locked; all that is read beside these two rows never changes."""
    found = _ANSWERED.first({"payment_id": payment_id})
    return _answered.decode(found[0]) if found else None


class Booked(NamedTuple):
    """What is written down of a payment about which its provider tells something."""

    state: str
    amount: int
    currency: str
    authorized: int
    captured: int
    provider_ref: str

    def says_all_of(self, outcome: Outcome) -> bool:
        """Whether it was captured, and this outcome says nothing of it that is not written down.

        That stays true, so no lock is needed: a captured payment has no other state to go to, and totals are only ever raised.
        """
        return bool(
            self.state == State.CAPTURED
            and outcome.method is None
            and outcome.amount == Money(self.amount, self.currency)
            and outcome.provider_ref in ("", self.provider_ref)
            and 0 <= outcome.refunded <= outcome.captured <= self.captured
            and outcome.captured <= outcome.authorized <= self.authorized
        )


def booked(payment_id: UUID, provider: str) -> Booked | None:
    found = _TOLD.first({"payment_id": payment_id, "provider": provider})
    return Booked(*found) if found else None
