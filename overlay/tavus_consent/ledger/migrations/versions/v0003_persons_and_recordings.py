"""The owner of each index value, when it was added, and the bars against it. The rows are rebuilt on first use."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INDEX = "tavus_consent_index"


def upgrade() -> None:
    """Add the columns, and an index that returns the bars against a value without reading its rows."""
    op.add_column(INDEX, sa.Column("person", sa.Text, nullable=False, server_default=""))
    for name in ("since", "bars", "barred"):
        kind = sa.BigInteger().with_variant(sa.Integer, "sqlite") if name != "bars" else sa.Integer
        op.add_column(INDEX, sa.Column(name, kind, nullable=False, server_default="0"))
    columns = ["kind", "blind", "person", "bars", "since", "barred", "record_id"]
    op.create_index(f"{INDEX}_standing", INDEX, columns)
