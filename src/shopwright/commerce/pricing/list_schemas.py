from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from shopwright.commerce.pricing.history_models import PriceAnnouncement, PriceEntry
from shopwright.commerce.pricing.list_checking import TierPrice, VariantTiers
from shopwright.commerce.pricing.list_models import PriceList, PriceTier
from shopwright.commerce.pricing.quotes import QuoteLine
from shopwright.commerce.pricing.resolving import Audience, Considered
from shopwright.commerce.pricing.schemas import Amount
from shopwright.commerce.promotions.offers import Refusal
from shopwright.kit.money import Money
from shopwright.kit.paging import PageQuery
from shopwright.kit.wire import In, Out

Name = Annotated[str, Meta(min_length=1, max_length=200, examples=["Wholesale"])]
Priority = Annotated[int, Meta(ge=0, le=1_000_000, description="Lower goes first; then the lower id")]
AdjustPpm = Annotated[
    int,
    Meta(
        ge=-1_000_000,
        le=10_000_000,
        examples=[-100_000],
        description="Parts per million onto the basis: -100000 is a tenth off",
    ),
]
Start = Annotated[datetime, Meta(tz=True, examples=["2026-11-27T00:00:00+01:00"])]
End = Annotated[datetime, Meta(tz=True, examples=["2026-12-01T00:00:00+01:00"], description="No longer at this moment")]
Pieces = Annotated[int, Meta(ge=1, le=1_000_000)]


class PriceListOut(Out):
    """A price list. `audience` says for whom: one `customer`, a `group`, or `public`."""

    id: UUID
    channel_id: UUID
    currency: str
    name: str
    audience: Audience
    customer_id: UUID | None
    group_id: UUID | None
    priority: int
    based_on_id: UUID | None
    adjust_ppm: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    is_active: bool
    created_at: datetime
    version: int

    @classmethod
    def of(cls, row: PriceList) -> "PriceListOut":
        is_public = row.customer_id is None and row.group_id is None
        audience = Audience.PUBLIC if is_public else Audience.GROUP if row.group_id else Audience.CUSTOMER
        said = {name: getattr(row, name) for name in cls.__struct_fields__ if name != "audience"}
        return cls(**said, audience=audience)


class PriceListQuery(PageQuery, frozen=True, kw_only=True):
    channel_id: UUID | None = None


class CreatePriceList(In):
    """For one customer, for a group, or, without both, for anybody. What has no price of its own in the list costs what
    the basis says, `adjust_ppm` put onto it: another list, or (without `based_on_id`) the variant's own price."""

    channel_id: UUID
    name: Name
    customer_id: UUID | None = None
    group_id: UUID | None = None
    priority: Priority = 100
    based_on_id: UUID | None = None
    adjust_ppm: AdjustPpm | None = None
    starts_at: Start | None = None
    ends_at: End | None = None
    is_active: bool = True

    def terms(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__struct_fields__ if name != "channel_id"}


class ChangePriceList(In):
    """For whom it is stays as it is."""

    name: Name | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    based_on_id: UUID | None | UnsetType = UNSET
    adjust_ppm: AdjustPpm | None | UnsetType = UNSET
    starts_at: Start | None | UnsetType = UNSET
    ends_at: End | None | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class TierIn(In):
    price: Amount
    min_quantity: Pieces = 1


class VariantTiersIn(In):
    """All prices of a variant in the list are replaced; without tiers they go away."""

    variant_id: UUID
    tiers: Annotated[list[TierIn], Meta(max_length=20)]


class SetTiers(In):
    items: Annotated[list[VariantTiersIn], Meta(min_length=1, max_length=1000)]

    def of_variants(self) -> list[VariantTiers]:
        return [
            VariantTiers(
                variant_id=each.variant_id,
                tiers=tuple(TierPrice(min_quantity=tier.min_quantity, price=tier.price) for tier in each.tiers),
            )
            for each in self.items
        ]


class TierOut(Out):
    """What a piece costs by a list, from so many pieces on."""

    variant_id: UUID
    min_quantity: int
    price: Money

    @classmethod
    def of(cls, row: PriceTier, currency: str) -> "TierOut":
        return cls(variant_id=row.variant_id, min_quantity=row.min_quantity, price=Money(row.amount, currency))


class HistoryQuery(PageQuery, frozen=True, kw_only=True):
    channel_id: UUID


class PriceEntryOut(Out):
    """From `at` on a piece cost this, by itself or by a price list; without a price it was priced there no more."""

    at: datetime
    price_list_id: UUID | None
    min_quantity: int
    price: Money | None
    compare_at: Money | None
    cost: Money | None

    @classmethod
    def of(cls, row: PriceEntry) -> "PriceEntryOut":
        amounts = (row.amount, row.compare_at_amount, row.cost_amount)
        price, compare_at, cost = (None if each is None else Money(each, row.currency) for each in amounts)
        return cls(
            at=row.at, price_list_id=row.price_list_id, min_quantity=row.min_quantity, price=price,
            compare_at=compare_at, cost=cost,
        )  # fmt: skip


class AnnouncementOut(Out):
    """From `at` on anybody was shown this price, or none; a reduced one with the lowest of the 30 days before the first reduction
    in a row began."""

    at: datetime
    price: Money | None
    is_reduced: bool
    lowest_30_days: Money | None

    @classmethod
    def of(cls, row: PriceAnnouncement) -> "AnnouncementOut":
        lowest = row.lowest_before_amount
        return cls(
            at=row.at, price=None if row.amount is None else Money(row.amount, row.currency), is_reduced=row.is_reduced,
            lowest_30_days=None if lowest is None else Money(lowest, row.currency),
        )  # fmt: skip


class ExplainQuery(In):
    """`at` may lie in the past or in the future; by default it is now. Tax and shipping are those of now."""

    channel_id: UUID
    customer_id: UUID | None = None
    quantity: Pieces = 1
    at: Annotated[datetime, Meta(tz=True)] | None = None


class ExplanationOut(Out):
    """Why a variant costs what it costs. `line` is how its price was made, or nothing if it is not sold; `price_lists`
    are all that could have said what it costs, in the order in which they were asked."""

    at: datetime
    line: QuoteLine | None
    price_lists: list[Considered]
    refusals: list[Refusal]
