"""Whether a person or the files stated a scan's scale, and what the files say of it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("scan") as scan:
        # The default is for the rows that are there already: nobody knows who stated theirs.
        scan.add_column(
            sa.Column(
                "um_per_px_from", sa.String(length=16), nullable=False, server_default="files"
            )
        )
        scan.add_column(sa.Column("files_um_per_px", sa.Double()))


def downgrade() -> None:
    with op.batch_alter_table("scan") as scan:
        scan.drop_column("files_um_per_px")
        scan.drop_column("um_per_px_from")
