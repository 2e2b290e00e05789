"""books: the double-entry ledger of money"""

import sqlalchemy as sa
from alembic import op

from shopwright.kit.ledger import refuse_changes

BALANCE = (
    """CREATE OR REPLACE FUNCTION book_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM added GROUP BY entry_id HAVING sum(amount) <> 0 OR min(currency) <> max(currency)) THEN
        RAISE EXCEPTION 'an entry does not balance' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$""",
    """CREATE OR REPLACE TRIGGER book_postings_balance AFTER INSERT ON book_postings
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION book_entries_balance()""",
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "book_postings",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_book_postings_moves_something")),
        sa.PrimaryKeyConstraint("entry_id", "account", name=op.f("pk_book_postings")),
        sa.UniqueConstraint("cause_id", "kind", "account", name=op.f("uq_book_postings_cause_id_kind_account")),
    )
    op.create_index("ix_book_postings_order", "book_postings", ["order_id"], unique=False)
    op.create_index("ix_book_postings_payment", "book_postings", ["payment_id"], unique=False)
    for statement in (*BALANCE, *refuse_changes("book_postings")):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("book_postings")
    op.execute("DROP FUNCTION book_entries_balance()")
    op.execute("DROP FUNCTION book_postings_is_append_only()")
