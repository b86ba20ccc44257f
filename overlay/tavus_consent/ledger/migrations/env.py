"""The entry point of Alembic. The caller provides the connection, inside the caller's own transaction."""

from alembic import context

from tavus_consent.ledger.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table=VERSION_TABLE
)
context.run_migrations()
