"""search: indexes that are filled because there was none, and products that wait for the engine alone"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("search_targets", sa.Column("is_first", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("search_states", sa.Column("awaits_engine", sa.Boolean(), server_default=sa.false(), nullable=False))
    _index("awaits_engine", "next_try_at", "product_id")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _index("next_try_at", "product_id")
    op.drop_column("search_states", "awaits_engine")
    op.drop_column("search_targets", "is_first")


def _index(*columns: str) -> None:
    op.drop_index("ix_search_states_dirty", "search_states")
    waiting = sa.text("dirty_at IS NOT NULL")
    op.create_index("ix_search_states_dirty", "search_states", columns, postgresql_where=waiting)
