"""Undone reviews, how model versions came into service, events, earlier verdicts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# SQLite counts up only an INTEGER PRIMARY KEY.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("review") as review:
        review.add_column(sa.Column("undone_at", sa.DateTime(timezone=True)))
        review.add_column(sa.Column("undone_by", sa.String(length=200)))
    with op.batch_alter_table("model_version") as model:
        model.add_column(sa.Column("created_by", sa.String(length=200)))
        model.add_column(sa.Column("promoted_by", sa.String(length=200)))
        model.add_column(sa.Column("replaced_version", sa.String(length=200)))
        model.add_column(sa.Column("gate", sa.JSON()))
    op.create_table(
        "event",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("scan_id", ID),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "past_verdict",
        sa.Column("flake_id", ID, autoincrement=False, nullable=False),
        sa.Column("model_version", sa.String(length=200), nullable=False),
        sa.Column("scan_id", ID, nullable=False),
        sa.Column("p_graphene", sa.Double(), nullable=False),
        sa.Column("is_graphene", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_version"],
            ["model_version.version"],
            name=op.f("fk_past_verdict_model_version"),
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name=op.f("fk_past_verdict_scan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("flake_id", "model_version", name=op.f("pk_past_verdict")),
    )
    op.create_index(
        op.f("ix_past_verdict_scan_id_model_version"), "past_verdict", ["scan_id", "model_version"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_past_verdict_scan_id_model_version"), table_name="past_verdict")
    op.drop_table("past_verdict")
    op.drop_table("event")
    # A column that nothing refers to is dropped in place, also by SQLite.
    for column in ("gate", "replaced_version", "promoted_by", "created_by"):
        op.drop_column("model_version", column)
    for column in ("undone_by", "undone_at"):
        op.drop_column("review", column)
