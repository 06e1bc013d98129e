"""Data sets that are the reviews of a deleted scan."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dataset", sa.Column("kept_scan", sa.String(length=200)))


def downgrade() -> None:
    with op.batch_alter_table("dataset") as dataset:
        dataset.drop_column("kept_scan")
