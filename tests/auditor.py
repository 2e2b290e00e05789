"""One auditor for every journey and race: the invariants I1–I3, I5 and I7–I9 of the whole shop, read from the tables."""

from datetime import timedelta

from sqlalchemy import text

from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.transaction import reading

#: Each answers the rows that must not be there.
FORBIDDEN = {
    "I1: stock never below what is promised": """
        SELECT variant_id FROM stock_levels WHERE on_hand - reserved - claimed < 0 OR reserved < 0 OR claimed < 0""",
    "I1: the movements add up to the stock": """
        SELECT variant_id FROM stock_levels LEFT JOIN
          (SELECT variant_id, location_id, sum(delta) AS moved FROM stock_movements GROUP BY 1, 2) AS m
          USING (variant_id, location_id)
        WHERE on_hand <> coalesce(moved, 0)""",
    "I1: what is reserved and claimed is what the reservations say": """
        SELECT variant_id FROM stock_levels LEFT JOIN
          (SELECT variant_id, location_id,
                  coalesce(sum(quantity) FILTER (WHERE state = 'held'), 0) AS held,
                  coalesce(sum(quantity) FILTER (WHERE state = 'claimed'), 0) AS kept
           FROM reservations GROUP BY 1, 2) AS r USING (variant_id, location_id)
        WHERE reserved <> coalesce(held, 0) OR claimed <> coalesce(kept, 0)""",
    "I2: an order has its own cart, which is closed": """
        SELECT orders.id FROM orders LEFT JOIN carts ON carts.id = orders.cart_id
        WHERE carts.state IS DISTINCT FROM 'ordered'""",
    "I2: a cart that was ordered has its order": """
        SELECT carts.id FROM carts WHERE state = 'ordered'
          AND NOT EXISTS (SELECT FROM orders WHERE cart_id = carts.id)""",
    "I3: refunded <= captured <= asked": """
        SELECT id FROM payments WHERE refunded_amount > captured_amount OR captured_amount > amount""",
    "I3: what was captured beyond an order's total is on its way back": """
        SELECT orders.id FROM orders JOIN payments ON order_id = orders.id
        GROUP BY orders.id HAVING total_amount < sum(captured_amount - refund_asked_amount - (
          SELECT coalesce(sum(amount), 0) FROM payment_operations
          WHERE payment_id = payments.id AND kind = 'refund' AND state = 'failed'))""",
    "I3: an order is paid by what was captured for it": """
        SELECT orders.id FROM orders WHERE paid_amount > coalesce(
          (SELECT sum(captured_amount) FROM payments WHERE order_id = orders.id), 0)""",
    "I5: the lines, the shipping and the tax add up to the total": """
        SELECT orders.id FROM orders WHERE total_amount <>
          (SELECT sum(gross_amount) FROM order_lines WHERE order_id = orders.id)
          + coalesce((quote #>> '{shipping,gross,amount}')::bigint, 0)""",
    "I5: an order is paid when all of its total is": """
        SELECT id FROM orders WHERE (paid_at IS NOT NULL) <> (paid_amount = total_amount)""",
    "I7: an order holds what was bought": """
        SELECT orders.id FROM orders WHERE NOT EXISTS (SELECT FROM order_lines WHERE order_id = orders.id)""",
    "I7: no money of a closed order stays with us": """
        SELECT payments.id FROM payments JOIN orders ON orders.id = order_id
        WHERE orders.state IN ('canceled', 'expired') AND payments.captured_amount > payments.refund_asked_amount
          AND NOT EXISTS (SELECT FROM outbox WHERE aggregate_id = orders.id AND delivered_at IS NULL)
          AND NOT EXISTS (SELECT FROM payment_operations
                          WHERE payment_id = payments.id AND kind = 'refund' AND state = 'failed')""",
    "I8: a kept answer belongs to one request": """
        SELECT scope FROM idempotency_keys WHERE answer IS NULL AND locked_at IS NULL""",
    "I9: a paid, open order has its stock": """
        SELECT orders.id FROM orders WHERE state = 'open' AND paid_at IS NOT NULL AND EXISTS
          (SELECT FROM order_lines WHERE order_id = orders.id AND shipped_quantity < quantity)
          AND NOT EXISTS (SELECT FROM reservations WHERE order_id = orders.id AND state = 'claimed')""",
    "I9: a closed order holds no stock": """
        SELECT orders.id FROM orders JOIN reservations ON reservations.order_id = orders.id
        WHERE orders.state IN ('canceled', 'expired') AND reservations.state IN ('held', 'claimed')""",
    "I9: nothing is held beyond its time": """
        SELECT id FROM reservations WHERE state = 'held' AND expires_at < :long_ago""",
}


def audit() -> None:
    """Every broken invariant of the shop, at once."""
    with reading():
        long_ago = {"long_ago": clock.now() - timedelta(minutes=5)}
        broken = {name: rows for name, sql in FORBIDDEN.items() if (rows := session.execute(text(sql), long_ago).all())}
    assert broken == {}, broken
