"""credit: gift cards and store credit as ledgers, and the products that are gift cards"""

import sqlalchemy as sa
from alembic import op

from shopwright.kit.ledger import refuse_changes

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "credit_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance_amount", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_line_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("balance_amount >= 0", name=op.f("ck_credit_accounts_balance")),
        sa.CheckConstraint(
            "(kind = 'store_credit') = (customer_id IS NOT NULL)", name=op.f("ck_credit_accounts_owner")
        ),
        sa.CheckConstraint("(code_hash IS NULL) = (revealed_at IS NULL)", name=op.f("ck_credit_accounts_revealed")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_credit_accounts_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_accounts")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_credit_accounts_code_hash")),
        sa.UniqueConstraint("customer_id", "currency", name=op.f("uq_credit_accounts_customer_id_currency")),
        sa.UniqueConstraint("order_id", "place", name=op.f("uq_credit_accounts_order_id_place")),
    )
    op.create_index(
        "ix_credit_accounts_expiring", "credit_accounts", ["expires_at"], unique=False,
        postgresql_where=sa.text("balance_amount > 0"),
    )  # fmt: skip
    op.create_table(
        "credit_movements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_credit_movements_moves_something")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["credit_accounts.id"], name=op.f("fk_credit_movements_account_id_credit_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_movements")),
        sa.UniqueConstraint("cause_id", "reason", name=op.f("uq_credit_movements_cause_id_reason")),
    )
    for column in ("account_id", "at", "payment_id"):
        op.create_index(op.f(f"ix_credit_movements_{column}"), "credit_movements", [column], unique=False)
    for statement in refuse_changes("credit_movements"):
        op.execute(statement)
    op.add_column("products", sa.Column("is_gift_card", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("order_lines", sa.Column("is_gift_card", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("orders", sa.Column("gift_card_amount", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_orders_gift_cards"), "orders", "gift_card_amount BETWEEN 0 AND total_amount")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_orders_gift_cards"), "orders", type_="check")
    op.drop_column("orders", "gift_card_amount")
    op.drop_column("order_lines", "is_gift_card")
    op.drop_column("products", "is_gift_card")
    op.drop_table("credit_movements")
    op.execute("DROP FUNCTION credit_movements_is_append_only()")
    op.drop_table("credit_accounts")
