"""Addresses of callbacks, received callbacks, and the states that were delivered."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ADDRESSES = "tavus_consent_addresses"
CALLBACKS = "tavus_consent_callbacks"


def upgrade() -> None:
    """Create the tables."""
    text = sa.Text
    op.create_table(
        ADDRESSES,
        sa.Column("token_sha256", text, primary_key=True),
        *(sa.Column(name, text) for name in ("job", "kind")),
        *(sa.Column(name, text, nullable=False) for name in ("issued_at", "expires_at")),
        sa.Column("subject", text),
    )
    op.create_index(f"ix_{ADDRESSES}_expires_at", ADDRESSES, ["expires_at"])
    op.create_table(
        CALLBACKS,
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        *(sa.Column(name, text, nullable=False) for name in ("address", "queue", "received_at", "status", "due_at")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("attempts", "asked")),
        sa.Column("outcome", text),
        sa.Column("body", sa.LargeBinary),
    )
    op.create_index(f"{CALLBACKS}_due", CALLBACKS, ["status", "due_at"])
    op.create_index(f"{CALLBACKS}_queue", CALLBACKS, ["queue", "status", "id"])
    op.create_index(f"{CALLBACKS}_address", CALLBACKS, ["address", "status"])
    op.create_table(
        "tavus_consent_callback_states",
        *(sa.Column(name, text, primary_key=True) for name in ("address", "state")),
        sa.Column("at", text, nullable=False),
    )
    if op.get_bind().dialect.name != "sqlite":  # ANALYZE copies values into the catalog
        op.execute(f"ALTER TABLE {CALLBACKS} ALTER COLUMN body SET STATISTICS 0")
