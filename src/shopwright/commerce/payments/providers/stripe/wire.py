"""What we read of Stripe's objects, in its answers as in its webhooks; the rest of them is skipped."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct, field

Currency = Annotated[str, Meta(pattern="^[a-z]{3}$")]
# Ours is a JSON number that keeps its digits, too.
Units = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]
Metadata = dict[str, str]


class Object(Struct):
    id: str
    metadata: Metadata = field(default_factory=dict)


class Page(Struct):
    """One page of objects of which the name is enough."""

    data: list[Object]
    has_more: bool


class CardDetails(Struct):
    brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None


class PaymentMethod(Struct):
    id: str
    type: str
    customer: str | None = None
    card: CardDetails | None = None
    sepa_debit: CardDetails | None = None


class Fault(Struct):
    """The error of a request, or the last one of an intent. Of an intent in it there is only the name that we need."""

    type: str = ""
    code: str | None = None
    decline_code: str | None = None
    payment_intent: "Intent | None" = None
    setup_intent: Object | None = None

    @property
    def word(self) -> str | None:
        return self.decline_code or self.code or self.type or None


class Redirect(Struct):
    url: str | None = None


class NextAction(Struct):
    redirect_to_url: Redirect | None = None


class Multicapture(Struct):
    status: str = ""


class CardOfCharge(Struct):
    multicapture: Multicapture | None = None


class ChargeDetails(Struct):
    card: CardOfCharge | None = None


class Charge(Struct):
    id: str
    amount: Units
    currency: Currency
    status: str
    captured: bool
    amount_captured: Units
    amount_refunded: Units
    payment_intent: str | None = None
    payment_method_details: ChargeDetails | None = None
    metadata: Metadata = field(default_factory=dict)

    @property
    def can_be_captured_again(self) -> bool:
        card = self.payment_method_details and self.payment_method_details.card
        return bool(card and card.multicapture and card.multicapture.status == "available")


class Intent(Struct):
    id: str
    status: str
    amount: Units
    amount_received: Units
    amount_capturable: Units
    currency: Currency
    client_secret: str | None = None
    customer: str | None = None
    latest_charge: Charge | str | None = None
    payment_method: PaymentMethod | str | None = None
    next_action: NextAction | None = None
    last_payment_error: Fault | None = None
    metadata: Metadata = field(default_factory=dict)


class SetupIntent(Struct):
    id: str
    status: str
    client_secret: str | None = None
    customer: str | None = None
    payment_method: PaymentMethod | str | None = None
    next_action: NextAction | None = None
    last_setup_error: Fault | None = None


class Refund(Struct):
    id: str
    amount: Units
    currency: Currency
    status: str | None = None
    payment_intent: str | None = None
    balance_transaction: str | None = None
    failure_reason: str | None = None
    metadata: Metadata = field(default_factory=dict)


class Refunds(Struct):
    data: list[Refund]
    has_more: bool


class Dispute(Struct):
    id: str
    amount: Units
    currency: Currency
    status: str
    reason: str = ""
    payment_intent: str | None = None


class Source(Struct):
    """What a movement came from: a charge, a refund or a dispute."""

    id: str
    object: str
    amount: Units = 0
    amount_captured: Units | None = None
    currency: str = ""
    payment_intent: str | None = None
    metadata: Metadata = field(default_factory=dict)


class BalanceTransaction(Struct):
    id: str
    type: str
    amount: Units
    currency: Currency
    created: int
    fee: Units = 0
    source: Source | str | None = None


class BalanceTransactions(Struct):
    data: list[BalanceTransaction]
    has_more: bool


class EventData(Struct):
    object: dict[str, Any]


class Event(Struct):
    id: str
    type: str
    data: EventData


class ErrorAnswer(Struct):
    error: Fault


def our_id(metadata: Metadata, name: str) -> UUID | None:
    """An id of ours that we gave to Stripe; none for an object that somebody made there."""
    try:
        return UUID(metadata.get(name, ""))
    except ValueError:
        return None
