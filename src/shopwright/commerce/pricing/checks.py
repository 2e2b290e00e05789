"""What must hold of prices: what is asked for is what was noted last, by variants and by price lists."""

from uuid import UUID

from sqlalchemy import select, text

from shopwright.commerce.pricing import history
from shopwright.commerce.pricing.models import Price
from shopwright.kit.db import session
from shopwright.kit.verification import Check

_OWN = """
    SELECT coalesce(p.variant_id, h.variant_id), 'costs ' || coalesce(p.amount::text, 'nothing'),
           'noted ' || coalesce(h.amount::text, 'nothing'), 'a price was changed past the shop'
    FROM prices AS p FULL JOIN (
      SELECT DISTINCT ON (variant_id, channel_id, currency) * FROM price_history WHERE price_list_id IS NULL
      ORDER BY variant_id, channel_id, currency, at DESC, id DESC) AS h USING (variant_id, channel_id, currency)
    WHERE (p.amount, p.compare_at_amount, p.cost_amount) IS DISTINCT FROM (h.amount, h.compare_at_amount, h.cost_amount)
      AND EXISTS (SELECT FROM variants WHERE variants.id = coalesce(p.variant_id, h.variant_id))"""
_TIERS = """
    SELECT coalesce(t.price_list_id, h.price_list_id), 'asks ' || coalesce(t.amount::text, 'nothing'),
           'noted ' || coalesce(h.amount::text, 'nothing'), 'a price of a list was changed past the shop'
    FROM price_tiers AS t FULL JOIN (
      SELECT DISTINCT ON (price_list_id, variant_id, min_quantity) * FROM price_history WHERE price_list_id IS NOT NULL
      ORDER BY price_list_id, variant_id, min_quantity, at DESC, id DESC) AS h
      USING (price_list_id, variant_id, min_quantity)
    WHERE t.amount IS DISTINCT FROM h.amount AND EXISTS (SELECT FROM variants WHERE id = variant_id)"""
_VERSIONS = """
    SELECT l.id, 'version ' || l.version, 'noted ' || coalesce(max(v.version)::text, 'never'),
           'a price list was changed past the shop'
    FROM price_lists AS l LEFT JOIN price_list_versions AS v ON v.price_list_id = l.id
    GROUP BY l.id HAVING max(v.version) IS DISTINCT FROM l.version"""


_MISSING = text("""
    SELECT DISTINCT variant_id, channel_id, currency FROM price_history AS h
    WHERE variant_id = :id AND price_list_id IS NULL AND NOT EXISTS
      (SELECT FROM prices AS p WHERE (p.variant_id, p.channel_id, p.currency) = (h.variant_id, h.channel_id, h.currency))""")


def _mend(subject: str) -> str | None:
    """What shoppers pay is the truth: the history is made to say the same."""
    drifted = [row for row in session.execute(text(_OWN)) if row[0] == UUID(subject)]
    if not drifted:
        return None
    names = ("variant_id", "channel_id", "currency", "amount", "compare_at_amount", "cost_amount")
    history.note(
        dict.fromkeys(names) | dict(row) for row in session.execute(_MISSING, {"id": UUID(subject)}).mappings()
    )
    prices = session.scalars(select(Price).where(Price.variant_id == UUID(subject)))
    history.note({name: getattr(price, name) for name in names} for price in prices)
    return "its prices were noted as they are"


CHECKS = (
    Check("prices: what a variant costs is what was noted last", _OWN, _mend),
    Check("price lists: what a list says of variants is what was noted last", _TIERS),
    Check("price lists: every version is kept", _VERSIONS),
)
