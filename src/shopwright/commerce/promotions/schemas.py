from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from shopwright.commerce.promotions import warnings
from shopwright.commerce.promotions.models import Promotion, PromotionStatus, PromotionVersion, State
from shopwright.commerce.promotions.rules import Condition, Effect, Kind, Limits, Terms
from shopwright.kit import clock
from shopwright.kit.paging import PageQuery
from shopwright.kit.wire import In, Out

Name = Annotated[str, Meta(min_length=1, max_length=200, examples=["Summer sale"])]
Conditions = Annotated[
    tuple[Condition, ...],
    Meta(
        max_length=20,
        description="All have to hold. Those on items say what is touched; without one it is everything.",
        examples=[[{"kind": "category", "any_of": ["0199b1f0-a3c5-7d3e-8c1a-5f0d2b4e6a78"]}]],
    ),
]
AnEffect = Annotated[Effect, Meta(examples=[{"kind": "percentage", "ppm": 200_000}])]
Priority = Annotated[int, Meta(ge=0, le=1_000_000, description="Lower goes first; then the lower id")]
Group = Annotated[str, Meta(min_length=1, max_length=100, examples=["sale"])]
Margin = Annotated[int, Meta(ge=0, le=100_000_000, description="parts per million on top of cost", examples=[50_000])]
Start = Annotated[datetime, Meta(tz=True, examples=["2026-11-27T00:00:00+01:00"])]
End = Annotated[datetime, Meta(tz=True, examples=["2026-12-01T00:00:00+01:00"], description="No longer at this moment")]
SomeLimits = Annotated[Limits, Meta(examples=[{"total": 1000, "per_customer": 1}])]


class WarningOut(Out):
    """A sign of a mistake: where it is (RFC 6901), and what is odd."""

    pointer: str
    detail: str


class RuleOut(Out):
    """What a promotion says."""

    name: str
    kind: Kind
    effect: Effect
    conditions: tuple[Condition, ...]
    priority: int
    exclusive_group: str | None
    is_final: bool
    is_announced: bool
    floor_margin_ppm: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    limits: Limits
    status: PromotionStatus
    version: int


class PromotionOut(RuleOut):
    """`status` is what staff decided, `state` how it stands now by that and its dates."""

    id: UUID
    state: State
    warnings: list[WarningOut]
    created_at: datetime
    changed_at: datetime
    activated_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, promotion: Promotion) -> "PromotionOut":
        terms = promotion.terms
        return cls(
            **_said(terms), id=promotion.id, status=promotion.status, state=promotion.state_at(clock.now()),
            warnings=[WarningOut(**warning) for warning in warnings.of(terms)], created_at=promotion.created_at,
            changed_at=promotion.changed_at, activated_at=promotion.activated_at, ended_at=promotion.ended_at,
            version=promotion.version,
        )  # fmt: skip


class PromotionVersionOut(RuleOut):
    """A promotion as it was from `at` on."""

    at: datetime

    @classmethod
    def of(cls, row: PromotionVersion) -> "PromotionVersionOut":
        return cls(**_said(row.terms), version=row.version, at=row.at, status=row.status)


class PromotionQuery(PageQuery):
    state: State | None = None


class CreatePromotion(In):
    name: Name
    kind: Kind
    effect: AnEffect
    conditions: Conditions = ()
    priority: Priority = 100
    exclusive_group: Group | None = None
    is_final: bool = False
    is_announced: bool = False
    floor_margin_ppm: Margin | None = None
    starts_at: Start | None = None
    ends_at: End | None = None
    limits: SomeLimits = Limits()

    def terms(self) -> Terms:
        return Terms(**{name: getattr(self, name) for name in self.__struct_fields__})


class ChangePromotion(In):
    """Effect, conditions and limits are replaced as a whole. The kind stays as it is."""

    name: Name | UnsetType = UNSET
    effect: AnEffect | UnsetType = UNSET
    conditions: Conditions | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    exclusive_group: Group | None | UnsetType = UNSET
    is_final: bool | UnsetType = UNSET
    is_announced: bool | UnsetType = UNSET
    floor_margin_ppm: Margin | None | UnsetType = UNSET
    starts_at: Start | None | UnsetType = UNSET
    ends_at: End | None | UnsetType = UNSET
    limits: SomeLimits | UnsetType = UNSET


def _said(terms: Terms) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in terms.__struct_fields__}
