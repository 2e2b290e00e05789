"""taxes: how a channel rounds and taxes shipping, exemptions, VAT ids, and what a tax service answered"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OF_A_CHANNEL = {"tax_rounding": "line", "shipping_tax": "own", "tax_source": "rates"}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, usual in OF_A_CHANNEL.items():
        op.add_column("channels", sa.Column(name, sa.String(length=10), server_default=usual, nullable=False))
    op.add_column("carts", sa.Column("vat_id", sa.String(length=20), nullable=True))
    op.create_table(
        "tax_exemptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=100), nullable=True),
        sa.Column("certificate", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_tax_exemptions_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_tax_exemptions_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_exemptions")),
    )
    op.create_index(op.f("ix_tax_exemptions_customer_id"), "tax_exemptions", ["customer_id"], unique=False)
    op.create_table(
        "tax_answers",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tax_answers")),
    )
    op.create_index(op.f("ix_tax_answers_asked_at"), "tax_answers", ["asked_at"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("tax_answers")
    op.drop_table("tax_exemptions")
    op.drop_column("carts", "vat_id")
    for name in OF_A_CHANNEL:
        op.drop_column("channels", name)
