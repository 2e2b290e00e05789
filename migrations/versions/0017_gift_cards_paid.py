"""gift cards paid: whoever issues them hears `orders.GiftCardsPaid` now, so what is on its way is told that way, too"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        INSERT INTO outbox (id, name, version, aggregate_id, payload, emitted_at)
        SELECT gen_random_uuid(), 'orders.GiftCardsPaid', 1, orders.id, jsonb_build_object('order_id', orders.id), now()
        FROM outbox AS paid JOIN orders ON orders.id = paid.aggregate_id
        WHERE paid.name = 'orders.OrderPaid' AND paid.delivered_at IS NULL AND orders.gift_card_amount > 0
          AND NOT EXISTS (
              SELECT FROM outbox WHERE name = 'orders.GiftCardsPaid' AND aggregate_id = orders.id
          )""")


def downgrade() -> None:
    """The version before issues gift cards when it hears of the paid order, which is still on its way."""
