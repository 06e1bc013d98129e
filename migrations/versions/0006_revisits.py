"""Images taken again of a flake, at higher magnification."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# SQLite counts up only an INTEGER PRIMARY KEY.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "revisit",
        sa.Column("id", ID, nullable=False),
        sa.Column("flake_id", ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255)),
        sa.Column("um_per_px", sa.Double()),
        sa.Column("stage_x_um", sa.Double()),
        sa.Column("stage_y_um", sa.Double()),
        sa.Column("stage_z_um", sa.Double()),
        sa.Column("note", sa.String()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(stage_x_um IS NULL) = (stage_y_um IS NULL)",
            name=op.f("ck_revisit_stage_x_um_with_stage_y_um"),
        ),
        sa.ForeignKeyConstraint(
            ["flake_id"], ["flake.id"], name=op.f("fk_revisit_flake_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisit")),
        sa.UniqueConstraint("flake_id", "sha256", name=op.f("uq_revisit_flake_id_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_revisit_sha256"), "revisit", ["sha256"])


def downgrade() -> None:
    op.drop_index(op.f("ix_revisit_sha256"), table_name="revisit")
    op.drop_table("revisit")
