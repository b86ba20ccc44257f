"""The first version: events that only grow, and the vault."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

EVENTS = "tavus_consent_events"
REFUSAL = "the events of the consent ledger are never changed or removed"

# REPLACE removes rows without asking the trigger on DELETE, hence the one on INSERT.
SQLITE = [
    f"CREATE TRIGGER {EVENTS}_no_{name} BEFORE {event} ON {EVENTS} {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for name, event, when in (
        ("update", "UPDATE", ""),
        ("delete", "DELETE", ""),
        (
            "replace",
            "INSERT",
            f"WHEN EXISTS (SELECT 1 FROM {EVENTS} WHERE seq = NEW.seq OR event_id = NEW.event_id)",  # noqa: S608 - a constant
        ),
    )
]
POSTGRESQL = [
    f"CREATE FUNCTION {EVENTS}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$",
    f"CREATE TRIGGER {EVENTS}_no_change BEFORE UPDATE OR DELETE ON {EVENTS} "
    f"FOR EACH ROW EXECUTE FUNCTION {EVENTS}_refuse()",
    f"CREATE TRIGGER {EVENTS}_no_truncate BEFORE TRUNCATE ON {EVENTS} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {EVENTS}_refuse()",
    # ANALYZE copies values into the catalogue, where no erasure would find them.
    "ALTER TABLE tavus_consent_keys ALTER COLUMN wrapped SET STATISTICS 0",
    "ALTER TABLE tavus_consent_items ALTER COLUMN sealed SET STATISTICS 0",
]


def upgrade() -> None:
    """Make the tables, the index of a record's events, and the triggers."""
    text = sa.Text
    op.create_table(
        EVENTS,
        # INTEGER is what makes it SQLite's own key of the row; it holds 64 bits there.
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
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
