"""Facts that a worker let us keep for the next estimate, and when they agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("workers") as workers:
        workers.add_column(sa.Column("facts", sa.Text()))
        workers.add_column(sa.Column("facts_agreed_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("workers") as workers:
        workers.drop_column("facts_agreed_at")
        workers.drop_column("facts")
