"""What a scan was given or has learnt: flat field, substrate, corrected positions, warnings."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "substrate",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("oxide_nm", sa.Double()),
        sa.Column("reference_contrasts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substrate")),
        sa.UniqueConstraint("name", name=op.f("uq_substrate_name")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        # With its column: apart from it, SQLite would have to copy the table, and a copy loses
        # the checks.
        column = sa.Column("substrate_id", ID, sa.ForeignKey("substrate.id"))
        op.add_column("scan", column, inline_references=True)
    else:
        op.add_column("scan", sa.Column("substrate_id", ID))
        name = op.f("fk_scan_substrate_id")
        op.create_foreign_key(name, "scan", "substrate", ["substrate_id"], ["id"])
    # The defaults are for the rows that are there already.
    for column in (
        sa.Column("flat_field", sa.String(length=16), nullable=False, server_default="none"),
        sa.Column("flat_field_sha256", sa.String(length=64)),
        sa.Column("positions", sa.String(length=16), nullable=False, server_default="stated"),
        sa.Column("positions_wanted", sa.String(length=16)),
        sa.Column("warnings", sa.JSON(), nullable=False, server_default="[]"),
    ):
        op.add_column("scan", column)
    op.create_index(op.f("ix_scan_substrate_id"), "scan", ["substrate_id"])
    op.add_column("tile", sa.Column("corrected_x_um", sa.Double()))
    op.add_column("tile", sa.Column("corrected_y_um", sa.Double()))


def downgrade() -> None:
    with op.batch_alter_table("tile") as tile:
        tile.drop_column("corrected_y_um")
        tile.drop_column("corrected_x_um")
    op.drop_index(op.f("ix_scan_substrate_id"), table_name="scan")
    with op.batch_alter_table("scan") as scan:
        for name in ("warnings", "positions_wanted", "positions", "flat_field_sha256"):
            scan.drop_column(name)
        scan.drop_column("flat_field")
        scan.drop_column("substrate_id")
    op.drop_table("substrate")
