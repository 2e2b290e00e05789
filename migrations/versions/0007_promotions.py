"""promotions: rules, every version of each, and which are in force"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shopwright.kit.ledger import refuse_changes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "promotions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_promotions_starts_before_it_ends")),
        sa.CheckConstraint(
            "(status = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_promotions_ended_at_some_time")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
    )
    op.create_index(
        "ix_promotions_in_force", "promotions", ["id"], unique=False,
        postgresql_where=sa.text("activated_at IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "promotion_versions",
        sa.Column("promotion_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotions.id"], name=op.f("fk_promotion_versions_promotion_id_promotions")
        ),
        sa.PrimaryKeyConstraint("promotion_id", "version", name=op.f("pk_promotion_versions")),
    )
    for statement in refuse_changes("promotion_versions"):
        op.execute(statement)
    op.create_table(
        "promotion_rules",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_promotion_rules_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_rules")),
    )
    op.execute("INSERT INTO promotion_rules VALUES (1, gen_random_uuid())")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("promotion_rules")
    op.drop_table("promotion_versions")
    op.execute("DROP FUNCTION promotion_versions_is_append_only()")
    op.drop_table("promotions")
