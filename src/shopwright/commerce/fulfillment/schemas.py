from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shopwright.commerce.credit.models import CreditAccount, State
from shopwright.commerce.fulfillment.models import Shipment
from shopwright.kit.money import Money
from shopwright.kit.wire import In, Out

Pieces = Annotated[int, Meta(ge=1, le=999, examples=[1])]


class ShipLine(In):
    order_line_id: UUID
    quantity: Pieces


class Ship(In):
    """Without `lines` all that is left is shipped."""

    lines: Annotated[list[ShipLine], Meta(min_length=1, max_length=100)] | None = None
    carrier: Annotated[str, Meta(max_length=100, examples=["DHL"])] | None = None
    tracking_number: Annotated[str, Meta(max_length=100, examples=["00340434161094021501"])] | None = None
    tracking_url: (
        Annotated[str, Meta(max_length=2000, pattern="^https://", examples=["https://example.com/t/1"])] | None
    ) = None


class ShipmentLineOut(Out):
    order_line_id: UUID
    quantity: int


class ShipmentOut(Out):
    id: UUID
    order_id: UUID
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None
    shipped_at: datetime
    lines: list[ShipmentLineOut]

    @classmethod
    def of(cls, shipment: Shipment) -> "ShipmentOut":
        return cls(
            id=shipment.id, order_id=shipment.order_id, carrier=shipment.carrier,
            tracking_number=shipment.tracking_number, tracking_url=shipment.tracking_url,
            shipped_at=shipment.shipped_at,
            lines=[ShipmentLineOut(order_line_id=line.order_line_id, quantity=line.quantity) for line in shipment.lines],
        )  # fmt: skip


class ShipmentList(Out):
    items: list[ShipmentOut]


class GiftCardOut(Out):
    """A gift card that an order bought; `number` is the how manieth it is. Whether its code was shown: `is_revealed`."""

    number: int
    state: State
    balance: Money
    expires_at: datetime | None
    is_revealed: bool

    @classmethod
    def of(cls, card: CreditAccount) -> "GiftCardOut":
        return cls(
            number=card.place or 0, state=card.state, balance=card.balance, expires_at=card.expires_at,
            is_revealed=card.revealed_at is not None,
        )  # fmt: skip


class GiftCardList(Out):
    items: list[GiftCardOut]


class RevealedCard(Out):
    """`code` is kept nowhere: write it down, or pass it on."""

    code: str
    balance: Money
    expires_at: datetime | None
