"""The codes that open a promotion: chosen by staff, or made in numbers that nobody can guess."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Row, Select, String, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.promotions import queries
from shopwright.commerce.promotions.errors import CodeNotFound, CodeTaken, TakesNoCodes
from shopwright.commerce.promotions.rules import Code
from shopwright.commerce.promotions.use_models import PromotionCode
from shopwright.kit import clock
from shopwright.kit.db import session, table_of

#: Without letters and digits that are taken for one another. 32, so that each is five bits.
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SHORTEST = 10  # 50 bits: of a million codes a guess finds one in a thousand million
AT_ONCE = 20_000
READ_AT_ONCE = 2_000

_ADDED = (
    insert(table_of(PromotionCode))
    .from_select(
        ["code", "promotion_id", "created_at"],
        select(
            func.unnest(bindparam("codes", type_=ARRAY(String))),
            bindparam("promotion_id", type_=PromotionCode.promotion_id.type),
            bindparam("at", type_=PromotionCode.created_at.type),
        ),
    )
    .on_conflict_do_nothing()
    .returning(literal(1))
    .cte("added")
)
_MANY = select(func.count()).select_from(_ADDED)


def add_code(promotion_id: UUID, code: str) -> PromotionCode:
    """Raises `UnknownPromotion`, `TakesNoCodes`, `CodeTaken`."""
    _check(promotion_id)
    row = PromotionCode(code=normal(code), promotion_id=promotion_id, created_at=clock.now())
    added = session.scalar(
        insert(PromotionCode)
        .values(code=row.code, promotion_id=row.promotion_id, created_at=row.created_at)
        .on_conflict_do_nothing()
        .returning(literal(True))
    )
    if not added:
        raise CodeTaken()
    return row


def make_codes(promotion_id: UUID, count: int, *, prefix: str = "", length: int = SHORTEST) -> Iterator[int]:
    """Make so many new codes, some at once; yields how many there are so far. Each is `prefix` and `length` random letters.

    Raises `UnknownPromotion`, `TakesNoCodes`.
    """
    _check(promotion_id)
    made = 0
    while made < count:
        codes = [normal(prefix) + letters for letters in _random(min(AT_ONCE, count - made), length)]
        # What exists already is made anew in the next turn.
        made += session.scalars(_MANY, {"codes": codes, "promotion_id": promotion_id, "at": clock.now()}).one()
        yield made


def disable_code(promotion_id: UUID, code: str) -> None:
    """From now on it is as if it did not exist. Raises `CodeNotFound`."""
    disabled = session.execute(
        update(PromotionCode)
        .where(PromotionCode.promotion_id == promotion_id, PromotionCode.code == normal(code))
        .values(disabled_at=func.coalesce(PromotionCode.disabled_at, clock.now()))
        .returning(PromotionCode.code)
    ).one_or_none()
    if disabled is None:
        raise CodeNotFound()


def of_promotion(promotion_id: UUID) -> Select[PromotionCode]:
    """Raises `UnknownPromotion`."""
    queries.get(promotion_id)
    return select(PromotionCode).where(PromotionCode.promotion_id == promotion_id)


def usable(promotion_id: UUID) -> Iterator[Row[str, datetime]]:
    """The codes that can be used, in order, with when they were made; some at a time, so there may be millions."""
    last = ""
    while found := after(promotion_id, last):
        yield from found
        last = found[-1].code


def after(promotion_id: UUID, code: str) -> Sequence[Row[str, datetime]]:
    """The next ones of `usable` behind this code."""
    found = (
        select(PromotionCode.code, PromotionCode.created_at)
        .where(
            PromotionCode.promotion_id == promotion_id, PromotionCode.code > code, PromotionCode.disabled_at.is_(None)
        )
        .order_by(PromotionCode.code)
        .limit(READ_AT_ONCE)
    )
    return session.execute(found).all()


def normal(code: str) -> str:
    """A code as it is stored and looked up."""
    return code.strip().upper()


def _check(promotion_id: UUID) -> None:
    promotion = queries.get(promotion_id)
    if not any(isinstance(condition, Code) for condition in promotion.terms.conditions):
        raise TakesNoCodes()


def _random(count: int, length: int) -> Iterator[str]:
    for _ in range(count):
        bits = secrets.randbits(5 * length)
        yield "".join(LETTERS[bits >> 5 * place & 31] for place in range(length))
