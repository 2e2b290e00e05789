"""promotion uses: codes, counters, redemptions, buyers; codes and gifts of a cart"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shopwright.kit.ledger import refuse_changes

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "promotion_codes",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("promotion_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotions.id"], name=op.f("fk_promotion_codes_promotion_id_promotions")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_promotion_codes")),
    )
    op.create_index("ix_promotion_codes_promotion_id_code", "promotion_codes", ["promotion_id", "code"], unique=False)
    op.create_table(
        "promotion_uses",
        sa.Column("promotion_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used >= 0 AND amount >= 0", name=op.f("ck_promotion_uses_not_negative")),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotions.id"], name=op.f("fk_promotion_uses_promotion_id_promotions")
        ),
        sa.PrimaryKeyConstraint("promotion_id", "kind", "key", name=op.f("pk_promotion_uses")),
    )
    op.create_index("ix_promotion_uses_kind_key", "promotion_uses", ["kind", "key"], unique=False)
    op.create_table(
        "promotion_redemptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("promotion_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("counters", postgresql.JSONB(), nullable=False),
        sa.Column("is_given_back", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotions.id"], name=op.f("fk_promotion_redemptions_promotion_id_promotions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_redemptions")),
        sa.UniqueConstraint(
            "order_id", "promotion_id", "is_given_back",
            name=op.f("uq_promotion_redemptions_order_id_promotion_id_is_given_back"),
        ),
    )  # fmt: skip
    op.create_index(
        op.f("ix_promotion_redemptions_promotion_id"), "promotion_redemptions", ["promotion_id"], unique=False
    )
    for statement in refuse_changes("promotion_redemptions"):
        op.execute(statement)
    op.create_table(
        "promotion_buyers",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_promotion_buyers")),
    )
    op.create_index(op.f("ix_promotion_buyers_order_id"), "promotion_buyers", ["order_id"], unique=False)
    for name, kind in (("codes", sa.String()), ("chosen_gifts", sa.Uuid())):
        op.add_column("carts", sa.Column(name, postgresql.ARRAY(kind), server_default="{}", nullable=False))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("carts", "chosen_gifts")
    op.drop_column("carts", "codes")
    op.drop_table("promotion_buyers")
    op.drop_table("promotion_redemptions")
    op.execute("DROP FUNCTION promotion_redemptions_is_append_only()")
    op.drop_table("promotion_uses")
    op.drop_table("promotion_codes")
