"""lists of any size: listings by category in the orders in which they are asked for, and what staff look for"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = ["product_id", "channel_id", "group_id"]
IN_STATE = {
    "drafts": "published_at IS NULL AND archived_at IS NULL",
    "published": "published_at IS NOT NULL AND archived_at IS NULL",
    "archived": "archived_at IS NOT NULL",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _make_shelves()
    _make_titles()
    # The first is found by its category now, the second by what begins so, too.
    op.drop_index("ix_listings_categories", "listings", postgresql_using="gin")
    op.drop_index("ix_listings_channel_id", "listings")
    # Of the extensions that the owner of a database may add.
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.drop_index("ix_products_published", "products")
    for name, state in IN_STATE.items():
        op.create_index(f"ix_products_{name}", "products", ["id"], postgresql_where=sa.text(state))
    for table, column in (("products", "title"), ("customers", "name")):
        op.create_index(
            f"ix_{table}_{column}_parts",
            table,
            [column],
            postgresql_using="gin",
            postgresql_ops={column: "gin_trgm_ops"},
        )
    op.create_index("ix_orders_state_id", "orders", ["state", "id"])
    op.create_index("ix_orders_email_id", "orders", ["email", "id"])


def _make_shelves() -> None:
    op.create_table(
        "shelved_listings",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("lowest_amount", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("facets", sa.ARRAY(sa.String()), nullable=False),
        sa.ForeignKeyConstraint(
            KEY,
            [f"listings.{name}" for name in KEY],
            name=op.f("fk_shelved_listings_product_id_listings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*KEY, "category_id", name=op.f("pk_shelved_listings")),
    )
    op.execute("ALTER TABLE shelved_listings ALTER category_id SET (n_distinct = 20)")
    op.execute("""
        INSERT INTO shelved_listings
        SELECT product_id, channel_id, group_id, unnest(category_ids), lowest_amount, published_at, is_available, brand_id,
               facets
        FROM listings""")
    op.create_index(
        "ix_shelved_listings_price",
        "shelved_listings",
        ["category_id", "channel_id", "group_id", "lowest_amount", "product_id"],
    )
    op.create_index(
        "ix_shelved_listings_newest",
        "shelved_listings",
        ["channel_id", "group_id", "category_id", "published_at", "product_id"],
    )


def _make_titles() -> None:
    op.create_table(
        "titled_listings",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("title_key", sa.String(length=200, collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_titled_listings_product_id_products"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_titled_listings_channel_id_channels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "channel_id", "locale", name=op.f("pk_titled_listings")),
    )
    op.execute("""
        INSERT INTO titled_listings
        SELECT DISTINCT product_id, channel_id, key, left(value, 200) FROM listings, jsonb_each_text(title_keys)""")
    op.create_index("ix_titled_listings_title", "titled_listings", ["channel_id", "locale", "title_key", "product_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_orders_email_id", "orders")
    op.drop_index("ix_orders_state_id", "orders")
    for table, column in (("products", "title"), ("customers", "name")):
        op.drop_index(f"ix_{table}_{column}_parts", table, postgresql_using="gin")
    for name in IN_STATE:
        op.drop_index(f"ix_products_{name}", "products")
    op.create_index(
        "ix_products_published", "products", ["published_at", "id"], postgresql_where=sa.text("archived_at IS NULL")
    )
    op.create_index("ix_listings_channel_id", "listings", ["channel_id"])
    op.create_index("ix_listings_categories", "listings", ["category_ids"], postgresql_using="gin")
    op.drop_table("titled_listings")
    op.drop_table("shelved_listings")
