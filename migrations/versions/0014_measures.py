"""catalog: how much of something a variant is, for its price per kilogram or litre"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ALIKE = (
    "('kg', 'g', 'mg')",
    "('l', 'cl', 'ml', 'm3')",
    "('m', 'cm', 'mm')",
    "('m2', 'cm2')",
    "('piece')",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("variants", sa.Column("measure_amount", sa.BigInteger(), nullable=True))
    op.add_column("variants", sa.Column("measure_unit", sa.String(length=10), nullable=True))
    op.add_column("variants", sa.Column("base_measure_amount", sa.BigInteger(), nullable=True))
    op.add_column("variants", sa.Column("base_measure_unit", sa.String(length=10), nullable=True))
    op.create_check_constraint(
        op.f("ck_variants_measured_or_not"), "variants",
        "num_nulls(measure_amount, measure_unit, base_measure_amount, base_measure_unit) IN (0, 4)",
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_variants_measures_something"), "variants", "measure_amount > 0 AND base_measure_amount > 0"
    )
    op.create_check_constraint(
        op.f("ck_variants_measured_alike"), "variants",
        " OR ".join(f"measure_unit IN {units} AND base_measure_unit IN {units}" for units in ALIKE),
    )  # fmt: skip


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("measured_alike", "measures_something", "measured_or_not"):
        op.drop_constraint(op.f(f"ck_variants_{name}"), "variants", type_="check")
    for column in ("base_measure_unit", "base_measure_amount", "measure_unit", "measure_amount"):
        op.drop_column("variants", column)
