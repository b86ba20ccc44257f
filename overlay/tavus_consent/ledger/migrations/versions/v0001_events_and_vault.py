"""The first version: append-only events, and the vault."""

import uuid

import sqlalchemy as sa
from alembic import op

from tavus_consent.ledger.triggers import EVENTS, POSTGRESQL, SQLITE

revision = "0001"
down_revision = None

# ANALYZE copies values into the catalog, where no erasure would find them.
WITHOUT_STATISTICS = (
    "ALTER TABLE tavus_consent_keys ALTER COLUMN wrapped SET STATISTICS 0",
    "ALTER TABLE tavus_consent_items ALTER COLUMN sealed SET STATISTICS 0",
)


def upgrade() -> None:
    """Create the tables, the index of a record's events, and the triggers."""
    text = sa.Text
    op.create_table(
        EVENTS,
        # INTEGER makes the column SQLite's own row key, which holds 64 bits.
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("event_id", text, nullable=False, unique=True),
        *(
            sa.Column(name, text, nullable=False)
            for name in ("type", "at", "record_id", "subject_ref", "actor", "payload", "prev", "hash")
        ),
    )
    op.create_index(f"{EVENTS}_record", EVENTS, ["record_id", "seq"])
    ledger = op.create_table("tavus_consent_ledger", sa.Column("ledger_id", text, primary_key=True))
    op.bulk_insert(ledger, [{"ledger_id": uuid.uuid4().hex}])
    op.create_table(
        "tavus_consent_keys",
        sa.Column("subject_ref", text, primary_key=True),
        sa.Column("kek_id", text),
        sa.Column("wrapped", sa.LargeBinary),
    )
    op.create_table(
        "tavus_consent_items",
        *(sa.Column(name, text, primary_key=True) for name in ("subject_ref", "kind", "ref")),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE.values() if is_sqlite else (*POSTGRESQL, *WITHOUT_STATISTICS):
        op.execute(statement)
