"""Two rules that both stop what comes after them, at the same place, over the same items: neither could be the last word."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from shopwright.commerce.promotions.currencies import effect_currency, possible_in
from shopwright.commerce.promotions.models import Promotion, PromotionStatus
from shopwright.commerce.promotions.rules import (
    Brands,
    Channels,
    Countries,
    Products,
    ShippingOff,
    Terms,
    Variants,
)  # fmt: skip
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.validation import Fault

#: Of these an item, or an offer, has one only: rules that ask for different ones never meet.
SINGLE = (Products, Variants, Brands, Channels, Countries)


def faults(promotion_id: UUID, terms: Terms) -> Iterator[Fault]:
    """One for each promotion (but this one) that is not over and stops at the same priority over items of this one."""
    if not terms.is_final:
        return
    others = select(Promotion).where(
        Promotion.id != promotion_id,
        Promotion.status != PromotionStatus.ENDED,
        Promotion.kind == terms.kind,
        or_(Promotion.ends_at.is_(None), Promotion.ends_at > clock.now()),
        Promotion.rule.contains({"is_final": True, "priority": terms.priority}),
    )
    for other in session.scalars(others.order_by(Promotion.id)):
        if may_meet(terms, other.terms):
            detail = f"“{other.name}” stops later promotions at this priority, too, for the same items. Choose another."
            yield {"pointer": "/priority", "detail": detail}


def may_meet(one: Terms, other: Terms) -> bool:
    """Whether one offer could have a line that both discount. False only where their terms rule it out."""
    if one.exclusive_group is not None and one.exclusive_group == other.exclusive_group:
        return False
    if isinstance(one.effect, ShippingOff) or isinstance(other.effect, ShippingOff):
        return False
    if _is_apart(one.ends_at, other.starts_at) or _is_apart(other.ends_at, one.starts_at):
        return False
    if not _overlap(_currencies(one), _currencies(other)):
        return False
    return all(_overlap(_wanted(one, kind), _wanted(other, kind)) for kind in SINGLE)


def _wanted(terms: Terms, kind: type) -> set[Any] | None:
    named = [one for one in terms.conditions if isinstance(one, kind) and not getattr(one, "is_not", False)]
    asked = [set(getattr(one, "any_of", ())) for one in named]
    return set.intersection(*asked) if asked else None


def _currencies(terms: Terms) -> set[str] | None:
    own = effect_currency(terms)
    return {own} if own else possible_in(terms)


def _overlap(one: set[Any] | None, other: set[Any] | None) -> bool:
    return one is None or other is None or not one.isdisjoint(other)


def _is_apart(ends: Any, starts: Any) -> bool:
    return ends is not None and starts is not None and ends <= starts
