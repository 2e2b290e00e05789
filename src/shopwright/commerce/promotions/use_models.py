"""Codes, and what was given: counted where there is a limit, and written down for ever."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from shopwright.kit import clock, ids, ledger
from shopwright.kit.db import Base
from shopwright.kit.privacy import business, personal


class PromotionCode(Base):
    """A code in capitals, and the promotion that it opens. One that is disabled is as if it did not exist."""

    __tablename__ = "promotion_codes"
    __table_args__ = (Index("ix_promotion_codes_promotion_id_code", "promotion_id", "code"),)

    code: Mapped[str] = business(String(60), primary_key=True)
    promotion_id: Mapped[UUID] = business(ForeignKey("promotions.id"))
    created_at: Mapped[datetime] = business(default=clock.now)
    disabled_at: Mapped[datetime | None] = business()


class PromotionUse(Base):
    """How often, and for how much, a promotion was given: in all, of a code, on a day (UTC), to a buyer."""

    __tablename__ = "promotion_uses"
    __table_args__ = (
        CheckConstraint("used >= 0 AND amount >= 0", name="not_negative"),
        Index("ix_promotion_uses_kind_key", "kind", "key"),
    )

    promotion_id: Mapped[UUID] = business(ForeignKey("promotions.id"), primary_key=True)
    kind: Mapped[str] = business(String(12), primary_key=True)
    key: Mapped[str] = personal(String(64), primary_key=True)
    used: Mapped[int] = business()
    amount: Mapped[int] = business()


class PromotionRedemption(Base):
    """That an order was given a promotion, or gave it back. `counters` are the rows of `promotion_uses` that counted it."""

    __tablename__ = "promotion_redemptions"
    __table_args__ = (UniqueConstraint("order_id", "promotion_id", "is_given_back"),)

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    order_id: Mapped[UUID] = business()
    promotion_id: Mapped[UUID] = business(ForeignKey("promotions.id"), index=True)
    version: Mapped[int] = business()
    code: Mapped[str | None] = business(String(60))
    amount: Mapped[int] = business()
    counters: Mapped[list[Any]] = personal(JSONB)
    is_given_back: Mapped[bool] = business(default=False)
    at: Mapped[datetime] = business(default=clock.now)


ledger.append_only(cast(Table, PromotionRedemption.__table__))


class PromotionBuyer(Base):
    """That a buyer has ordered. It goes again if that order was never paid."""

    __tablename__ = "promotion_buyers"

    key: Mapped[str] = personal(String(64), primary_key=True)
    order_id: Mapped[UUID] = business(primary_key=True, index=True)
