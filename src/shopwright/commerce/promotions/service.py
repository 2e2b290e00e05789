"""What staff do with promotions. Changes wait for one another, so that what is checked of two rules stays true."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import select, update

from shopwright.commerce.promotions import checking, clashes, existing
from shopwright.commerce.promotions.errors import PromotionStateConflict, UnknownPromotion
from shopwright.commerce.promotions.events import PromotionChanged
from shopwright.commerce.promotions.models import Promotion, PromotionStatus, PromotionVersion, RulesInForce
from shopwright.commerce.promotions.rules import Kind, Terms
from shopwright.kit import clock, conditional, ids
from shopwright.kit.db import session
from shopwright.kit.errors import ValidationFailed
from shopwright.kit.events import emit


def create_promotion(terms: Terms) -> Promotion:
    """A draft. Raises `ValidationFailed` with all that is wrong with its rule."""
    _one_at_a_time()
    promotion = Promotion(id=ids.new(), status=PromotionStatus.DRAFT)
    _check(promotion.id, terms)
    promotion.say(terms)
    session.add(promotion)
    _keep(promotion)
    return promotion


def change_promotion(promotion_id: UUID, changes: Mapping[str, Any]) -> Promotion:
    """Change what `changes` names; orders keep the version that they were placed with.

    Raises `UnknownPromotion`, `ValidationFailed`, `PromotionStateConflict` once it has ended, and `PreconditionFailed`
    for a stale edit.
    """
    promotion = _locked(promotion_id)
    if promotion.status == PromotionStatus.ENDED:
        raise PromotionStateConflict(is_now=str(promotion.status))
    terms = replace(promotion.terms, **changes)
    _check(promotion.id, terms)
    promotion.say(terms)
    _keep(promotion)
    return promotion


def activate_promotion(promotion_id: UUID) -> Promotion:
    """Have it hold between its dates. Raises as `change_promotion`."""
    promotion = _locked(promotion_id)
    promotion.move_to(PromotionStatus.ACTIVE)
    # What it names may be gone since it was saved.
    _check(promotion.id, promotion.terms)
    _keep(promotion)
    return promotion


def pause_promotion(promotion_id: UUID) -> Promotion:
    """Give it to nobody until it is activated again.

    Raises `UnknownPromotion`, `PromotionStateConflict`, and `PreconditionFailed` for a stale edit.
    """
    return _moved(promotion_id, PromotionStatus.PAUSED)


def end_promotion(promotion_id: UUID) -> Promotion:
    """End it for good, before its time. Raises as `pause_promotion`."""
    return _moved(promotion_id, PromotionStatus.ENDED)


def _moved(promotion_id: UUID, status: PromotionStatus) -> Promotion:
    promotion = _locked(promotion_id)
    promotion.move_to(status)
    _keep(promotion)
    return promotion


def _one_at_a_time() -> None:
    session.execute(select(RulesInForce.id).where(RulesInForce.id == 1).with_for_update())


def _locked(promotion_id: UUID) -> Promotion:
    # Always the one row first: two who change two promotions wait for each other but never deadlock.
    _one_at_a_time()
    promotion = session.get(Promotion, promotion_id, with_for_update=True, populate_existing=True)
    if promotion is None:
        raise UnknownPromotion()
    conditional.check(promotion.version)
    return promotion


def _check(promotion_id: UUID, terms: Terms) -> None:
    found = [*checking.faults(terms), *existing.faults(terms), *clashes.faults(promotion_id, terms)]
    if found:
        raise ValidationFailed(found)


def _keep(promotion: Promotion) -> None:
    """Write down the new version, and have carts and listings see it."""
    session.flush()
    session.add(
        PromotionVersion(
            promotion_id=promotion.id, version=promotion.version, name=promotion.name, status=promotion.status,
            rule=promotion.rule, starts_at=promotion.starts_at, ends_at=promotion.ends_at, at=clock.now(),
        )
    )  # fmt: skip
    if promotion.activated_at is not None:
        session.execute(update(RulesInForce).where(RulesInForce.id == 1).values(version=ids.new()))
    session.flush()
    emit(PromotionChanged(promotion_id=promotion.id, is_catalog=promotion.kind == Kind.CATALOG))
