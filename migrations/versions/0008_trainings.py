"""Data sets that were brought in, and trainings."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# SQLite counts up only an INTEGER PRIMARY KEY.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dataset",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("group_by", sa.String(length=16), nullable=False),
        sa.Column("exhaustive", sa.Boolean(), nullable=False),
        sa.Column("graphene", sa.Integer(), nullable=False),
        sa.Column("other", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind IN ('classes', 'flat', 'coco')", name=op.f("ck_dataset_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("sha256", name=op.f("uq_dataset_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "training",
        sa.Column("id", ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("epochs", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("model_version", sa.String(length=200)),
        sa.Column("report_sha256", sa.String(length=64)),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')",
            name=op.f("ck_training_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("training")
    op.drop_table("dataset")
