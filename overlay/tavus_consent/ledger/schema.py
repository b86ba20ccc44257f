"""The tables for SQLite and PostgreSQL, from which statements are built. The migrations create them.

All names begin with ``tavus_consent_`` because the ledger may share a database with an application.
"""

from __future__ import annotations

from tavus_consent.errors import MissingExtraError

try:
    import sqlalchemy as sa
except ImportError:
    raise MissingExtraError("ledger", "the consent ledger") from None

__all__ = [
    "TABLES",
    "VERSION",
    "VERSION_TABLE",
    "WORK_TABLES",
    "addresses",
    "callback_states",
    "callbacks",
    "events",
    "identity",
    "index",
    "items",
    "keys",
    "metadata",
    "outputs",
    "records",
    "replicas",
    "sa",
]

VERSION_TABLE = "tavus_consent_version"
VERSION = "0006"
"""The newest migration. Revisions count up, so text order is revision order."""

metadata = sa.MetaData()

# The columns are in the order of chain.Row. Times are stored as text, exactly as they are hashed.
events = sa.Table(
    "tavus_consent_events",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("event_id", sa.Text, nullable=False, unique=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("subject_ref", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("prev", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

# One row, the identity row: the ledger's random name, which is also the name of its key; the fold version of the
# projection; the version of the index; the last imported event; and a checksum over all of them.
identity = sa.Table(
    "tavus_consent_ledger",
    metadata,
    sa.Column("ledger_id", sa.Text, primary_key=True),
    sa.Column("fold", sa.Integer, nullable=False, server_default="0"),
    sa.Column("indexed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("imported", sa.Integer, nullable=False, server_default="0"),
    sa.Column("checksum", sa.Text, nullable=False, server_default=""),
)

# A person's wrapped key. An erased person keeps a row without a key, so that no second key is created by mistake.
keys = sa.Table(
    "tavus_consent_keys",
    metadata,
    sa.Column("subject_ref", sa.Text, primary_key=True),
    sa.Column("kek_id", sa.Text),
    sa.Column("wrapped", sa.LargeBinary),
)

items = sa.Table(
    "tavus_consent_items",
    metadata,
    sa.Column("subject_ref", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

# The projection: the state of each record as of its last event. It changes with every event, in the same transaction,
# and can be rebuilt from the events.
records = sa.Table(
    "tavus_consent_records",
    metadata,
    sa.Column("record_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, index=True),
    sa.Column("subject_ref", sa.Text, nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("expires_at", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("unsettled", sa.Integer, nullable=False),
    sa.Column("attestation", sa.Integer, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),
)
sa.Index(
    "tavus_consent_records_unsettled",
    records.c.seq,
    sqlite_where=records.c.unsettled == 1,
    postgresql_where=records.c.unsettled == 1,
)

# Part of the projection: the records that a replica was created from.
replicas = sa.Table(
    "tavus_consent_replicas",
    metadata,
    sa.Column("replica_id", sa.Text, primary_key=True),
    sa.Column("record_id", sa.Text, primary_key=True),
)

# Part of the projection: what was made with the likenesses of a record, such as videos and conversations.
outputs = sa.Table(
    "tavus_consent_outputs",
    metadata,
    sa.Column("object_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("record_id", sa.Text, primary_key=True, index=True),
)

# Blind indexes under a key of the ledger; each row also holds an authentication code. The bars against a value change
# with the events, in the same transaction.
index = sa.Table(
    "tavus_consent_index",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("blind", sa.Text, primary_key=True),
    sa.Column("record_id", sa.Text, primary_key=True, index=True),
    sa.Column("mac", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False, server_default=""),
    sa.Column("since", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, server_default="0"),
    sa.Column("bars", sa.Integer, nullable=False, server_default="0"),
    sa.Column("barred", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, server_default="0"),
)
sa.Index(
    "tavus_consent_index_standing",
    *(index.c[name] for name in ("kind", "blind", "person", "bars", "since", "barred", "record_id")),
)

# The addresses that were given to Tavus. Of the secret in an address, only the hash is stored.
addresses = sa.Table(
    "tavus_consent_addresses",
    metadata,
    sa.Column("token_sha256", sa.Text, primary_key=True),
    sa.Column("job", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("issued_at", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False, index=True),
    sa.Column("subject", sa.Text, index=True),
)

# The callbacks that were received, a queue for each object. Bodies are encrypted under the ledger's own key, and
# deleted once they are delivered.
callbacks = sa.Table(
    "tavus_consent_callbacks",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("received_at", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("due_at", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("body", sa.LargeBinary),
)
sa.Index("tavus_consent_callbacks_due", callbacks.c.status, callbacks.c.due_at)
sa.Index("tavus_consent_callbacks_queue", callbacks.c.queue, callbacks.c.status, callbacks.c.id)
sa.Index("tavus_consent_callbacks_address", callbacks.c.address, callbacks.c.status)

# The states that were delivered, so that each is delivered once.
callback_states = sa.Table(
    "tavus_consent_callback_states",
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
)

TABLES = (events, identity, keys, items, records, replicas, outputs, index)
"""The tables of the ledger proper. A check finds any change in them."""
WORK_TABLES = (addresses, callbacks, callback_states)
"""The tables of the work with callbacks, which proves nothing. A check only finds damage in them."""
