from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shopwright.commerce.credit.models import CreditAccount, CreditKind, CreditMovement, Reason, State
from shopwright.kit.money import Money
from shopwright.kit.paging import PageQuery
from shopwright.kit.wire import In, Out

Code = Annotated[str, Meta(min_length=1, max_length=100, examples=["AHR7X-9KMQP-6TWCE-N4DJF"])]
Note = Annotated[str, Meta(min_length=1, max_length=500, examples=["The parcel came a week late."])]
MinorUnits = Annotated[int, Meta(ge=1, le=2**53 - 1, examples=[500], description="whole minor units")]


class Moved(Money, frozen=True, forbid_unknown_fields=True):
    """What staff give or take."""

    amount: Annotated[int, Meta(ge=1, le=10**11, description="whole minor units", examples=[1000])]


class AskBalance(In):
    """`code` as it was shown; hyphens, spaces and the case of letters do not matter."""

    code: Code


class BalanceOut(Out):
    state: State
    balance: Money
    expires_at: datetime | None

    @classmethod
    def of(cls, account: CreditAccount) -> "BalanceOut":
        return cls(state=account.state, balance=account.balance, expires_at=account.expires_at)


class CreditList(Out):
    """Store credit, one entry a currency; empty for who never had any."""

    items: list[BalanceOut]


class MovementOut(Out):
    """What came (above zero) or left, and why; `note` is what staff gave as their reason."""

    at: datetime
    reason: Reason
    amount: Money
    payment_id: UUID | None
    note: str

    @classmethod
    def of(cls, movement: CreditMovement, currency: str) -> "MovementOut":
        return cls(
            at=movement.at, reason=Reason(movement.reason), amount=Money(movement.amount, currency),
            payment_id=movement.payment_id, note=movement.note,
        )  # fmt: skip


class CreditOut(Out):
    """A gift card or store credit, as staff see it. The code of a gift card nobody sees."""

    id: UUID
    kind: CreditKind
    state: State
    balance: Money
    customer_id: UUID | None
    order_id: UUID | None
    is_revealed: bool
    expires_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, account: CreditAccount) -> "CreditOut":
        return cls(
            id=account.id, kind=CreditKind(account.kind), state=account.state, balance=account.balance,
            customer_id=account.customer_id, order_id=account.order_id, is_revealed=account.revealed_at is not None,
            expires_at=account.expires_at, created_at=account.created_at,
        )  # fmt: skip


class CreditStory(Out):
    """All that ever moved it, oldest first."""

    credit: CreditOut
    movements: list[MovementOut]

    @classmethod
    def of(cls, account: CreditAccount, movements: list[CreditMovement]) -> "CreditStory":
        moved = [MovementOut.of(movement, account.currency) for movement in movements]
        return cls(credit=CreditOut.of(account), movements=moved)


class CustomerCredit(Out):
    items: list[CreditStory]


class ListGiftCards(PageQuery):
    order_id: UUID | None = None


class MoveCredit(In):
    amount: Moved
    reason: Note


class RevokeGiftCard(In):
    """Without an `amount` all that is left is taken."""

    reason: Note
    amount: MinorUnits | None = None


class RenewGiftCard(In):
    reason: Note
