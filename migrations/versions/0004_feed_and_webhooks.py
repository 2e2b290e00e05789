"""feed and webhooks"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("outbox", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("outbox", sa.Column("position", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE outbox SET position = numbered.position"
        " FROM (SELECT id, row_number() OVER (ORDER BY sequence) AS position FROM outbox) AS numbered"
        " WHERE outbox.id = numbered.id"
    )
    op.create_unique_constraint(op.f("uq_outbox_position"), "outbox", ["position"])
    op.create_index(
        "ix_outbox_unplaced", "outbox", ["sequence"], unique=False, postgresql_where=sa.text("position IS NULL")
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_outbox_unplaced", table_name="outbox")
    op.drop_constraint(op.f("uq_outbox_position"), "outbox", type_="unique")
    op.drop_column("outbox", "position")
    op.drop_column("outbox", "version")
