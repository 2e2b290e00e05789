from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shopwright.commerce.pricing.models import Price
from shopwright.kit.money import Money
from shopwright.kit.paging import PageQuery
from shopwright.kit.wire import In, Out


class Amount(Money, frozen=True, forbid_unknown_fields=True):
    """What something costs, net or gross as the channel shows its prices."""

    # So much less than a bigint that no cart's total leaves the whole numbers that JSON can carry.
    amount: Annotated[int, Meta(ge=0, le=10**11, description="whole minor units", examples=[1999])]


class PriceOut(Out):
    """A variant's price in a channel. One that is not set has no `price` and the version 0."""

    variant_id: UUID
    channel_id: UUID
    price: Money | None
    compare_at: Money | None
    cost: Money | None
    version: int

    @classmethod
    def of(cls, price: Price) -> "PriceOut":
        return cls(
            variant_id=price.variant_id, channel_id=price.channel_id, price=price.price,
            compare_at=price.compare_at, cost=price.cost, version=price.version,
        )  # fmt: skip

    @classmethod
    def unset(cls, variant_id: UUID, channel_id: UUID) -> "PriceOut":
        return cls(variant_id=variant_id, channel_id=channel_id, price=None, compare_at=None, cost=None, version=0)


class PriceQuery(PageQuery, frozen=True, kw_only=True):
    channel_id: UUID | None = None


class SetPrice(In):
    """All of it is replaced: what is left out goes away."""

    price: Amount
    compare_at: Annotated[Amount | None, Meta(description="What it cost before")] = None
    cost: Annotated[Amount | None, Meta(description="What the shop pays for it; only staff see it")] = None
