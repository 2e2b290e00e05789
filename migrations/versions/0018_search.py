"""search: how far products have come into the index, and the index that PostgreSQL itself keeps"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # It comes with PostgreSQL itself, and is trusted: who owns the database may create it.
    op.execute("CREATE EXTENSION IF NOT EXISTS fuzzystrmatch")
    op.create_table(
        "search_states",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("dirty_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_search_states")),
    )
    op.create_index(
        "ix_search_states_dirty",
        "search_states",
        ["next_try_at", "product_id"],
        postgresql_where=sa.text("dirty_at IS NOT NULL"),
    )
    op.create_table(
        "search_dead_letters",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "locale", name=op.f("pk_search_dead_letters")),
    )
    op.create_table(
        "search_clock",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("looked_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_search_clock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_clock")),
    )
    op.execute("INSERT INTO search_clock VALUES (1, now())")
    _documents()
    _offers()
    op.create_table(
        "search_words",
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("word", sa.String(60, collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("locale", "word", name=op.f("pk_search_words")),
    )
    op.create_index(
        "ix_search_words_like", "search_words", ["locale", sa.text('"left"(word, 1)'), sa.text("length(word)")]
    )
    # What is sold already is indexed by the worker's first rounds.
    op.execute(
        "INSERT INTO search_states (product_id, version, dirty_at, next_try_at) SELECT id, 1, now(), now() FROM products"
    )


def _documents() -> None:
    op.create_table(
        "search_documents",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("is_found", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text(collation="C"), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("category_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("facets", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("popularity", sa.Float(), nullable=False),
        sa.Column("margin", sa.Float(), nullable=False),
        sa.Column("plain", TSVECTOR(), nullable=False),
        sa.Column("stemmed", TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "locale", name=op.f("pk_search_documents")),
    )
    for name in ("plain", "stemmed", "codes"):
        op.create_index(f"ix_search_documents_{name}", "search_documents", [name], postgresql_using="gin")
    op.create_index(
        "ix_search_documents_popular", "search_documents", ["locale", sa.text("popularity DESC"), "product_id"]
    )


def _offers() -> None:
    op.create_table(
        "search_offers",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("compare_at", sa.BigInteger(), nullable=True),
        sa.Column("in_stock", sa.Boolean(), nullable=False),
        sa.Column("options", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id", "locale"],
            ["search_documents.product_id", "search_documents.locale"],
            name=op.f("fk_search_offers_product_id_search_documents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_id", "locale", "channel_id", "variant_id", name=op.f("pk_search_offers")),
    )
    op.create_index("ix_search_offers_channel", "search_offers", ["channel_id", "locale", "product_id"])


def downgrade() -> None:
    for name in ("words", "offers", "documents", "clock", "dead_letters", "states"):
        op.drop_table(f"search_{name}")
    op.execute("DROP EXTENSION IF EXISTS fuzzystrmatch")
