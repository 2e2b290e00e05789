from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from shopwright.commerce.inventory.levels import Level
from shopwright.commerce.inventory.models import Location, Reason, StockLevel, StockMovement
from shopwright.kit.counting import CountedQuery
from shopwright.kit.locale import CountryCode
from shopwright.kit.paging import PageQuery
from shopwright.kit.wire import In, Out

LARGEST = 1_000_000_000

LocationCode = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,39}$(?!\n)", examples=["berlin"])]
Name = Annotated[str, Meta(min_length=1, max_length=100, examples=["Warehouse Berlin"])]
LocationIds = Annotated[list[UUID], Meta(max_length=100, description="The location to take from first comes first")]
Delta = Annotated[
    int, Meta(ge=-LARGEST, le=LARGEST, examples=[12], description="What is added, or with a minus taken off")
]
OnHand = Annotated[int, Meta(ge=0, le=LARGEST, examples=[40], description="How many are there")]
Note = Annotated[str, Meta(max_length=200, examples=["Delivery note 4711"])]


class LocationOut(Out):
    id: UUID
    code: str
    name: str
    country: str
    is_active: bool
    version: int

    @classmethod
    def of(cls, location: Location) -> "LocationOut":
        return cls(
            id=location.id, code=location.code, name=location.name, country=location.country,
            is_active=location.is_active, version=location.version,
        )  # fmt: skip


class LocationList(Out):
    items: list[LocationOut]


class OpenLocation(In):
    code: LocationCode
    name: Name
    country: CountryCode


class ChangeLocation(In):
    name: Name | UnsetType = UNSET
    country: CountryCode | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class SellFrom(In):
    locations: LocationIds


class SellingLocationsOut(Out):
    """`version` is the channel's."""

    channel_id: UUID
    locations: list[UUID]
    version: int


class StockQuery(PageQuery):
    variant_id: UUID | None = None
    location_id: UUID | None = None


class LevelsQuery(CountedQuery, frozen=True, kw_only=True):
    variant_id: UUID | None = None
    location_id: UUID | None = None
    sku: Annotated[str, Meta(min_length=1, max_length=100, description="The beginning of a SKU")] | None = None


class StockLevelOut(Out):
    """`reserved` waits for payment and `claimed` for shipment; `available` is on hand without both."""

    variant_id: UUID
    location_id: UUID
    on_hand: int
    reserved: int
    claimed: int
    available: int

    @classmethod
    def of(cls, level: Level | StockLevel) -> "StockLevelOut":
        return cls(
            variant_id=level.variant_id, location_id=level.location_id, on_hand=level.on_hand,
            reserved=level.reserved, claimed=level.claimed, available=level.free,
        )  # fmt: skip


class StockItemOut(Out):
    sku: str
    level: StockLevelOut


class AdjustStock(In):
    variant_id: UUID
    location_id: UUID
    delta: Delta
    reason: Literal["receipt", "adjustment", "return", "transfer"]
    note: Note = ""


class CountStock(In):
    variant_id: UUID
    location_id: UUID
    on_hand: OnHand
    note: Note = ""


class MovementOut(Out):
    id: UUID
    variant_id: UUID
    location_id: UUID
    delta: int
    reason: Reason
    reference: str
    actor: str
    at: datetime

    @classmethod
    def of(cls, movement: StockMovement) -> "MovementOut":
        return cls(
            id=movement.id, variant_id=movement.variant_id, location_id=movement.location_id, delta=movement.delta,
            reason=Reason(movement.reason), reference=movement.reference, actor=movement.actor, at=movement.at,
        )  # fmt: skip
