"""What a scan was brought in from, how far its run is, and which workers live."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("scan") as scan:
        scan.add_column(sa.Column("source", sa.String(length=1000)))
        scan.add_column(sa.Column("format", sa.String(length=200)))
        # The defaults are for the rows that are there already.
        scan.add_column(sa.Column("notes", sa.JSON(), nullable=False, server_default="[]"))
        scan.add_column(sa.Column("error", sa.String()))
        for name in ("run", "taken", "chunks"):
            scan.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("tile") as tile:
        tile.add_column(sa.Column("starts", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_scan_source"), "scan", ["source"])
    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )


def downgrade() -> None:
    op.drop_table("worker")
    op.drop_index(op.f("ix_scan_source"), table_name="scan")
    with op.batch_alter_table("tile") as tile:
        tile.drop_column("starts")
    with op.batch_alter_table("scan") as scan:
        for name in ("chunks", "taken", "run", "error", "notes", "format", "source"):
            scan.drop_column(name)
