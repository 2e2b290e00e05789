"""What must hold of what was sold and is not sent: a paid order has its gift cards (I4)."""

from uuid import UUID

from shopwright.commerce.fulfillment import gift_cards
from shopwright.commerce.orders import service as orders
from shopwright.kit.verification import Check

#: What waits to be heard is on its way.
_ISSUED = """
    SELECT orders.id, gift_card_amount, coalesce(issued, 0), 'nobody issued its gift cards, or their movements were removed'
    FROM orders LEFT JOIN
      (SELECT order_id, sum(amount) AS issued FROM credit_accounts
       JOIN credit_movements ON account_id = credit_accounts.id WHERE reason = 'issued' GROUP BY 1) AS c
      ON c.order_id = orders.id
    WHERE paid_at IS NOT NULL AND gift_card_amount <> coalesce(issued, 0)
      AND NOT EXISTS (SELECT FROM outbox WHERE aggregate_id = orders.id AND name = 'orders.GiftCardsPaid'
        AND delivered_at IS NULL AND NOT EXISTS
          (SELECT FROM outbox_failures WHERE event_id = outbox.id AND set_aside_at IS NOT NULL))"""


def _mend_issued(subject: str) -> str | None:
    return "its gift cards were issued" if gift_cards.issue(orders.lock(UUID(subject))) else None


CHECKS = (Check("fulfillment: a paid order has its gift cards (I4)", _ISSUED, _mend_issued),)
