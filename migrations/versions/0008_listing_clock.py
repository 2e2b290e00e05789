"""listing clock: how far listings have followed the dates of promotions"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "listing_clock",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("looked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("walked_to", sa.Uuid(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_listing_clock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_clock")),
    )
    op.execute("INSERT INTO listing_clock VALUES (1, now(), NULL)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("listing_clock")
