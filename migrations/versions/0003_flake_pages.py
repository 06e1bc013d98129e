"""Every sorted page of flakes is read from an index, and flakes are counted as they come."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SORTED_BY = ("id", "area_um2", "p_graphene", "layers")

EARLIER = [
    ["scan_id", "is_lost", "is_graphene"],
    ["scan_id", "area_um2", "id"],
    ["scan_id", "p_graphene", "id"],
    ["area_um2", "id"],
    ["p_graphene", "id"],
]


def indexes() -> list[tuple[str, list[str]]]:
    """Name and columns of what replaces the earlier ones."""
    made = []
    for first in (["scan_id"], []):
        for column in SORTED_BY:
            others = [name for name in SORTED_BY if name not in (column, "id")]
            by = [column] if column == "id" else [column, "id"]
            columns = [*first, "is_graphene", "is_reviewed", *by, *others, "is_lost"]
            made.append(("_".join(("ix_flake_by", *first, column)), columns))
    return made


def upgrade() -> None:
    # The default is for the rows that are there already.
    with op.batch_alter_table("flake") as flake:
        flake.add_column(
            sa.Column("is_reviewed", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(
        "UPDATE flake SET is_reviewed = true WHERE id IN (SELECT DISTINCT flake_id FROM review)"
    )
    for columns in EARLIER:
        op.drop_index(op.f("ix_flake_" + "_".join(columns)), table_name="flake")
    for name, columns in indexes():
        op.create_index(name, "flake", columns)
    op.create_table(
        "flake_count",
        sa.Column("scan_id", ID, nullable=False),
        sa.Column("is_graphene", sa.Boolean(), nullable=False),
        sa.Column("is_reviewed", sa.Boolean(), nullable=False),
        sa.Column("flakes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name=op.f("fk_flake_count_scan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "scan_id", "is_graphene", "is_reviewed", name=op.f("pk_flake_count")
        ),
    )
    op.execute(
        "INSERT INTO flake_count (scan_id, is_graphene, is_reviewed, flakes) "
        "SELECT scan_id, is_graphene, is_reviewed, count(*) FROM flake WHERE NOT is_lost "
        "GROUP BY scan_id, is_graphene, is_reviewed"
    )


def downgrade() -> None:
    op.drop_table("flake_count")
    for name, _ in indexes():
        op.drop_index(name, table_name="flake")
    for columns in EARLIER:
        op.create_index(op.f("ix_flake_" + "_".join(columns)), "flake", columns)
    with op.batch_alter_table("flake") as flake:
        flake.drop_column("is_reviewed")
