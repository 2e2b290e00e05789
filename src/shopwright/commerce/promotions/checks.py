"""What must hold of promotions: what is counted against a limit is what was given and not given back (I6)."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.engine import Row

from shopwright.commerce.promotions.use_models import PromotionUse
from shopwright.kit.db import session
from shopwright.kit.verification import Check, Finding

_DRIFTED = text("""
    SELECT promotion_id, kind, key, coalesce(uses.used, 0) AS used, coalesce(uses.amount, 0) AS amount,
           coalesce(derived.used, 0) AS redeemed, coalesce(derived.amount, 0) AS given
    FROM promotion_uses AS uses
    FULL JOIN (
      SELECT promotion_id, counter ->> 0 AS kind, counter ->> 1 AS key,
             sum(CASE WHEN is_given_back THEN -1 ELSE 1 END) AS used,
             sum(CASE WHEN is_given_back THEN -amount ELSE amount END) AS amount
      FROM promotion_redemptions, jsonb_array_elements(counters) AS counter GROUP BY 1, 2, 3
    ) AS derived USING (promotion_id, kind, key)
    WHERE coalesce(uses.used, 0) <> coalesce(derived.used, 0) OR coalesce(uses.amount, 0) <> coalesce(derived.amount, 0)
    ORDER BY promotion_id, kind, key""")


def _drifted() -> list[Row[*tuple[object, ...]]]:
    return list(session.execute(_DRIFTED))


def _uses() -> Iterator[Finding]:
    for each in _drifted():
        row, ledger = f"{each.used} uses of {each.amount}", f"{each.redeemed} redemptions of {each.given}"
        yield each.promotion_id, row, ledger, f"a counter by {each.kind} was changed by hand"


def _mend(subject: str) -> str | None:
    """The redemptions are the truth: the counters of this promotion are set to what they say."""
    session.execute(select(PromotionUse).where(PromotionUse.promotion_id == UUID(subject)).with_for_update())
    drifted = [each for each in _drifted() if each.promotion_id == UUID(subject)]
    for each in drifted:
        key = {"promotion_id": each.promotion_id, "kind": each.kind, "key": each.key}
        session.merge(PromotionUse(**key, used=int(each.redeemed), amount=int(each.given)))
    session.flush()
    return "the counters were derived anew" if drifted else None


CHECKS = (Check("promotions: what is counted is what was given (I6)", _uses, _mend),)
