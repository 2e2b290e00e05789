"""buyers of orders: every order of a buyer is noted, so that one that expires hides none"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint("pk_promotion_buyers", "promotion_buyers")
    op.create_primary_key("pk_promotion_buyers", "promotion_buyers", ["key", "order_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        DELETE FROM promotion_buyers AS late USING promotion_buyers AS first
        WHERE late.key = first.key AND late.order_id > first.order_id""")
    op.drop_constraint("pk_promotion_buyers", "promotion_buyers")
    op.create_primary_key("pk_promotion_buyers", "promotion_buyers", ["key"])
