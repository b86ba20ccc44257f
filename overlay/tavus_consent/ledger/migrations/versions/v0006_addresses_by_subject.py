"""An index over the objects of callback addresses: each look of a wait asks for one."""

from alembic import op

revision = "0006"
down_revision = "0005"

ADDRESSES = "tavus_consent_addresses"


def upgrade() -> None:
    """Create the index."""
    op.create_index(f"ix_{ADDRESSES}_subject", ADDRESSES, ["subject"])
