"""One auditor for every journey and race: all that `verify` checks, and what only a test may ask for."""

from sqlalchemy import text

from shopwright.kit import verification
from shopwright.kit.db import session
from shopwright.kit.transaction import snapshot

#: Each answers the rows that must not be there.
FORBIDDEN = {
    "I3: what was captured beyond an order's total is on its way back": """
        SELECT orders.id FROM orders JOIN payments ON order_id = orders.id
        GROUP BY orders.id HAVING total_amount < sum(captured_amount - refund_asked_amount - (
          SELECT coalesce(sum(amount), 0) FROM payment_operations
          WHERE payment_id = payments.id AND kind = 'refund' AND state = 'failed'))""",
    "I4: a balance of credit is the sum of its movements, and what the books owe for it": """
        SELECT credit_accounts.id FROM credit_accounts
        LEFT JOIN credit_movements ON account_id = credit_accounts.id
        LEFT JOIN book_postings ON book_postings.cause_id = credit_movements.id AND account = 'liabilities'
        GROUP BY credit_accounts.id
        HAVING balance_amount <> coalesce(sum(credit_movements.amount), 0)
          OR balance_amount <> coalesce(-sum(book_postings.amount), 0)""",
    "I4: credit paid what its payments captured, less what they gave back, once their answers are settled": """
        SELECT payments.id FROM payments LEFT JOIN credit_movements ON payment_id = payments.id
        WHERE provider = 'credit' AND payments.state <> 'pending' AND NOT EXISTS (
          SELECT FROM payment_operations WHERE payment_id = payments.id AND payment_operations.state = 'pending')
        GROUP BY payments.id
        HAVING captured_amount - refunded_amount <> -coalesce(sum(credit_movements.amount), 0)""",
    "I5: an order is paid when all of its total is": """
        SELECT id FROM orders WHERE (paid_at IS NOT NULL) <> (paid_amount = total_amount)""",
    "I7: an order holds what was bought": """
        SELECT orders.id FROM orders WHERE NOT EXISTS (SELECT FROM order_lines WHERE order_id = orders.id)""",
    "I8: a kept answer belongs to one request": """
        SELECT scope FROM idempotency_keys WHERE answer IS NULL AND locked_at IS NULL""",
}


def audit(*, is_quiet: bool = True) -> None:
    """Every broken invariant of the shop, at once. While it is not quiet, facts may wait for as long as they like."""
    wanted = [name for name in verification.names() if is_quiet or not name.startswith("outbox: nothing waits")]
    # All in one snapshot, which takes a third of the time of one for each. A check that cannot be made raises.
    with snapshot():
        drifts = [drift for name in wanted for drift in verification.drifts_by(name)]
        broken = {name: rows for name, sql in FORBIDDEN.items() if (rows := session.execute(text(sql)).all())}
    assert (drifts, broken) == ([], {}), (drifts, broken)
