"""The chip map: small pictures of tiles, a revision of what it shows, flakes by their place."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# SQLite counts up only an INTEGER PRIMARY KEY.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

PLACES = ["scan_id", "centre_x_um", "centre_y_um", "is_lost", "is_graphene", "is_reviewed"]
MEASURES = ["layers", "area_um2", "p_graphene", "id"]


def upgrade() -> None:
    # The default is for the rows that are there already.
    with op.batch_alter_table("scan") as scan:
        scan.add_column(sa.Column("map_revision", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "thumbnail",
        sa.Column("tile_id", ID, autoincrement=False, nullable=False),
        sa.Column("made_from", sa.String(length=64), nullable=False),
        sa.Column("depth_bits", sa.Integer(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tile_id"], ["tile.id"], name=op.f("fk_thumbnail_tile_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tile_id", name=op.f("pk_thumbnail")),
    )
    op.create_index("ix_flake_by_place", "flake", [*PLACES, *MEASURES])


def downgrade() -> None:
    op.drop_index("ix_flake_by_place", table_name="flake")
    op.drop_table("thumbnail")
    # A column that nothing refers to is dropped in place, also by SQLite.
    op.drop_column("scan", "map_revision")
