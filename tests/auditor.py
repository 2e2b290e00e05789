"""One auditor for every journey and race: all that `verify` checks, and what only a test may ask for."""

from sqlalchemy import text

from shopwright.kit import verification
from shopwright.kit.db import session
from shopwright.kit.transaction import reading

#: Captures and refunds are not booked yet. Once they are, nothing may be left here.
AWAITED = {
    "orders: what is paid was booked (I4)",
    "orders: what was refunded was booked (I4)",
    "payments: what was captured was booked (I4)",
    "payments: what was given back was booked (I4)",
}
#: Each answers the rows that must not be there.
FORBIDDEN = {
    "I3: one successful capture an order": """
        SELECT order_id FROM payments WHERE captured_amount > refunded_amount GROUP BY order_id HAVING count(*) > 1""",
    "I3: an order is paid by what was captured for it": """
        SELECT orders.id FROM orders WHERE paid_amount > coalesce(
          (SELECT sum(captured_amount) FROM payments WHERE order_id = orders.id), 0)""",
    "I5: an order asks for its total and nothing else": """
        SELECT payments.id FROM payments JOIN orders ON orders.id = order_id WHERE amount <> total_amount""",
    "I7: an order holds what was bought": """
        SELECT orders.id FROM orders WHERE NOT EXISTS (SELECT FROM order_lines WHERE order_id = orders.id)""",
    "I7: no money of a closed order stays with us": """
        SELECT payments.id FROM payments JOIN orders ON orders.id = order_id
        WHERE orders.state IN ('canceled', 'expired') AND payments.captured_amount > payments.refunded_amount""",
    "I8: a kept answer belongs to one request": """
        SELECT scope FROM idempotency_keys WHERE answer IS NULL AND locked_at IS NULL""",
}


def audit() -> None:
    """Every broken invariant of the shop, at once."""
    report = verification.examine([name for name in verification.names() if name not in AWAITED])
    with reading():
        broken = {name: rows for name, sql in FORBIDDEN.items() if (rows := session.execute(text(sql)).all())}
    assert (report.drifts, report.unchecked, broken) == ([], [], {})
