"""The first tables: scan, tile, detection, flake, review, model_version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite counts up only an INTEGER PRIMARY KEY.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def seen() -> list[sa.Column]:
    """What a detection and a flake share."""
    return [
        sa.Column("p_graphene", sa.Double(), nullable=False),
        sa.Column("is_graphene", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("model_version", sa.String(length=200), nullable=False),
        sa.Column("layers", sa.Integer()),
        sa.Column("layers_sigma", sa.Double()),
        sa.Column("layers_source", sa.String(length=32)),
        sa.Column("area_px", sa.Integer(), nullable=False),
        sa.Column("area_um2", sa.Double()),
        sa.Column("bbox_x_px", sa.Integer(), nullable=False),
        sa.Column("bbox_y_px", sa.Integer(), nullable=False),
        sa.Column("bbox_width_px", sa.Integer(), nullable=False),
        sa.Column("bbox_height_px", sa.Integer(), nullable=False),
        sa.Column("centre_x_px", sa.Double(), nullable=False),
        sa.Column("centre_y_px", sa.Double(), nullable=False),
        sa.Column("polygon_px", sa.JSON(), nullable=False),
        sa.Column("centre_x_um", sa.Double()),
        sa.Column("centre_y_um", sa.Double()),
        sa.Column("contrast_r", sa.Double(), nullable=False),
        sa.Column("contrast_g", sa.Double(), nullable=False),
        sa.Column("contrast_b", sa.Double(), nullable=False),
        sa.Column("touches_border", sa.Boolean(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "model_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("architecture", sa.String(length=200)),
        sa.Column("input_size_px", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("temperature", sa.Double(), nullable=False),
        sa.Column("data_digest", sa.String(length=200), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("provenance", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promoted_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_version")),
        sa.UniqueConstraint("version", name=op.f("uq_model_version_version")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_model_version_active",
        "model_version",
        ["is_active"],
        unique=True,
        sqlite_where=sa.text("is_active"),
        postgresql_where=sa.text("is_active"),
    )

    op.create_table(
        "scan",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("material", sa.String(length=200)),
        sa.Column("oxide_nm", sa.Double()),
        sa.Column("um_per_px", sa.Double()),
        sa.Column("affine", sa.JSON()),
        sa.Column("flip_x", sa.Boolean(), nullable=False),
        sa.Column("flip_y", sa.Boolean(), nullable=False),
        sa.Column("swap_xy", sa.Boolean(), nullable=False),
        sa.Column("position_reference", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tiles_expected", sa.Integer()),
        sa.Column("tile_reach_um", sa.Double()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "position_reference IN ('centre', 'top_left')", name=op.f("ck_scan_position_reference")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'queued', 'screening', 'done', 'failed', 'cancelled')",
            name=op.f("ck_scan_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tile",
        sa.Column("id", ID, nullable=False),
        sa.Column("scan_id", ID, nullable=False),
        sa.Column("position_key", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=255)),
        sa.Column("row", sa.Integer()),
        sa.Column("col", sa.Integer()),
        sa.Column("stage_x_um", sa.Double()),
        sa.Column("stage_y_um", sa.Double()),
        sa.Column("stage_z_um", sa.Double()),
        sa.Column("um_per_px", sa.Double()),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("width_px", sa.Integer()),
        sa.Column("height_px", sa.Integer()),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("model_version", sa.String(length=200)),
        sa.Column("background_rgb", sa.JSON()),
        sa.Column("noise_rgb", sa.JSON()),
        sa.Column("bare_fraction", sa.Double()),
        sa.Column("focus", sa.Double()),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("error", sa.String()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("screened_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('queued', 'screened', 'failed')", name=op.f("ck_tile_state")),
        sa.CheckConstraint("(row IS NULL) = (col IS NULL)", name=op.f("ck_tile_row_with_col")),
        sa.CheckConstraint(
            "(stage_x_um IS NULL) = (stage_y_um IS NULL)",
            name=op.f("ck_tile_stage_x_um_with_stage_y_um"),
        ),
        sa.ForeignKeyConstraint(
            ["model_version"], ["model_version.version"], name=op.f("fk_tile_model_version")
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name=op.f("fk_tile_scan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tile")),
        sa.UniqueConstraint("scan_id", "position_key", name=op.f("uq_tile_scan_id_position_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_tile_scan_id_stage_x_um_stage_y_um"),
        "tile",
        ["scan_id", "stage_x_um", "stage_y_um"],
    )
    op.create_index(op.f("ix_tile_scan_id_state"), "tile", ["scan_id", "state"])
    op.create_index(op.f("ix_tile_sha256"), "tile", ["sha256"])

    op.create_table(
        "flake",
        sa.Column("id", ID, nullable=False),
        sa.Column("scan_id", ID, nullable=False),
        sa.Column("is_lost", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tile_id", ID, nullable=False),
        *seen(),
        sa.Column("polygon_um", sa.JSON()),
        sa.ForeignKeyConstraint(
            ["model_version"], ["model_version.version"], name=op.f("fk_flake_model_version")
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name=op.f("fk_flake_scan_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tile_id"], ["tile.id"], name=op.f("fk_flake_tile_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flake")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_flake_area_um2_id"), "flake", ["area_um2", "id"])
    op.create_index(op.f("ix_flake_p_graphene_id"), "flake", ["p_graphene", "id"])
    op.create_index(op.f("ix_flake_scan_id_area_um2_id"), "flake", ["scan_id", "area_um2", "id"])
    op.create_index(
        op.f("ix_flake_scan_id_is_lost_is_graphene"),
        "flake",
        ["scan_id", "is_lost", "is_graphene"],
    )
    op.create_index(
        op.f("ix_flake_scan_id_p_graphene_id"),
        "flake",
        ["scan_id", "p_graphene", "id"],
    )
    op.create_index(op.f("ix_flake_tile_id"), "flake", ["tile_id"])

    op.create_table(
        "detection",
        sa.Column("id", ID, nullable=False),
        sa.Column("candidate_index", sa.Integer(), nullable=False),
        sa.Column("flake_id", ID),
        sa.Column("mask_png", sa.LargeBinary(), nullable=False),
        sa.Column("min_x_um", sa.Double()),
        sa.Column("min_y_um", sa.Double()),
        sa.Column("max_x_um", sa.Double()),
        sa.Column("max_y_um", sa.Double()),
        sa.Column("tile_id", ID, nullable=False),
        *seen(),
        sa.ForeignKeyConstraint(
            ["flake_id"], ["flake.id"], name=op.f("fk_detection_flake_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["model_version"], ["model_version.version"], name=op.f("fk_detection_model_version")
        ),
        sa.ForeignKeyConstraint(
            ["tile_id"], ["tile.id"], name=op.f("fk_detection_tile_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detection")),
        sa.UniqueConstraint(
            "tile_id",
            "model_version",
            "candidate_index",
            name=op.f("uq_detection_tile_id_model_version_candidate_index"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_detection_flake_id"), "detection", ["flake_id"])

    op.create_table(
        "review",
        sa.Column("id", ID, nullable=False),
        sa.Column("flake_id", ID, nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("layers", sa.Integer()),
        sa.Column("note", sa.String()),
        sa.Column("reviewer", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "label IN ('graphene', 'not_graphene', 'unsure')", name=op.f("ck_review_label")
        ),
        sa.ForeignKeyConstraint(
            ["flake_id"], ["flake.id"], name=op.f("fk_review_flake_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_review_flake_id"), "review", ["flake_id"])


def downgrade() -> None:
    for table in ("review", "detection", "flake", "tile", "scan", "model_version"):
        op.drop_table(table)
