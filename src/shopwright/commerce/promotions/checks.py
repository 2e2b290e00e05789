"""What must hold of promotions: what is counted against a limit is what was given and not given back (I6)."""

from uuid import UUID

from sqlalchemy import select, text

from shopwright.commerce.promotions.use_models import PromotionUse
from shopwright.kit.db import session
from shopwright.kit.verification import Check

_DERIVED = """
    SELECT promotion_id, counter ->> 0 AS kind, counter ->> 1 AS key,
           sum(CASE WHEN is_given_back THEN -1 ELSE 1 END) AS used,
           sum(CASE WHEN is_given_back THEN -amount ELSE amount END) AS amount
    FROM promotion_redemptions, jsonb_array_elements(counters) AS counter GROUP BY 1, 2, 3"""
_DRIFTED = f"""
    SELECT promotion_id, kind, key, coalesce(uses.used, 0), coalesce(uses.amount, 0), coalesce(derived.used, 0),
           coalesce(derived.amount, 0)
    FROM promotion_uses AS uses FULL JOIN ({_DERIVED}) AS derived USING (promotion_id, kind, key)
    WHERE (coalesce(uses.used, 0), coalesce(uses.amount, 0)) <> (coalesce(derived.used, 0), coalesce(derived.amount, 0))"""  # noqa: S608  our own words
_USES = f"""
    SELECT promotion_id, d.u || ' uses of ' || d.a, d.x || ' redemptions of ' || d.y,
           'a counter by ' || d.kind || ' was changed by hand'
    FROM ({_DRIFTED}) AS d (promotion_id, kind, key, u, a, x, y)"""  # noqa: S608


def _mend(subject: str) -> str | None:
    """The redemptions are the truth: the counters of this promotion are set to what they say."""
    session.execute(select(PromotionUse).where(PromotionUse.promotion_id == UUID(subject)).with_for_update())
    drifted = session.execute(text(f"SELECT * FROM ({_DRIFTED}) AS d WHERE promotion_id = :of"), {"of": subject}).all()  # noqa: S608
    for promotion_id, kind, key, _, _, used, amount in drifted:
        session.merge(PromotionUse(promotion_id=promotion_id, kind=kind, key=key, used=used, amount=amount))
    session.flush()
    return "the counters were derived anew" if drifted else None


CHECKS = (Check("promotions: what is counted is what was given (I6)", _USES, _mend),)
