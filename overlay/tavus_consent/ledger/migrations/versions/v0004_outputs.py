"""The table of what was made with likenesses. Older ledgers have no events about it, so it begins empty."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OUTPUTS = "tavus_consent_outputs"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        OUTPUTS,
        sa.Column("object_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("record_id", sa.Text, primary_key=True),
    )
    op.create_index(f"ix_{OUTPUTS}_record_id", OUTPUTS, ["record_id"])
