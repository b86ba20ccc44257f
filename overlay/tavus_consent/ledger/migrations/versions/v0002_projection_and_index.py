"""The projection, the replicas of records, and blind indexes. The rows are built when the ledger is first opened."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

RECORDS = "tavus_consent_records"


def upgrade() -> None:
    """Create the tables, and the columns that track their versions."""
    text = sa.Text
    op.create_table(
        RECORDS,
        sa.Column("record_id", text, primary_key=True),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("subject_ref", text, nullable=False),
        sa.Column("state", text, nullable=False),
        sa.Column("expires_at", text),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("version", "unsettled", "attestation")),
        sa.Column("folded", text, nullable=False),
    )
    for column in ("seq", "subject_ref", "state"):
        op.create_index(f"ix_{RECORDS}_{column}", RECORDS, [column])
    where = sa.text("unsettled = 1")
    op.create_index(f"{RECORDS}_unsettled", RECORDS, ["seq"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "tavus_consent_replicas", *(sa.Column(name, text, primary_key=True) for name in ("replica_id", "record_id"))
    )
    op.create_table(
        "tavus_consent_index",
        *(sa.Column(name, text, primary_key=True) for name in ("kind", "blind", "record_id")),
        sa.Column("mac", text, nullable=False),
    )
    op.create_index("ix_tavus_consent_index_record_id", "tavus_consent_index", ["record_id"])
    for name in ("fold", "indexed", "imported"):
        op.add_column("tavus_consent_ledger", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    op.add_column("tavus_consent_ledger", sa.Column("checksum", text, nullable=False, server_default=""))
