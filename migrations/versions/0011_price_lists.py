"""price lists, the history of prices, and what was announced"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shopwright.kit.ledger import refuse_changes

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ANYBODY = "00000000-0000-0000-0000-000000000000"
ORDERS = {
    "ix_listings_newest": ("published_at",),
    "ix_listings_price": ("lowest_amount",),
    "ix_listings_brand": ("brand_id", "published_at"),
}
LEDGERS = ("price_list_versions", "price_history", "price_announcements")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _lists()
    _ledgers()
    _listings()
    op.execute("""
        INSERT INTO price_history (id, variant_id, channel_id, currency, min_quantity, amount, compare_at_amount, cost_amount, at)
        SELECT gen_random_uuid(), variant_id, channel_id, currency, 1, amount, compare_at_amount, cost_amount, now() FROM prices""")
    op.execute("""
        INSERT INTO price_announcements (variant_id, channel_id, currency, number, amount, is_reduced, at)
        SELECT variant_id, channel_id, currency, 1, amount, compare_at_amount IS NOT NULL, now() FROM prices""")
    for table in LEDGERS:
        for statement in refuse_changes(table):
            op.execute(statement)


def _listings() -> None:
    op.create_table(
        "listing_audiences",
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_listing_audiences_channel_id_channels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", "group_id", name=op.f("pk_listing_audiences")),
    )
    op.add_column("listings", sa.Column("lowest_before_amount", sa.BigInteger(), nullable=True))
    op.add_column("listings", sa.Column("group_id", sa.Uuid(), nullable=True))
    op.execute(f"UPDATE listings SET group_id = '{ANYBODY}'")
    op.alter_column("listings", "group_id", nullable=False)
    _key("product_id", "channel_id", "group_id")
    _order("channel_id", "group_id")


def _key(*columns: str) -> None:
    op.drop_constraint("pk_listings", "listings")
    op.create_primary_key("pk_listings", "listings", list(columns))


def _order(*first: str) -> None:
    for name, more in ORDERS.items():
        op.drop_index(name, "listings")
        op.create_index(name, "listings", [*first, *more, "product_id"], unique=False)


def _lists() -> None:
    op.create_table(
        "price_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("based_on_id", sa.Uuid(), nullable=True),
        sa.Column("adjust_ppm", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("customer_id IS NULL OR group_id IS NULL", name=op.f("ck_price_lists_one_audience")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_price_lists_starts_before_it_ends")),
        sa.CheckConstraint(
            "adjust_ppm BETWEEN -1000000 AND 10000000", name=op.f("ck_price_lists_adjusts_within_reason")
        ),
        sa.CheckConstraint(
            "based_on_id IS NULL OR adjust_ppm IS NOT NULL", name=op.f("ck_price_lists_a_basis_is_adjusted")
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_price_lists_channel_id_channels")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_price_lists_customer_id_customers")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["customer_groups.id"], name=op.f("fk_price_lists_group_id_customer_groups")
        ),
        sa.ForeignKeyConstraint(
            ["based_on_id"], ["price_lists.id"], name=op.f("fk_price_lists_based_on_id_price_lists")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_lists")),
    )
    op.create_index("ix_price_lists_channel_id_currency", "price_lists", ["channel_id", "currency"], unique=False)
    for column in ("customer_id", "group_id", "based_on_id"):
        op.create_index(op.f(f"ix_price_lists_{column}"), "price_lists", [column], unique=False)
    op.create_table(
        "price_tiers",
        sa.Column("price_list_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("min_quantity", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_price_tiers_not_negative")),
        sa.CheckConstraint("min_quantity > 0", name=op.f("ck_price_tiers_from_one_on")),
        sa.ForeignKeyConstraint(
            ["price_list_id"], ["price_lists.id"], name=op.f("fk_price_tiers_price_list_id_price_lists")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_price_tiers_variant_id_variants"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("price_list_id", "variant_id", "min_quantity", name=op.f("pk_price_tiers")),
    )
    op.create_index(
        "ix_price_tiers_variant_id_price_list_id", "price_tiers", ["variant_id", "price_list_id"], unique=False
    )


def _ledgers() -> None:
    op.create_table(
        "price_list_versions",
        sa.Column("price_list_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["price_list_id"], ["price_lists.id"], name=op.f("fk_price_list_versions_price_list_id_price_lists")
        ),
        sa.PrimaryKeyConstraint("price_list_id", "version", name=op.f("pk_price_list_versions")),
    )
    op.create_table(
        "price_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_list_id", sa.Uuid(), nullable=True),
        sa.Column("min_quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("compare_at_amount", sa.BigInteger(), nullable=True),
        sa.Column("cost_amount", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_history")),
    )
    op.create_index(
        "ix_price_history_variant_id_channel_id",
        "price_history",
        ["variant_id", "channel_id", "at", "id"],
        unique=False,
    )
    op.create_table(
        "price_announcements",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("is_reduced", sa.Boolean(), nullable=False),
        sa.Column("lowest_before_amount", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("variant_id", "channel_id", "currency", "number", name=op.f("pk_price_announcements")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"DELETE FROM listings WHERE group_id <> '{ANYBODY}'")
    _key("product_id", "channel_id")
    _order("channel_id")
    op.drop_column("listings", "group_id")
    op.drop_column("listings", "lowest_before_amount")
    op.drop_table("listing_audiences")
    for table in LEDGERS:
        op.drop_table(table)
        op.execute(f"DROP FUNCTION {table}_is_append_only()")
    op.drop_table("price_tiers")
    op.drop_table("price_lists")
