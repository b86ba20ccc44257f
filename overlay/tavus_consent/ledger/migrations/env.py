"""Alembic's way in: the connection is given by whoever runs it, inside a transaction that is theirs."""

from alembic import context

from tavus_consent.ledger.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table=VERSION_TABLE
)
context.run_migrations()
