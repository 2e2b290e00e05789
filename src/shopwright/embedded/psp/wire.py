"""What comes in and what goes out. Amounts are whole minor units."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from shopwright.embedded.psp import models
from shopwright.kit.money import CurrencyCode

Units = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Token = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[A-Za-z0-9_~.-]+$(?!\n)")]
Text = Annotated[str, Meta(max_length=2000)]
Doc = dict[str, Any]


class In(Struct, forbid_unknown_fields=True):
    pass


class Pay(In, kw_only=True):
    """`token` is a test token or a saved method's id, which then needs its `customer_ref`.

    `customer` is the shop's own id of the buyer, whom a saved method is kept for.
    """

    amount: Units
    currency: CurrencyCode
    token: Token
    capture: bool = True
    order_number: Text = ""
    return_url: Text = ""
    customer: Text | None = None
    customer_ref: Text | None = None
    saves_method: bool = False


class Capture(In, kw_only=True):
    """`final` lets go of the rest."""

    amount: Units
    currency: CurrencyCode
    final: bool = True


class GiveBack(In, kw_only=True):
    """`reference` is the shop's own id; a refund without one was made at the provider."""

    payment_id: Text
    amount: Units
    currency: CurrencyCode
    reference: UUID | None = None


class SaveMethod(In, kw_only=True):
    customer: Text
    customer_ref: Text | None = None
    token: Token


class Decide(In, kw_only=True):
    """Decide now what is pending."""

    outcome: Literal["succeed", "fail"]


class DisputePayment(In, kw_only=True):
    state: Literal["open", "won", "lost"]


def payment(row: models.Payment, method: models.Method | None, base_url: str = "") -> Doc:
    """A payment as a whole, with its running totals."""
    needs_action = row.state == models.NEEDS_ACTION
    return {
        "id": row.id, "reference": row.reference, "state": row.state, "amount": row.amount, "currency": row.currency,
        "authorized": row.authorized, "captured": row.captured, "refunded": row.refunded,
        "decline_code": row.decline_code, "order_number": row.order_number,
        "action_url": f"{base_url}/pay/{row.id}" if needs_action and base_url else None,
        "method": saved(method) if method else None, "created_at": moment(row.created_at),
    }  # fmt: skip


def refund(row: models.Refund, of: models.Payment) -> Doc:
    return {
        "id": row.id, "reference": row.reference, "payment_id": row.payment_id, "payment_reference": of.reference,
        "state": row.state, "amount": row.amount, "currency": row.currency, "failure_code": row.failure_code,
    }  # fmt: skip


def dispute(row: models.Dispute, of: models.Payment) -> Doc:
    return {
        "id": row.id, "payment_id": row.payment_id, "payment_reference": of.reference, "state": row.state,
        "amount": row.amount, "currency": row.currency, "reason": row.reason,
    }  # fmt: skip


def saved(row: models.Method) -> Doc:
    return {
        "id": row.id, "customer_ref": row.customer_ref, "kind": "card", "brand": row.brand, "last4": row.last4,
        "expires_month": row.expires_month, "expires_year": row.expires_year,
    }  # fmt: skip


def method(row: models.Method, base_url: str = "") -> Doc:
    """What became of saving a method; `method` is there once it is saved."""
    needs_action = row.state == models.NEEDS_ACTION
    return {
        "id": row.id, "state": row.state, "decline_code": row.decline_code,
        "action_url": f"{base_url}/pay/{row.id}" if needs_action and base_url else None,
        "method": saved(row) if row.state == "saved" else None,
    }  # fmt: skip


def moment(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC).isoformat()


def microseconds(text: str) -> int:
    """Raises ValueError for what is no date and time with its zone."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return int(read.timestamp() * 1_000_000)
