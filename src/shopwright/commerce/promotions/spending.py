"""What a quote has to know of codes, limits and buyers: parts of the one statement that it reads.

Parameters: `codes` in capitals, the `buyer_keys`, and the `day` (UTC) that daily limits are counted on.
"""

from sqlalchemy import ARRAY, BigInteger, String, and_, any_, bindparam, case, exists, literal, or_, select
from sqlalchemy import cast as as_type

from shopwright.commerce.promotions.models import Promotion
from shopwright.commerce.promotions.use_models import PromotionBuyer, PromotionCode, PromotionUse

CODES = bindparam("codes", type_=ARRAY(String))
BUYER_KEYS = bindparam("buyer_keys", type_=ARRAY(String))
DAY = bindparam("day", type_=String)

_LIMIT = {"total": "total", "code": "per_code", "day": "per_day", "buyer": "per_customer"}
_most = case(*((PromotionUse.kind == kind, Promotion.rule["limits"][limit].astext) for kind, limit in _LIMIT.items()))
_concerns = or_(
    PromotionUse.kind == "total",
    and_(PromotionUse.kind == "day", PromotionUse.key == DAY),
    and_(PromotionUse.kind == "code", PromotionUse.key == any_(CODES)),
    and_(PromotionUse.kind == "buyer", PromotionUse.key == any_(BUYER_KEYS)),
)
_uses = (
    select(PromotionUse)
    .join(Promotion, Promotion.id == PromotionUse.promotion_id)
    .where(_concerns, Promotion.ended_at.is_(None))
)
_nothing = literal(None, String)
_spent = (
    _uses.with_only_columns(
        PromotionUse.promotion_id,
        case(*((PromotionUse.kind == kind, limit) for kind, limit in _LIMIT.items())).label("limit"),
        case((PromotionUse.kind == "code", PromotionUse.key), else_=_nothing).label("code"),
        literal(None, BigInteger).label("left"),
    )
    .where(PromotionUse.used >= as_type(_most, BigInteger))
    .union_all(
        _uses.with_only_columns(
            PromotionUse.promotion_id,
            literal("budget").label("limit"),
            _nothing.label("code"),
            (as_type(Promotion.rule["limits"]["budget"]["amount"].astext, BigInteger) - PromotionUse.amount).label(
                "left"
            ),
        ).where(PromotionUse.kind == "total", Promotion.rule["limits"]["budget"]["amount"].is_not(None))
    )
    .subquery()
)

#: Limits that are used up, and what is left of budgets that something was taken of.
SPENT = select(_spent)
#: The codes that exist, with what they open.
ENTERED = select(PromotionCode.code, PromotionCode.promotion_id).where(
    PromotionCode.code == any_(CODES), PromotionCode.disabled_at.is_(None)
)
HAS_ORDERED = select(exists().where(PromotionBuyer.key == any_(BUYER_KEYS))).scalar_subquery()
