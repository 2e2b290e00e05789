"""search: what a document's words were weighed from, and room in the pages for rows that change in place"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = "search_documents", "search_offers"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Empty of those that are there: they are weighed once more when they are next written.
    op.add_column("search_documents", sa.Column("digest", sa.Text(), nullable=True))
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 80)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
    op.drop_column("search_documents", "digest")
